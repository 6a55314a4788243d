"""Sibi's seeded offers and products: whole addresses, believable answers and dates, products of their SKU."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from offer_sandbox.providers.sibi.fixtures import build, moved
from offer_sandbox.providers.sibi.products import details
from offer_sandbox.providers.sibi.samples import CREATE_OFFER
from offer_sandbox.world.us_places import US_PLACES
from running_server import Client
from sibi_calls import advance, assert_consistent, create, read, sibi

ADDRESS = CREATE_OFFER["address"]
PLACES = {(place.city, place.state): place for place in US_PLACES}


@pytest.mark.parametrize("seed", range(12))
def test_a_unit_stands_in_the_second_line_and_the_telephone_fits_the_place(seed):
    offers = build(seed)["offers"]
    for each in offers:
        assert re.search(r"\b(Apt|Suite|Unit)\b", each["line1"]) is None, each["line1"]
        assert each["line2"] is None or re.fullmatch(r"(Apt \d+|Unit [A-D]|Unit \d+)", each["line2"])
        parts = [each["line1"], each["line2"], f"{each['city']}, {each['stateOrProvince']} {each['postalCode']}"]
        assert each["fullAddress"] in (", ".join(filter(None, parts)), None)
        place = PLACES[each["city"], each["stateOrProvince"]]
        assert each["postalCode"] in place.zips
        assert each["customerPhone"].startswith(f"+1 ({place.area}) 555-01")


@pytest.mark.parametrize(
    ("sku", "title"),
    [
        ("GDF511PGRBB", "Dishwasher GDF511PGRBB"),
        ("GTW465ASNWW", "Top load washer GTW465ASNWW"),
        ("JGBS66REKSS", "Gas range JGBS66REKSS"),
        ("GNE27JYMFS", "French door refrigerator GNE27JYMFS"),
        ("GTD42EASJWW", "Electric dryer GTD42EASJWW"),
        ("NOPE", "Appliance NOPE"),
    ],
)
def test_a_product_is_what_its_sku_says(sku, title):
    product = details(sku, with_address=True)
    assert product["title"] == title
    assert product["addOns"][0]["includedPartProducts"][0]["title"] == "Installation kit"
    for each in product["addOns"]:
        assert each["priceCents"] == sum(part["priceCents"] for part in each["products"])
    water = [each["title"] for each in product["addOns"] if each["title"] == "Water line kit"]
    assert len(water) == title.startswith(("Dishwasher", "Top load washer", "French door"))


@pytest.mark.parametrize("seed", [42, 1, 2])
def test_offers_are_consistent_and_the_same_for_every_seed_but_people_and_places(seed):
    offers, usual = build(seed)["offers"], build(42)["offers"]
    for each, other in zip(offers, usual, strict=True):
        assert_consistent(each)
        assert (each["status"], each["offerings"], each["creditAmountCents"]) == (
            other["status"],
            other["offerings"],
            other["creditAmountCents"],
        )
    assert seed == 42 or [each["customerName"] for each in offers] != [each["customerName"] for each in usual]
    assert len({each["id"] for each in offers}) == len(offers) == 26


@pytest.mark.parametrize("days", [-900, 0, 0.5, 200])
def test_no_offer_waits_longer_than_thirty_days(days):
    now = datetime(2026, 4, 17, 19, 45, tzinfo=UTC) + timedelta(days=days)
    offers = moved(build(42), now)["offers"]
    sent = {each["id"]: datetime.fromisoformat(each["offerSentAt"]) for each in offers if each["offerSentAt"]}
    assert now - max(sent.values()) < timedelta(days=3), "some are recent"
    for each in offers:
        age = now - sent.get(each["id"], now)
        assert timedelta() <= age
        if each["status"] == "awaiting_customer":
            assert age < timedelta(days=30)
            expiry = datetime.fromtimestamp(each["sandbox"]["due"] / 1000, UTC)
            assert expiry - sent[each["id"]] == timedelta(days=30)
        else:
            assert each["sandbox"]["due"] is None
            assert each["status"] != "expired" or age > timedelta(days=30)


def test_the_first_offer_to_expire_does_so_within_two_days(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-11-29T08:00:00Z"})
    assert sibi(client, "GET", "/offers").status_code == 200
    events = client.admin("POST", "/clock/advance", {"by": "P2D"})["events"]
    assert [(each["from"], each["to"]) for each in events] == [("awaiting_customer", "expired")]
    assert read(client, events[0]["id"]).json()["status"] == "expired"


def test_orders_have_one_id_for_each_product_and_a_request_to_cancel_may_be_decided(client: Client):
    offers = [each for each in client.state("sibi/offers") if each["status"] == "order_placed"]
    found = set()
    for each in offers:
        assert len(each["orderIds"]) == len(each["selectedOffering"])
        if each["sandbox"]["cancellations"]:
            answer = sibi(client, "POST", f"/orders/{each['orderIds'][0]}/cancel", {"reason": "again"}).json()
            assert answer["cancellationReason"] == "Customer changed their mind"
            found.add(answer["cancellationStatus"])
    assert found == {"approved", "denied", "pending", "canceled"}


@pytest.mark.documented("sibi:132")
def test_empty_is_the_third_form_of_two_fields(client: Client):
    id = create(client, address={**ADDRESS, "line2": ""}, externalJobID="").json()["id"]
    for setting, forms in (("null", [None, None]), ("empty", ["", ""]), ("omit", ["absent", "absent"])):
        client.admin("PUT", "/settings", {"switches": {"sibi.absent": setting}})
        offer = read(client, id).json()
        assert [offer.get(name, "absent") for name in ("thirdPartyId", "line2")] == forms
        assert offer.get("orderIds", "absent") == ("absent" if setting == "omit" else None)


def test_a_curator_sends_an_offer_that_was_not_sent_and_accepts_it(client: Client):
    customer = {**CREATE_OFFER["customer"], "email": "john+order-placed@example.com"}
    id = create(client, customer=customer, sendOfferImmediately=False).json()["id"]
    assert advance(client, "PT6S") == ["generating_upsells", "pending"]
    assert read(client, id).json()["offerSentAt"] is None
    assert advance(client, "PT6S") == ["awaiting_customer", "order_placed"]
    offer = read(client, id).json()
    assert (offer["acceptedByRole"], offer["offerSentAt"] is None) == ("curator", False)


def test_nobody_accepts_a_buyout_that_has_no_amount(client: Client):
    customer = {**CREATE_OFFER["customer"], "email": "john+buyout-accepted@example.com"}
    made = create(client, customer=customer, buyoutAmount=...)
    id = made.json()["id"]
    assert "updateOfferBuyoutAmount" in made.headers["X-Sandbox-Notice"]
    assert advance(client, "P10D") == ["generating_upsells", "awaiting_customer"]
    assert sibi(client, "POST", f"/offers/{id}/buyout", {"buyoutAmount": 4000}).status_code == 200
    assert advance(client, "PT3S") == ["buyout_accepted"]
    assert read(client, id).json()["companySpendCents"] == 4000
    assert advance(client, "P60D") == []
