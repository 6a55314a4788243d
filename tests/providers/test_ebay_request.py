"""eBay, sendOfferToInterestedBuyers: what a request must look like, and the REQUEST errors (400)."""

import re

import pytest

from ebay_calls import INITIAL, LISTING, body, errors, ids, price
from running_server import EBAY_SEND, Client, outcome

MARKETPLACES = [
    "EBAY_AU",
    "EBAY_CA",
    "EBAY_DE",
    "EBAY_ES",
    "EBAY_FR",
    "EBAY_GB",
    "EBAY_IT",
    "EBAY_US",
    "EBAY_MOTORS_US",
]


@pytest.mark.documented("ebay:17", "ebay:19", "ebay:421", "ebay:23")
@pytest.mark.parametrize("host", ["api.ebay.com", "api.sandbox.ebay.com"])
def test_the_documented_address_works_with_only_the_host_changed(client: Client, host):
    answer = client.send(headers={"Host": host})
    assert answer.request.path_url == "/sell/negotiation/v1/send_offer_to_interested_buyers"
    assert answer.status_code == 200


@pytest.mark.documented("ebay:415", "ebay:416", "ebay:417", "ebay:418a", "ebay:419")
@pytest.mark.parametrize("discount", [{"discountPercentage": "10"}, price("90.00")])
def test_the_sample_request_is_accepted(client: Client, discount):
    """Item id, message, duration, discount as a percentage or a price, quantity."""
    sample = {
        "message": "Hurry, the sale ends soon.",
        "offerDuration": {"unit": "DAY", "value": 2},
        **body(quantity=2, **discount),
    }
    assert client.send(sample).status_code == 200


@pytest.mark.documented("ebay:27")
def test_a_request_without_authorization_is_refused(client: Client):
    answer = client.send(headers={"Authorization": None})
    assert (answer.status_code, ids(answer)) == (400, [1002])
    answer = client.send(headers={"Authorization": "Basic abc"})
    assert (answer.status_code, errors(answer)) == (400, [(1003, {"scheme": "Basic"})])


@pytest.mark.documented("ebay:29")
def test_other_standard_headers_may_be_sent(client: Client):
    assert client.send(headers={"Accept-Language": "en-US", "X-EBAY-C-ENDUSERCTX": "a=b"}).status_code == 200


@pytest.mark.documented("ebay:32", "ebay:38", "ebay:369")
@pytest.mark.parametrize("missing", ["Content-Type", "X-EBAY-C-MARKETPLACE-ID"])
def test_each_mandatory_header_is_missed(client: Client, missing):
    headers = {"Authorization": "Bearer sbx_a", "Content-Type": "application/json"}
    headers = {**headers, "X-EBAY-C-MARKETPLACE-ID": "EBAY_US", missing: None}
    answer = client.call("POST", EBAY_SEND, headers=headers, data=b'{"offeredItems": []}')
    assert answer.status_code == 400
    assert (150001, {}) in errors(answer)
    assert missing.lower() in answer.headers["X-Sandbox-Reason"].lower()


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_content_type_is_invalid(client: Client, media_type):
    answer = client.ebay("POST", EBAY_SEND, data=b"{}", headers={"Content-Type": media_type})
    assert (answer.status_code, ids(answer), outcome(answer)) == (400, [2004], "unsupported_media_type")


def test_the_content_type_may_carry_a_charset(client: Client):
    answer = client.send(headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status_code == 200


@pytest.mark.documented("ebay:370")
def test_an_unknown_marketplace_is_named_with_the_known_ones(client: Client):
    answer = client.send(headers={"X-EBAY-C-MARKETPLACE-ID": "EBAY_XX"})
    told = {"marketplaceId": "EBAY_XX", "marketplaceIds": ", ".join(MARKETPLACES)}
    assert (answer.status_code, errors(answer)) == (400, [(150002, told)])
    assert "EBAY_XX" in answer.json()["errors"][0]["message"]


@pytest.mark.documented("ebay:46a", "ebay:46b", "ebay:48")
@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("grant_type=client_credentials", 1100),
        ("grant_type=refresh_token&refresh_token=sbx_a&scope=https://api.ebay.com/oauth/api_scope", 1100),
        (
            "grant_type=refresh_token&refresh_token=sbx_a"
            "&scope=https://api.ebay.com/oauth/api_scope/sell.inventory.readonly",
            1100,
        ),
        (
            "grant_type=refresh_token&refresh_token=sbx_a&scope=https://api.ebay.com/oauth/api_scope/sell.inventory",
            None,
        ),
        ("grant_type=authorization_code&code=sbx_a&redirect_uri=any", None),
    ],
)
def test_the_token_must_be_a_users_with_the_scope(client: Client, form, expected):
    granted = client.call(
        "POST",
        "/identity/v1/oauth2/token",
        data=form,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        auth=("app", "cert"),
    ).json()
    answer = client.send(headers={"Authorization": f"Bearer {granted['access_token']}"})
    assert answer.status_code == (403 if expected else 200)
    assert expected is None or ids(answer) == [expected]


@pytest.mark.documented(
    "ebay:59", "ebay:69", "ebay:81", "ebay:93", "ebay:103", "ebay:109", "ebay:117", "ebay:129", "ebay:137",
    "ebay:147", "ebay:157", "ebay:163", "ebay:375",
)  # fmt: skip
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"allowCounterOffer": "false"}, "allowCounterOffer"),
        ({"message": 5}, "message"),
        ({"offerDuration": "2 DAY"}, "offerDuration"),
        ({"offerDuration": {"unit": "FORTNIGHT", "value": 2}}, "offerDuration.unit"),
        ({"offerDuration": {"unit": "DAY", "value": "2"}}, "offerDuration.value"),
        ({"offerDuration": {"unit": "DAY", "value": True}}, "offerDuration.value"),
        ({"offerDuration": {"unit": "DAY", "value": 2.5}}, "offerDuration.value"),
        ({"offeredItems": {}}, "offeredItems"),
        ({"offeredItems": ["x"]}, "offeredItems"),
        (body(discountPercentage=10), "offeredItems.discountPercentage"),
        (body(listingId=110000000001), "offeredItems.listingId"),
        (body(discountPercentage=None, price="90.00"), "offeredItems.price"),
        (body(**price("90.00", "US$")), "offeredItems.price.currency"),
        (body(**price(90)), "offeredItems.price.value"),
        (body(**price("90.005")), "offeredItems.price.value"),
        (body(quantity="1"), "offeredItems.quantity"),
        (body(quantity=1.9), "offeredItems.quantity"),
        (body(quantity=True), "offeredItems.quantity"),
        (body(quantity=0), "offeredItems.quantity"),
    ],
)
def test_a_value_of_a_wrong_type_is_named(client: Client, changed, field):
    answer = client.send({**body(), **changed})
    assert answer.status_code == 400
    assert [(id, told["fieldName"]) for id, told in errors(answer)] == [(150009, field)]
    [fault] = answer.json()["errors"]
    assert re.fullmatch(rf"Invalid value for {re.escape(field)}\. The value (is|must) [^.]+\.", fault["message"])
    assert {each["offerId"] for each in client.state("ebay/offers")} == INITIAL, "only the initial offers"


def test_a_whole_number_may_be_written_with_a_fraction_of_zero(client: Client):
    text = b'{"offeredItems": [{"listingId": "110000000001", "discountPercentage": "10", "quantity": 1.0}]}'
    answer = client.ebay("POST", EBAY_SEND, data=text, headers={"Content-Type": "application/json"})
    assert answer.json()["offers"][0]["offeredItems"][0]["quantity"] == 1
    assert '"quantity":1}' in answer.text


@pytest.mark.documented("ebay:63")
def test_counter_offers_are_not_supported(client: Client):
    answer = client.send({**body(), "allowCounterOffer": True})
    assert [(id, told["fieldName"]) for id, told in errors(answer)] == [(150009, "allowCounterOffer")]
    assert client.send({**body(), "allowCounterOffer": False}).status_code == 200


@pytest.mark.documented("ebay:65", "ebay:79", "ebay:89", "ebay:153", "ebay:169", "ebay:125")
def test_what_is_optional_has_its_default(client: Client):
    answer = client.send(body(discountPercentage=None, price={"value": "90.00"}))
    offer = answer.json()["offers"][0]
    assert offer["allowCounterOffer"] is False
    assert "message" not in offer
    assert offer["offerDuration"] == {"unit": "DAY", "value": 2}
    assert offer["offeredItems"][0]["quantity"] == 1


@pytest.mark.documented("ebay:87a", "ebay:87b", "ebay:393")
@pytest.mark.parametrize(("unit", "value"), [("DAY", 3), ("DAY", 1), ("HOUR", 48), ("MONTH", 2), ("DAY", -2)])
def test_only_two_days_are_allowed(client: Client, unit, value):
    answer = client.send({**body(), "offerDuration": {"unit": unit, "value": value}})
    assert errors(answer) == [(150027, {"durationValue": "2", "durationUnit": "DAY"})]
    assert "valid duration of 2 DAY" in answer.json()["errors"][0]["message"]


@pytest.mark.documented("ebay:101", "ebay:103")
@pytest.mark.parametrize("missing", ["unit", "value"])
def test_a_duration_needs_unit_and_value(client: Client, missing):
    duration = {"unit": "DAY", "value": 2}
    del duration[missing]
    answer = client.send({**body(), "offerDuration": duration})
    assert [(id, told["fieldName"]) for id, told in errors(answer)] == [(150009, f"offerDuration.{missing}")]


@pytest.mark.documented("ebay:113a", "ebay:113b", "ebay:371")
@pytest.mark.parametrize("second", ["110000000002", LISTING])
def test_one_call_offers_on_one_listing(client: Client, second):
    two = body()["offeredItems"] + body(listingId=second)["offeredItems"]
    answer = client.send({"offeredItems": two})
    assert errors(answer) == [(150005, {"listingIds": f"{LISTING}, {second}"})]


@pytest.mark.documented("ebay:115", "ebay:372")
@pytest.mark.parametrize(
    "text", [b"", b"null", b"{}", b'{"offeredItems": []}', b'{"offeredItems": null}', b'{"a": 1}']
)
def test_an_empty_request_is_refused(client: Client, text):
    answer = client.ebay("POST", EBAY_SEND, data=text, headers={"Content-Type": "application/json"})
    assert (answer.status_code, ids(answer)) == (400, [150006])


@pytest.mark.documented("ebay:121", "ebay:141", "ebay:373")
def test_price_and_percentage_exclude_each_other(client: Client):
    answer = client.send(body(price={"value": "90.00", "currency": "USD"}))
    assert ids(answer) == [150007]


@pytest.mark.documented("ebay:125", "ebay:143")
def test_price_or_percentage_is_needed(client: Client):
    answer = client.send(body(discountPercentage=None))
    assert [(id, told["fieldName"]) for id, told in errors(answer)] == [(150009, "offeredItems.price")]


@pytest.mark.documented("ebay:123", "ebay:374")
@pytest.mark.parametrize(
    ("percentage", "expected"),
    [("5", None), ("5.0", None), ("12.5", None), ("99.9", None), ("4.99", 150008), ("1", 150008),
     ("0", 150009), ("100", 150009), ("-5", 150009), ("ten", 150009), ("", 150009), ("10%", 150009), ("1e1", 150009)],
)  # fmt: skip
def test_the_discount_is_at_least_five_percent(client: Client, percentage, expected):
    answer = client.send(body(discountPercentage=percentage))
    if expected is None:
        assert answer.status_code == 200
        return
    [(id, told)] = errors(answer)
    assert id == expected
    assert told.get("minPercentageDifference", "5%") == "5%"


@pytest.mark.documented("ebay:374", "ebay:139b")
@pytest.mark.parametrize(
    ("value", "expected"),
    [("95.00", None), ("95", None), ("0.01", None), ("95.01", 150008), ("100.00", 150008), ("100.01", 150016),
     ("0", 150009), ("0.00", 150009), ("-1", 150009), ("cheap", 150009), ("95,00", 150009), ("", 150009)],
)  # fmt: skip
def test_the_price_is_at_least_five_percent_below_the_listings(client: Client, value, expected):
    answer = client.send(body(**price(value)))
    assert answer.status_code == (200 if expected is None else 409 if expected == 150016 else 400)
    if expected is not None:
        [(id, told)] = errors(answer)
        assert id == expected
        assert expected != 150009 or told["fieldName"] == "offeredItems.price.value"


@pytest.mark.documented("ebay:147", "ebay:151")
def test_another_currency_than_the_listings_is_refused(client: Client):
    answer = client.send(body(**price("90.00", "CAD")))
    assert [(id, told["fieldName"]) for id, told in errors(answer)] == [(150009, "offeredItems.price.currency")]


def test_all_request_errors_are_told_together_ascending_and_no_business_error(client: Client):
    wrong = {
        "message": "<b>HTML</b>",
        "offerDuration": {"unit": "DAY", "value": 9},
        **body(quantity=0, discountPercentage="3"),
    }
    answer = client.send(wrong, headers={"X-EBAY-C-MARKETPLACE-ID": "EBAY_XX"})
    assert (answer.status_code, ids(answer)) == (400, [150002, 150008, 150009, 150027])
    assert outcome(answer) == "150002"
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert [problem["outcome"] for problem in entry["problems"]] == ["150002", "150008", "150009", "150027"]


def test_unknown_fields_are_ignored_and_noted(client: Client):
    answer = client.send({**body(colour="red"), "color": "red"})
    assert answer.status_code == 200
    assert "color" not in answer.text
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert entry["notes"] == [
        "body.offeredItems.0.colour is not documented and was ignored",
        "body.color is not documented and was ignored",
        answer.headers["X-Sandbox-Notice"],
    ]


@pytest.mark.parametrize("scheme", ["Bearer ", "", "Token "])
@pytest.mark.parametrize("token", ["v^1.1#i^1#p^3#I^3", "My-App-PRD-1234"])
def test_a_live_token_is_refused_and_not_stored(client: Client, token, scheme):
    answer = client.send(headers={"Authorization": f"{scheme}{token}"})
    assert (answer.status_code, ids(answer)) == (401, [1001])
    assert answer.json()["errors"][0]["message"] == "Invalid access token"
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert token not in str(entry)
    assert token not in answer.text + str(answer.headers)


def test_what_may_be_a_token_is_not_echoed_as_a_scheme(client: Client):
    answer = client.send(headers={"Authorization": "AgAAAA**AQAAAA**aAAAAA**secret"})
    assert errors(answer) == [(1003, {"scheme": "unknown"})]
    assert "secret" not in str(answer.headers)


def test_a_huge_array_is_several_items(client: Client):
    answer = client.send({"offeredItems": [{}] * 200_000})
    assert (answer.status_code, ids(answer)) == (400, [150005])
    assert len(answer.content) < 2000


@pytest.mark.parametrize("value", ["1e40", "1e31", "1" * 40])
def test_an_absurd_duration(client: Client, value):
    text = f'{{"offeredItems": [{{"listingId": "{LISTING}", "discountPercentage": "10"}}], "offerDuration": {{"unit": "DAY", "value": {value}}}}}'
    answer = client.ebay("POST", EBAY_SEND, data=text, headers={"Content-Type": "application/json"})
    assert ids(answer) == [150027]
