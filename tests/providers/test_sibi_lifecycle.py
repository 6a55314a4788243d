"""Sibi: an offer's creation, its way by time and by reads, buyout and credit, products and cancellations."""

import json
import re

import pytest

from offer_sandbox.providers.sibi.samples import CREATE_OFFER
from running_server import Client, outcome
from sibi_calls import advance, assert_consistent, create, faults, pace, read, sibi

NOON = {"mode": "frozen", "now": "2024-01-20T12:00:00Z"}


def made(client: Client, **changes) -> str:
    """The id of a new offer."""
    answer = create(client, **changes)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def with_part(part: str, **changes):
    """The sample with changes inside one of its objects."""
    return {part: {name: value for name, value in {**CREATE_OFFER[part], **changes}.items() if value is not ...}}


def status(client: Client, id: str) -> str:
    """The status of an offer, which must be consistent with the rest of it."""
    answer = read(client, id)
    assert_consistent(answer.json())
    assert outcome(answer) == answer.json()["status"]
    return answer.json()["status"]


@pytest.mark.parametrize("path", ["/offers/", "/offers", "/offers/offers", "/prod/offers/", "/prod/offers/offers"])
def test_the_printed_call(client: Client, path):
    client.admin("PUT", "/clock", NOON)
    answer = sibi(client, "POST", path, CREATE_OFFER)
    assert (answer.status_code, outcome(answer)) == (201, "success")
    body = answer.json()
    assert list(body) == ["id", "address", "createdAt", "customerOfferLink", "warnings"]
    assert body["address"] == {**CREATE_OFFER["address"], "country": "US"}
    assert body["createdAt"] == "2024-01-20T12:00:00Z"
    assert f"/offers/customer/page/sbx_{client.workspace}.customer-" in body["customerOfferLink"]
    assert re.fullmatch("offer-[a-z0-9]{12}", body["id"])
    offer = read(client, body["id"]).json()
    assert offer["customerName"] == "John Doe"
    assert offer["fullAddress"] == "123 Main St, Apt 101, Springfield, IL 62701"
    assert offer["thirdPartyId"] == "<string>"
    assert offer["buyoutAmountCents"] == 50000
    addons = offer["offerings"][0]["products"][0]["curatorSelectedAddons"]
    assert addons == [{"addonId": each["sku"]} for each in CREATE_OFFER["product"]["addons"]]


@pytest.mark.documented("sibi:236b")
def test_upsells_arrive_and_the_offer_is_sent_and_expires(client: Client):
    client.admin("PUT", "/clock", NOON)
    id = made(client)
    assert status(client, id) == "pending"
    assert len(read(client, id).json()["offerings"]) == 1
    assert advance(client, "PT3S") == ["generating_upsells"]
    assert len(read(client, id).json()["offerings"]) == 1
    assert advance(client, "PT3S") == ["awaiting_customer"]
    sent = read(client, id).json()
    assert (len(sent["offerings"]), sent["offerSentAt"]) == (3, "2024-01-20T12:00:06Z")
    assert advance(client, "P29D") == []
    assert advance(client, "P1D") == ["expired"]
    assert status(client, id) == "expired"
    assert read(client, id).json()["offerSentAt"] == sent["offerSentAt"]


def test_one_leap_tells_every_step_in_order(client: Client):
    made(client)
    assert advance(client, "P60D") == ["generating_upsells", "awaiting_customer", "expired"]


@pytest.mark.parametrize(
    ("changes", "way"),
    [
        ({"includeUpsells": False}, ["awaiting_customer"]),
        ({"sendOfferImmediately": False}, ["generating_upsells", "pending"]),
        ({"includeUpsells": False, "sendOfferImmediately": False}, []),
    ],
)
def test_the_way_depends_on_what_was_asked_for(client: Client, changes, way):
    id = made(client, **changes)
    assert advance(client, "P1D") == way
    assert status(client, id) == (way or ["pending"])[-1]
    arrived = changes.get("includeUpsells", True)
    assert len(read(client, id).json()["offerings"]) == (3 if arrived else 1)
    assert read(client, id).json()["creditAmountCents"] is None


def test_reads_move_an_offer_on(client: Client):
    pace(client, "upsells", progression="manual", polls=1)
    pace(client, "expiry", progression="manual", polls=2)
    id = made(client)
    way = [status(client, id) for _ in range(6)]
    awaiting = "awaiting_customer"
    assert way == ["pending", "generating_upsells", awaiting, awaiting, "expired", "expired"], (
        "one read, two reads"
    )


def test_upsells_at_once_and_an_expiry_of_ones_own(client: Client):
    client.admin("PUT", "/clock", NOON)
    pace(client, "upsells", progression="immediate")
    pace(client, "expiry", progression="time", seconds=60)
    id = made(client)
    assert status(client, id) == "awaiting_customer"
    assert advance(client, "PT1M") == ["expired"]
    pace(client, "expiry", progression="immediate")
    assert status(client, made(client)) == "expired"


@pytest.mark.parametrize(
    ("path", "name", "shown"),
    [("buyout", "buyoutAmount", "buyoutAmountCents"), ("credit", "creditAmount", "creditAmountCents")],
)
def test_buyout_and_credit(client: Client, path, name, shown):
    client.admin("PUT", "/clock", NOON)
    answer = sibi(client, "POST", f"/offers/offer-awaiting-customer/{path}", {name: 12345})
    assert answer.json() == {"success": True, name: 12345, "updatedAt": "2024-01-20T12:00:00Z"}
    assert read(client, "offer-awaiting-customer").json()[shown] == 12345
    ordered = read(client, "offer-awaiting-customer", **{"X-Sandbox-Outcome": "order_placed"}).json()
    assert_consistent(ordered)
    assert name == "buyoutAmount" or ordered["offerPricingBreakdown"]["discounts"] == [{"amount": 12345}]
    for id in ("offer-expired", "offer-order-placed", "offer-generating-upsells", "offer-canceled"):
        refused = sibi(client, "POST", f"/offers/{id}/{path}", {name: 1})
        assert (refused.status_code, refused.json()["code"]) == (409, "INVALID_OFFER_STATUS")
    unknown = sibi(client, "POST", f"/offers/nobody/{path}", {name: 1})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "OFFER_NOT_FOUND")


def test_a_credit_is_shown_as_it_was_stored_in_every_status(client: Client):
    id = made(client)
    way = []
    assert sibi(client, "POST", f"/offers/{id}/credit", {"creditAmount": 700}).json()["creditAmount"] == 700
    for _ in range(3):
        offer = read(client, id).json()
        way.append((offer["status"], offer["creditAmountCents"]))
        advance(client, "PT3S")
    assert way == [("pending", 700), ("generating_upsells", 700), ("awaiting_customer", 700)]


def test_an_offer_without_upsells_takes_no_credit_and_says_so(client: Client):
    """The value stored is what callers are told to compare."""
    id = made(client, includeUpsells=False)
    answer = sibi(client, "POST", f"/offers/{id}/credit", {"creditAmount": 700})
    assert (answer.status_code, answer.json()["creditAmount"]) == (200, 0)
    assert read(client, id).json()["creditAmountCents"] is None


@pytest.mark.parametrize("fate", ["order_placed", "buyout_accepted", "canceled", "expired"])
def test_the_customers_address_decides_what_becomes_of_a_sent_offer(client: Client, fate):
    email = f"john+{fate.replace('_', '-')}@example.com"
    id = made(client, **with_part("customer", email=email))
    assert advance(client, "PT6S") == ["generating_upsells", "awaiting_customer"]
    assert advance(client, "PT3S") == [fate]
    assert status(client, id) == fate
    assert read(client, id).headers["X-Sandbox-Trigger"] == "magic"
    told = [
        json.loads(each["request"]["body"])["data"]["status"]
        for each in client.admin("GET", "/webhooks")["webhooks"]
    ]
    assert told == ["generating_upsells", "awaiting_customer", fate, *["placed"] * (fate == "order_placed")]


def test_an_order_made_by_an_offer_of_ones_own_can_be_canceled(client: Client):
    id = made(client, **with_part("customer", email="john+order-placed@example.com"))
    advance(client, "PT9S")
    order = read(client, id).json()["orderIds"][0]
    answer = sibi(client, "POST", f"/orders/{order}/cancel", {"reason": "moved away"})
    assert (answer.status_code, answer.json()["cancellationStatus"]) == (201, "pending")


def test_an_order_costs_what_the_product_call_said(client: Client):
    query = "line1=123+Main+St&city=Springfield&stateOrProvince=IL&postalCode=62701"
    offered = sibi(client, "GET", f"/products/GDF511PGRBB?{query}").json()["addOns"][0]
    product = {"sku": "GDF511PGRBB", "addons": [{"id": offered["id"], "quantity": 3}]}
    customer = {**CREATE_OFFER["customer"], "email": "john+order-placed@example.com"}
    id = made(client, product=product, customer=customer)
    advance(client, "PT9S")
    (item,) = read(client, id).json()["offerPricingBreakdown"]["pricedItems"]
    assert item["addons"] == [
        {"id": offered["id"], "title": offered["title"], "purchasePrice": 3 * offered["priceCents"]}
    ]
    chosen = sibi(client, "GET", f"/products/{item['id'].removeprefix('product-')}").json()
    assert (chosen["title"], chosen["priceCents"]) == (item["title"], item["purchasePrice"])


def test_a_forced_expiry_was_sent_thirty_days_ago(client: Client):
    client.admin("PUT", "/clock", NOON)
    shown = read(client, made(client), **{"X-Sandbox-Outcome": "expired"}).json()
    assert shown["offerSentAt"] == "2023-12-21T12:00:00Z"


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/offers/offer-123/buyout", {}, "buyoutAmount"),
        ("/offers/offer-123/buyout", {"buyoutAmount": -1}, "buyoutAmount"),
        ("/offers/offer-123/buyout", {"buyoutAmount": "5"}, "buyoutAmount"),
        ("/offers/offer-123/credit", {"creditAmount": 1.5}, "creditAmount"),
        ("/offers/offer-123/credit", {"creditAmount": True}, "creditAmount"),
        ("/orders/order-order-placed/cancel", {}, "reason"),
        ("/orders/order-order-placed/cancel", {"reason": ""}, "reason"),
    ],
)
def test_an_invalid_change_is_refused(client: Client, path, body, named):
    before = client.world()
    assert faults(sibi(client, "POST", path, body)) == [named]
    assert client.world() == before


def test_whole_amounts_have_no_fraction(client: Client):
    answer = sibi(client, "POST", "/offers/offer-123/buyout", b'{"buyoutAmount": 50000.0}')
    assert '"buyoutAmount":50000,' in answer.text


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"customer": ..., "address": ..., "product": ...}, ["customer", "address", "product"]),
        (with_part("customer", email="nobody"), ["customer.email"]),
        (with_part("customer", firstName=..., phone=5), ["customer.firstName", "customer.phone"]),
        (with_part("address", postalCode="abc", stateOrProvince="Illinois"), ["address.stateOrProvince", "address.postalCode"]),
        (with_part("address", line1="", city="x" * 101), ["address.line1", "address.city"]),
        (with_part("product", sku=...), ["product.sku"]),
        (with_part("product", addons=[{"sku": "M007"}, {"quantity": 0, "id": "a"}]), ["product.addons.0.quantity", "product.addons.1.quantity"]),
        (with_part("product", addons=[{"quantity": 1}]), ["product.addons.0"]),
        ({"buyoutAmount": -1, "includeUpsells": "yes"}, ["buyoutAmount", "includeUpsells"]),
        (with_part("product", sku="no-such-product"), ["product.sku"]),
    ],
)  # fmt: skip
def test_an_invalid_creation_names_its_fields(client: Client, changes, named):
    before = client.world()
    assert faults(create(client, **changes)) == named
    assert client.world() == before


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        (
            with_part("address", line1="77 UNKNOWN-address Rd"),
            "ADDRESS_PROCESSING_ERROR",
            "The provided address is invalid or could not be found",
        ),
        (
            {"subBrandId": "invalid-sub-brand"},
            "INVALID_SUB_BRAND_ID",
            "The provided sub-brand ID is invalid or not found",
        ),
    ],
)
def test_values_of_magic(client: Client, changes, code, message):
    answer = create(client, **changes)
    assert (answer.status_code, answer.json()) == (400, {"code": code, "message": message})
    assert answer.headers["X-Sandbox-Trigger"] == "magic"


def test_a_job_has_one_active_offer(client: Client):
    id = made(client, externalJobID="job-1")
    answer = create(client, externalJobID="job-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "DUPLICATE_ACTIVE_OFFER")
    assert id in answer.headers["X-Sandbox-Reason"]
    assert create(client, externalJobID="job-1", allowDuplicate=True).status_code == 201
    assert create(client, externalJobID="job-2").status_code == 201
    assert create(client).status_code == create(client).status_code == 201, "without a job there is no guard"
    advance(client, "P60D")
    assert create(client, externalJobID="job-1").status_code == 201, "what has expired is not active"


@pytest.mark.parametrize(
    ("body", "headers", "status_code", "code"),
    [
        (b"{", {}, 400, "INVALID_JSON"),
        (b"[]", {}, 400, "INVALID_JSON"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b" " * (1024 * 1024 + 1), {}, 413, "PAYLOAD_TOO_LARGE"),
        (b"", {}, 400, "VALIDATION_ERROR"),
    ],
)
def test_a_body_that_cannot_be_read(client: Client, body, headers, status_code, code):
    answer = sibi(client, "POST", "/offers", body, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status_code, code)


def test_a_product_depends_on_its_address(client: Client):
    query = "line1=123+Main+St&city=Springfield&stateOrProvince=IL&postalCode=62701"
    full = sibi(client, "GET", f"/products/GDF511PGRBB?{query}").json()
    assert list(full) == ["sku", "title", "priceCents", "addOns", "recommendedParts", "warnings"]
    assert full["addOns"]
    assert full["warnings"] == []
    for part in (*full["recommendedParts"], *(each for addon in full["addOns"] for each in addon["products"])):
        assert list(part) == ["sku", "title", "category", "priceCents"]
    bare = sibi(client, "GET", "/prod/products/GDF511PGRBB").json()
    assert (bare["addOns"], len(bare["warnings"])) == ([], 1)
    assert {name: bare[name] for name in ("sku", "title", "priceCents")} == {
        name: full[name] for name in ("sku", "title", "priceCents")
    }
    assert faults(sibi(client, "GET", "/products/X?postalCode=1&stateOrProvince=ILL")) == [
        "stateOrProvince",
        "postalCode",
    ]
    missing = sibi(client, "GET", "/products/no-such-product")
    assert (missing.status_code, missing.json()["code"]) == (404, "PRODUCT_NOT_FOUND")


def cancel(client: Client, order: str, reason: str = "x", **headers):
    return sibi(client, "POST", f"/orders/{order}/cancel", {"reason": reason}, **headers)


def topics(client: Client) -> list[tuple[str, str]]:
    """The topics of the webhooks about orders, each with the order's status."""
    bodies = [json.loads(each["request"]["body"]) for each in client.admin("GET", "/webhooks")["webhooks"]]
    return [(body["topic"], body["data"]["status"]) for body in bodies if body["topic"].startswith("order.")]


@pytest.mark.parametrize(
    ("headers", "outcomes", "decision", "event"),
    [
        ({}, "success", "approved", ("order.updated", "canceled")),
        ({"X-Sandbox-Outcome": "denied"}, "denied", "denied", ("order.exception.created", "placed")),
    ],
)
def test_the_partner_decides_on_a_cancellation_after_a_minute(client: Client, headers, outcomes, decision, event):
    client.admin("PUT", "/clock", NOON)
    order = read(client, "offer-order-placed").json()["orderIds"][0]
    asked = cancel(client, order, **headers)
    assert (outcome(asked), asked.json()["cancellationStatus"]) == (outcomes, "pending")
    advance(client, "PT59S")
    assert cancel(client, order).json() == asked.json()
    assert topics(client) == []
    advance(client, "PT1S")
    again = cancel(client, order)
    assert (outcome(again), again.json()["cancellationStatus"]) == (outcomes, decision)
    assert topics(client) == [event]
    assert status(client, "offer-order-placed") == "order_placed"


def test_a_rule_denies_a_cancellation(client: Client):
    client.admin("POST", "/rules", {"operation": "sibi.cancelOrder", "outcome": "denied", "times": 1})
    order = read(client, "offer-order-placed").json()["orderIds"][0]
    assert outcome(cancel(client, order)) == "denied"
    assert outcome(cancel(client, order)) == "denied", "the first request counts"


def test_a_cancellation_can_be_decided_by_reads_at_once_or_never(client: Client):
    orders = [each["orderIds"][0] for each in client.state("sibi/offers") if each["orderIds"]][-4:]
    pace(client, "cancellation", progression="manual", polls=1)
    assert cancel(client, orders[0]).json()["cancellationStatus"] == "pending"
    assert [cancel(client, orders[0]).json()["cancellationStatus"] for _ in range(2)] == ["pending", "approved"]
    pace(client, "cancellation", progression="immediate")
    cancel(client, "order-order-placed")
    assert cancel(client, "order-order-placed").json()["cancellationStatus"] == "approved"


def test_both_orders_of_two_products_are_told_and_canceled_apart(client: Client):
    client.admin("PUT", "/clock", NOON)
    made = next(each for each in client.state("sibi/offers") if len(each["orderIds"] or ()) == 2)
    first, second = made["orderIds"]
    cancel(client, first)
    advance(client, "PT30S")
    cancel(client, second, **{"X-Sandbox-Outcome": "denied"})
    advance(client, "PT60S")
    assert topics(client) == [("order.updated", "canceled"), ("order.exception.created", "placed")]
    assert [cancel(client, each).json()["cancellationStatus"] for each in made["orderIds"]] == [
        "approved",
        "denied",
    ]


def test_an_order_is_told_when_it_is_placed(client: Client):
    made(client, **with_part("customer", email="john+order-placed@example.com"))
    advance(client, "PT9S")
    assert topics(client) == [("order.created", "placed")]


def test_an_order_is_fired_by_hand_only_where_there_is_one(client: Client):
    fire = {"provider": "sibi", "topic": "order.created"}
    fired = client.admin("POST", "/webhooks/fire", {**fire, "id": "offer-order-placed"})
    body = json.loads(fired["request"]["body"])
    assert (body["topic"], body["data"]["id"], body["data"]["offerId"]) == (
        *("order.created", "order-order-placed", "offer-order-placed"),
    )
    refused = client.call("POST", "/__admin/webhooks/fire", json={**fire, "id": "offer-123"})
    assert (refused.status_code, "order.created" in refused.json()["detail"]) == (422, True)
    assert (
        client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})["topic"] == "offer.updated"
    )


def test_a_cancellation_is_asked_for_once(client: Client):
    client.admin("PUT", "/clock", NOON)
    order = read(client, "offer-order-placed").json()["orderIds"][0]
    first = sibi(client, "POST", f"/orders/{order}/cancel", {"reason": "changed their mind"})
    assert first.status_code == 201
    assert first.json() == {
        "requestedAt": "2024-01-20T12:00:00Z",
        "cancellationStatus": "pending",
        "cancellationReason": "changed their mind",
    }
    advance(client, "PT1H")
    again = sibi(client, "POST", f"/orders/{order}/cancel", {"reason": "again"}).json()
    assert again == {**first.json(), "cancellationStatus": "approved"}
    assert status(client, "offer-order-placed") == "order_placed", "an order is canceled, not an offer"
    unknown = sibi(client, "POST", "/orders/order-/cancel", {"reason": "x"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "ORDER_NOT_FOUND")


def test_fresh_workspaces_mint_the_same_ids(fresh):
    first, second = ([made(client) for _ in range(3)] for client in (fresh(), fresh()))
    assert first == second
    assert len(set(first)) == 3


def test_an_offer_put_into_a_final_status_by_hand_stays_there(client: Client):
    pace(client, "upsells", progression="immediate")
    pace(client, "expiry", progression="manual", polls=1)
    id = made(client)
    assert status(client, id) == "awaiting_customer"
    record = client.admin("GET", f"/state/sibi/offers/{id}")
    client.admin("PATCH", "/state/sibi/offers", {"offers": [{**record, "status": "order_placed"}]})
    assert [read(client, id).json()["status"] for _ in range(3)] == ["order_placed"] * 3


@pytest.mark.parametrize("leaf", [{"seconds": 10**15}, {"polls": -1}, {"progression": "fast"}])
def test_a_pace_that_cannot_be(client: Client, leaf):
    record = client.admin("GET", f"/state/sibi/offers/{made(client)}")
    kept = record["sandbox"]
    upsells = {**kept["pace"]["upsells"], **leaf}
    odd = {**record, "sandbox": {**kept, "pace": {**kept["pace"], "upsells": upsells}}}
    assert client.call("PATCH", "/__admin/state/sibi/offers", json={"offers": [odd]}).status_code == 422


def test_an_upgrade_of_an_upgrade_is_a_product_too(client: Client):
    answer = sibi(client, "GET", f"/products/A{'-SELECT' * 1100}")
    assert answer.status_code == 200
