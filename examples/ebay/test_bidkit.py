"""A published eBay client against every denial of sendOfferToInterestedBuyers."""

import pytest
from bidkit import EbayClient, EbayConfig
from bidkit.errors import EbayAPIError
from bidkit.generated.models.sell_negotiation import CreateOffersRequest

SCOPES = ("https://api.ebay.com/oauth/api_scope/sell.inventory",)


@pytest.fixture
def ebay(offer_sandbox):
    """The client, whose calls to https://api.ebay.com reach the sandbox."""
    key = offer_sandbox.credential("ebay")
    config = EbayConfig(app_id=key, cert_id=key, refresh_token=key, scopes=SCOPES, max_retries=0)
    with offer_sandbox.intercept(), EbayClient(config) as client:
        yield client


def send(ebay):
    """Sends an offer of 10 percent, and returns the offers."""
    item = {"listingId": "110000000001", "discountPercentage": "10"}
    body = CreateOffersRequest.model_validate({"offeredItems": [item]})
    sent = ebay.sell.negotiation.send_offer_to_interested_buyers(body=body, x_ebay_c_marketplace_id="EBAY_US")
    return sent.offers


def test_offers_are_sent(ebay, offer_sandbox):
    assert len(send(ebay)) == 3
    offer_sandbox.assert_called("ebay.token", outcome="success")


@pytest.mark.sandbox_outcomes("ebay.sendOfferToInterestedBuyers", kind="denial")
def test_a_denial(ebay, outcome):
    with pytest.raises(EbayAPIError) as denied:
        send(ebay)
    assert str(denied.value.payload["errors"][0]["errorId"]) == outcome.name
