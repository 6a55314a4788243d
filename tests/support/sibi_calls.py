"""Calls to Sibi for its tests, and what must hold for any offer it shows."""

import json

from offer_sandbox.providers.sibi.fixtures import build
from offer_sandbox.providers.sibi.samples import CREATE_OFFER
from running_server import Client

SENT = ("awaiting_customer", "order_placed", "buyout_accepted", "expired", "canceled")
HEADERS = {"Authorization": "Bearer sbx_test"}
INITIAL = {offer["id"] for offer in build(42)["offers"]}


def sibi(client: Client, method: str, path: str, body=None, **headers):
    """A call with a JSON body, with raw bytes, or without a body; a header given as None is left out."""
    data = body if isinstance(body, bytes | None) else json.dumps(body)
    usual = {"Content-Type": "application/json"} if body is not None else {}
    return client.call(method, path, data=data, headers={**HEADERS, **usual, **headers})


def create(client: Client, **changes):
    """The sample's creation with changes of its body; a member given as Ellipsis is left out."""
    changes = {"externalJobID": ..., **changes}
    body = {name: value for name, value in {**CREATE_OFFER, **changes}.items() if value is not ...}
    return sibi(client, "POST", "/offers/", body)


def read(client: Client, id: str, **headers):
    """An offer."""
    return sibi(client, "GET", f"/offers/{id}", **headers)


def pace(client: Client, name: str, **leaves):
    """Sets a progression of Sibi's."""
    client.admin("PUT", "/settings", {"progressions": {f"sibi.{name}": leaves}})


def advance(client: Client, by: str):
    """Moves the clock; the statuses that the offers made by calls went to."""
    events = client.admin("POST", "/clock/advance", {"by": by})["events"]
    return [event["to"] for event in events if event["id"] not in INITIAL]


def faults(answer) -> list[str]:
    """The fields that a refusal names."""
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text
    return [detail["field"] for detail in answer.json()["details"]]


def assert_consistent(offer):
    """What the prose of the page and the sandbox's own rules say about an offer in its status."""
    status = offer["status"]
    assert (offer.get("selectedOffering") is not None) == (status == "order_placed")
    assert (offer.get("orderIds") is not None) == (status == "order_placed")
    assert (offer.get("acceptedByRole") is not None) == (status in ("order_placed", "buyout_accepted"))
    assert (offer.get("offerPricingBreakdown") is not None) == (status == "order_placed")
    assert (offer["offerSentAt"] is not None) == (status in SENT)
    if status == "buyout_accepted":
        assert offer["companySpendCents"] == offer["buyoutAmountCents"]
        assert offer["customerSpendCents"] == 0
    if status == "order_placed":
        assert_adds_up(offer)
        chosen = [each["productId"] for each in offer["selectedOffering"]]
        offered = [each["productId"] for option in offer["offerings"] for each in option["products"]]
        assert set(chosen) <= set(offered)


def assert_adds_up(offer):
    """Company and customer together pay the total of the breakdown, which is the sum of its parts."""
    breakdown = offer["offerPricingBreakdown"]
    items = breakdown["pricedItems"]
    prices = [each["purchasePrice"] for item in items for each in (item, *item["addons"])]
    assert breakdown["subtotal"] == sum(prices)
    fees, discounts = (sum(each["amount"] for each in breakdown[name]) for name in ("fees", "discounts"))
    assert breakdown["total"] == breakdown["subtotal"] + breakdown["tax"] + fees - discounts
    assert offer["companySpendCents"] + offer["customerSpendCents"] == breakdown["total"]
