"""eBay, sendOfferToInterestedBuyers: the offers made, their expiry, and the BUSINESS errors (409)."""

import re

import pytest

from ebay_calls import body, errors, ids, price
from offer_sandbox.providers.ebay.codes import CODES as TABLE
from running_server import EBAY_FIND, Client, outcome

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
CODES = ["150000", "150001", "150002", *(str(code) for code in range(150005, 150028))]


def freeze(client: Client, now="2026-04-17T19:45:00Z"):
    """A clock that stands still."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": now})


@pytest.mark.documented("ebay:5", "ebay:7", "ebay:186", "ebay:407", "ebay:425", "ebay:358", "ebay:9b")
def test_a_send_makes_one_offer_for_each_interested_buyer(client: Client):
    [listing] = [each for each in client.state("ebay/listings") if each["listingId"] == "110000000001"]
    answer = client.send()
    assert answer.status_code == 200
    buyers = [offer["buyer"]["maskedUsername"] for offer in answer.json()["offers"]]
    assert buyers == listing["interestedBuyers"]
    assert len(buyers) == 3
    stored = client.state("ebay/offers")[-3:]
    assert [offer["offerId"] for offer in stored] == [offer["offerId"] for offer in answer.json()["offers"]]


@pytest.mark.documented(
    "ebay:184", "ebay:190", "ebay:196", "ebay:202", "ebay:208", "ebay:212", "ebay:214", "ebay:219", "ebay:225",
    "ebay:229", "ebay:239", "ebay:247", "ebay:257", "ebay:263", "ebay:267", "ebay:327", "ebay:333", "ebay:337a",
    "ebay:341", "ebay:347",
)  # fmt: skip
def test_every_offer_has_the_documented_fields(client: Client):
    freeze(client)
    offers = client.send().json()["offers"]
    for offer in offers:
        assert offer["allowCounterOffer"] is False
        assert re.fullmatch(r".\*\*\*.", offer["buyer"]["maskedUsername"])
        assert offer["creationDate"] == offer["lastModifiedDate"] == "2026-04-17T19:45:00.000Z"
        assert INSTANT.fullmatch(offer["creationDate"])
        assert offer["initiatedBy"] == "sandbox_seller"
        assert offer["offerDuration"] == {"unit": "DAY", "value": 2}
        assert len(offer["offeredItems"]) == 1
        assert re.fullmatch(r"\d{10}", offer["offerId"])
        assert re.fullmatch(r"\d{10}", offer["revision"])
        assert offer["offerId"] != offer["revision"]
        assert offer["offerStatus"] == "PENDING"
        assert offer["offerType"] == "SELLER_INITIATED_OFFER"
    assert len({offer["offerId"] for offer in offers}) == 3
    assert len({offer["revision"] for offer in offers}) == 3


@pytest.mark.documented("ebay:233", "ebay:237")
def test_the_message_is_told_back_if_there_was_one(client: Client):
    assert client.send({**body(), "message": "Ü"}).json()["offers"][0]["message"] == "Ü"
    assert "message" not in client.send(body(listingId="110000000002")).json()["offers"][0]


@pytest.mark.documented(
    "ebay:271", "ebay:275", "ebay:277", "ebay:279", "ebay:283", "ebay:317", "ebay:323",
)  # fmt: skip
def test_an_item_sent_with_a_percentage_comes_back_with_it(client: Client):
    [item] = client.send(body(discountPercentage="12.5")).json()["offers"][0]["offeredItems"]
    assert item == {"discountPercentage": "12.5", "listingId": "110000000001", "quantity": 1}


@pytest.mark.documented(
    "ebay:139a", "ebay:291", "ebay:293a", "ebay:293b", "ebay:295", "ebay:297", "ebay:301", "ebay:305", "ebay:311",
    "ebay:317", "ebay:163",
)  # fmt: skip
def test_an_item_sent_with_a_price_comes_back_with_it(client: Client):
    [item] = client.send(body(quantity=2, **price("90.5"))).json()["offers"][0]["offeredItems"]
    assert item == {
        "listingId": "110000000001",
        "price": {"currency": "USD", "value": "90.5"},
        "quantity": 2,
    }


@pytest.mark.documented("ebay:307", "ebay:153")
def test_an_amount_without_currency_is_in_the_marketplaces_money(client: Client):
    """90 is judged against the 100.00 GBP of the British listing, and 96 is too close to them."""
    british = {"X-EBAY-C-MARKETPLACE-ID": "EBAY_GB"}
    item = {"listingId": "110000000021", "discountPercentage": None}
    assert ids(client.send(body(**item, price={"value": "96.00"}), headers=british)) == [150008]
    assert client.send(body(**item, price={"value": "90.00"}), headers=british).status_code == 200


@pytest.mark.documented("ebay:177", "ebay:397")
def test_there_are_no_headers_of_ebays_and_no_warnings(client: Client):
    answer = client.send()
    ours = {name.lower() for name in answer.headers if not name.lower().startswith("x-sandbox-")}
    assert ours == {"date", "content-type", "content-length", "x-content-type-options", "link"}
    assert "warnings" not in answer.json()


@pytest.mark.documented("ebay:385", "ebay:85", "ebay:243")
def test_a_second_send_is_refused_until_the_offers_expire(client: Client):
    freeze(client)
    assert client.send().status_code == 200
    again = client.send()
    assert (again.status_code, errors(again)) == (409, [(150019, {"listingId": "110000000001"})])
    client.admin("POST", "/clock/advance", {"by": "PT47H59M59S"})
    assert ids(client.send()) == [150019]
    told = client.admin("POST", "/clock/advance", {"by": "PT1S"})
    assert told["now"] == "2026-04-19T19:45:00.000Z"
    assert [(event["kind"], event["from"], event["to"], event["at"]) for event in told["events"]] == [
        ("offers", "PENDING", "EXPIRED", "2026-04-19T19:45:00.000Z")
    ] * 3
    statuses = [offer["offerStatus"] for offer in client.state("ebay/offers")[-3:]]
    assert statuses == ["EXPIRED"] * 3
    assert client.send().status_code == 200


@pytest.mark.documented("ebay:359", "ebay:360", "ebay:361", "ebay:355")
@pytest.mark.parametrize(("listing", "status"), [("1", 409), ("110000150000", 500)])
def test_the_methods_own_statuses(client: Client, listing, status):
    assert client.send(body(listingId=listing)).status_code == status
    assert client.send(body(quantity=0)).status_code == 400


@pytest.mark.documented("ebay:365")
def test_common_errors_come_back_too(client: Client):
    answer = client.send(headers={"Authorization": "Bearer sbx_test.rate_limited"})
    assert (answer.status_code, ids(answer)) == (429, [2001])


@pytest.mark.documented("ebay:367")
@pytest.mark.parametrize("code", CODES)
def test_an_error_has_code_domain_category_and_message(client: Client, code):
    answer = client.send(headers={"X-Sandbox-Outcome": code})
    [error] = answer.json()["errors"]
    assert error["errorId"] == int(code)
    assert error["domain"] == "API_NEGOTIATION"
    assert error["longMessage"] == error["message"]
    assert "{" not in error["message"]
    holes = re.findall(r"\{(\w+)\}", TABLE[code].message)
    assert [each["name"] for each in error.get("parameters", [])] == holes
    assert all(each["value"] and each["value"] in error["message"] for each in error.get("parameters", []))
    category = {400: "REQUEST", 409: "BUSINESS", 500: "APPLICATION"}[answer.status_code]
    assert error["category"] == category


@pytest.mark.documented("ebay:368a")
def test_the_internal_error_by_its_magic_listing(client: Client):
    answer = client.send(body(listingId="110000150000"))
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["errorId"], error["category"]) == (500, 150000, "APPLICATION")
    assert "try the call again" in error["message"]
    assert answer.headers["X-Sandbox-Trigger"] == "magic"


@pytest.mark.documented("ebay:376", "ebay:77")
@pytest.mark.parametrize(
    ("message", "accepted"),
    [
        ("x" * 2000, True),
        ("ü" * 2000, True),
        ("a < b and 3 <4", True),
        ("", True),
        ("BLOCKED_WORDS", True),
        ("x" * 2001, False),
        ("<b>Sale</b>", False),
        ("</p>", False),
        ("<!-- -->", False),
        ("a BLOCKED_WORD here", False),
    ],
)
def test_a_message_without_html_blocked_words_and_excess(client: Client, message, accepted):
    answer = client.send({**body(), "message": message})
    assert answer.status_code == (200 if accepted else 409)
    assert accepted or ids(answer) == [150010]


@pytest.mark.documented(
    "ebay:377", "ebay:378", "ebay:379", "ebay:380", "ebay:381", "ebay:383", "ebay:384", "ebay:386", "ebay:387",
    "ebay:388", "ebay:389", "ebay:390", "ebay:391", "ebay:392",
)  # fmt: skip
@pytest.mark.parametrize("code", [str(code) for code in range(150011, 150027) if code != 150016])
def test_each_magic_listing_leads_to_exactly_its_code(client: Client, code):
    before = client.world()
    answer = client.send(body(listingId=f"110000{code}"))
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["errorId"], error["category"]) == (409, int(code), "BUSINESS")
    told = {each["name"]: each["value"] for each in error.get("parameters", [])}
    assert told.get("listingId", f"110000{code}") == f"110000{code}"
    assert told.get("additionalInfo", "x")
    assert answer.headers["X-Sandbox-Trigger"] == "magic"
    assert client.world() == before


@pytest.mark.documented("ebay:381")
def test_the_minimum_price_is_named(client: Client):
    answer = client.send(body(listingId="110000150015", **price("94.99")))
    assert errors(answer) == [(150015, {"listingId": "110000150015", "minPrice": "95.00"})]
    assert client.send(body(listingId="110000150015", **price("95.00"))).status_code == 200


@pytest.mark.documented("ebay:378", "ebay:129")
@pytest.mark.parametrize("listing", ["1", "", "110000000099", "ünknown"])
def test_an_unknown_listing(client: Client, listing):
    answer = client.send(body(listingId=listing))
    assert (answer.status_code, errors(answer)) == (409, [(150012, {"listingId": listing})])
    assert answer.headers["X-Sandbox-Trigger"] == "natural"


@pytest.mark.documented("ebay:379")
def test_a_listing_of_another_marketplace(client: Client):
    answer = client.send(body(listingId="110000000021"))
    [(id, told)] = errors(answer)
    assert id == 150013
    assert "EBAY_GB" in told["additionalInfo"]


@pytest.mark.documented("ebay:380")
def test_more_than_the_listing_has(client: Client):
    assert ids(client.send(body(quantity=11))) == [150014]
    assert client.send(body(quantity=10)).status_code == 200


@pytest.mark.documented("ebay:382")
def test_a_listing_with_a_best_offer_takes_no_other_until_it_is_gone(client: Client):
    path = "/state/ebay/listings/110000000001"
    client.admin("PATCH", path, {"bestOffer": True})
    assert ids(client.send(body())) == [150018]
    eligible = client.ebay("GET", f"{EBAY_FIND}?limit=200").json()["eligibleItems"]
    assert "110000000001" not in [each["listingId"] for each in eligible]
    client.admin("PATCH", path, {"bestOffer": False})
    assert client.send(body()).status_code == 200


def limit(client: Client, **limits) -> None:
    client.admin("PUT", "/settings", {"limits": {f"ebay.{name}": value for name, value in limits.items()}})


def test_a_listing_takes_no_more_offers_than_its_limit(client: Client):
    freeze(client)
    limit(client, offers_per_listing=5)
    assert client.send(body()).status_code == 200
    client.admin("POST", "/clock/advance", {"by": "P3D"})
    answer = client.send(body())
    assert ids(answer) == [150022]
    assert "limits ebay.offers_per_listing" in answer.headers["X-Sandbox-Reason"]
    limit(client, offers_per_listing=6)
    assert client.send(body()).status_code == 200
    limit(client, offers_per_listing=None)
    client.admin("POST", "/clock/advance", {"by": "P3D"})
    assert client.send(body()).status_code == 200


def test_a_seller_has_no_more_open_offers_than_the_limit(client: Client):
    freeze(client)
    limit(client, offers_per_seller=3)
    assert client.send(body()).status_code == 200
    other = body(listingId="110000000002")
    assert ids(client.send(other)) == [150023]
    client.admin("POST", "/clock/advance", {"by": "P3D"})
    assert client.send(other).status_code == 200


@pytest.mark.parametrize("value", [-1, 1.5, True, "3", [], 10**9])
def test_a_limit_that_is_none_is_refused(client: Client, value):
    before = client.admin("GET", "/settings")
    refused = client.call("PUT", "/__admin/settings", json={"limits": {"ebay.offers_per_listing": value}})
    assert refused.status_code == 422
    assert client.admin("GET", "/settings") == before
    unknown = client.call("PUT", "/__admin/settings", json={"limits": {"ebay.offers": 1}})
    assert "ebay.offers_per_seller" in unknown.json()["detail"] + str(unknown.json())


def test_a_price_above_the_listings(client: Client):
    answer = client.send(body(**price("100.01")))
    assert (answer.status_code, errors(answer)) == (409, [(150016, {"listingId": "110000000001"})])


def test_all_business_errors_are_told_together_ascending(client: Client):
    wrong = {**body(listingId="110000150011", quantity=11, **price("101.00")), "message": "<b>x</b>"}
    answer = client.send(wrong)
    assert (answer.status_code, ids(answer)) == (409, [150010, 150011, 150014, 150016])
    assert outcome(answer) == "150010"


@pytest.mark.documented("ebay:9a")
def test_find_names_the_listings_with_interested_buyers(client: Client):
    page = client.ebay("GET", f"{EBAY_FIND}?limit=200").json()
    assert [item["listingId"] for item in page["eligibleItems"]] == [
        f"1100000000{number:02d}" for number in range(1, 21)
    ]
    assert page["total"] == 20


def test_forcing_success_takes_the_natural_course(client: Client):
    made = client.send(headers={"X-Sandbox-Outcome": "success"})
    assert (made.status_code, made.headers["X-Sandbox-Trigger"]) == (200, "header")
    again = client.send(headers={"X-Sandbox-Outcome": "success"})
    assert (outcome(again), again.headers["X-Sandbox-Trigger"]) == ("150019", "natural")


def test_what_refuses_a_forced_success_is_nature(client: Client):
    answer = client.send(body(listingId="110000150011"), headers={"X-Sandbox-Outcome": "success"})
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("150011", "natural")


def test_an_internal_error_comes_alone(client: Client):
    answer = client.send({**body(listingId="110000150000"), "message": "<b>x</b>"})
    assert (answer.status_code, ids(answer)) == (500, [150000])


def test_a_long_decimal_is_a_price(client: Client):
    assert client.send(body(**price("90." + "0" * 40))).status_code == 200


@pytest.mark.parametrize(
    ("place", "currency", "listing"), [("EBAY_US", "USD", "110000000001"), ("EBAY_DE", "EUR", "")]
)
@pytest.mark.documented("ebay:307")
def test_the_response_has_the_default_currency(client: Client, place, currency, listing):
    headers = {"X-EBAY-C-MARKETPLACE-ID": place}
    found = client.ebay("GET", f"{EBAY_FIND}?limit=1", headers=headers).json()["eligibleItems"]
    item = {"listingId": listing or found[0]["listingId"], "price": {"value": "90.00"}}
    made = client.send({"offeredItems": [item]}, headers=headers)
    assert made.json()["offers"][0]["offeredItems"][0]["price"] == {"currency": currency, "value": "90.00"}
