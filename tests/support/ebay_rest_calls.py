"""The published client ebay_rest at work: a token, a list and two sends."""

import warnings

import pytest

SCOPES = ("https://api.ebay.com/oauth/api_scope", "https://api.ebay.com/oauth/api_scope/sell.inventory")


def use_ebay_rest(key: str) -> None:
    """Refreshes the token, lists, sends, and sends the same again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, on import
        from ebay_rest import API, Error

    application = {"app_id": key, "cert_id": key, "dev_id": "dev", "redirect_uri": "RuName"}
    user = {
        "email_or_username": "sandbox_seller",
        "password": "unused",
        "scopes": list(SCOPES),
        "refresh_token": key,
        "refresh_token_expiry": "2099-01-01T00:00:00.000Z",
    }
    header = {"accept_language": "en-US", "affiliate_campaign_id": "", "affiliate_reference_id": "",
              "content_language": "en-US", "country": "US", "currency": "USD", "device_id": "",
              "marketplace_id": "EBAY_US", "zip": "94104"}  # fmt: skip
    api = API(application=application, user=user, header=header)
    listed = [
        each["record"]["listing_id"]
        for each in api.sell_negotiation_find_eligible_items("EBAY_US")
        if "record" in each
    ]
    assert len(listed) == 20
    body = {"offeredItems": [{"listingId": listed[0], "discountPercentage": "10"}]}
    sent = api.sell_negotiation_send_offer_to_interested_buyers("EBAY_US", "application/json", body=body)
    assert [offer["offer_status"] for offer in sent["offers"]] == ["PENDING"] * 3
    with pytest.raises(Error) as refused:
        api.sell_negotiation_send_offer_to_interested_buyers("EBAY_US", "application/json", body=body)
    assert "150019" in str(refused.value.as_dict())
