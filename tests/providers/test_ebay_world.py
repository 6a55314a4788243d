"""eBay's seeded listings and offers: every marketplace can be used, and offers have believable dates."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ebay_calls import body
from offer_sandbox.providers.ebay.enumerations import MARKETPLACES
from offer_sandbox.providers.ebay.fixtures import build, moved
from running_server import EBAY_FIND, Client

MOTORS = "EBAY_MOTORS_US"


@pytest.mark.parametrize("place", sorted(set(MARKETPLACES) - {MOTORS}))
def test_every_marketplace_has_a_listing_to_send_on(client: Client, place):
    headers = {"X-EBAY-C-MARKETPLACE-ID": place}
    page = client.ebay("GET", f"{EBAY_FIND}?limit=200", headers=headers).json()
    listing = page["eligibleItems"][-1]["listingId"]
    made = client.send(body(listingId=listing), headers=headers)
    assert made.status_code == 200, made.text
    assert len(made.json()["offers"]) in (1, 2, 3)


def test_the_listing_of_motors_refuses_an_offer(client: Client):
    [listing] = [
        each for each in client.state("ebay/listings") if each["marketplaceId"] == MOTORS and "magic" not in each
    ]
    made = client.send(body(listingId=listing["listingId"]), headers={"X-EBAY-C-MARKETPLACE-ID": MOTORS})
    assert [each["errorId"] for each in made.json()["errors"]] == [150026]
    assert made.headers["X-Sandbox-Trigger"] == "natural"


@pytest.mark.parametrize("seed", [42, 1, 2])
def test_listings_differ_and_have_the_money_of_their_marketplace(seed):
    listings = build(seed)["listings"]
    money = {"EBAY_US": "USD", "EBAY_GB": "GBP", "EBAY_AU": "AUD", "EBAY_CA": "CAD", MOTORS: "USD"}
    for each in listings:
        assert each["price"]["currency"] == money.get(each["marketplaceId"], "EUR")
    assert len({each["title"] for each in listings}) == len(listings)
    assert {each["marketplaceId"] for each in listings} == set(MARKETPLACES)
    assert len({each["price"]["value"] for each in listings}) > 8
    first = listings[:20]
    assert {(each["price"]["value"], each["quantity"], len(each["interestedBuyers"])) for each in first} == {
        ("100.00", 10, 3)
    }


@pytest.mark.parametrize("days", [-900, 0, 0.5, 30, 4000])
def test_offers_are_as_old_as_their_status_says(days):
    now = datetime(2026, 4, 17, 19, 45, tzinfo=UTC) + timedelta(days=days)
    offers = moved(build(42), now)["offers"]
    found = [each["offerStatus"] for each in offers]
    assert (found[:3], set(found[3:])) == (["PENDING"] * 3, {"ACCEPTED", "DECLINED", "EXPIRED"})
    for each in offers:
        made, changed = (datetime.fromisoformat(each[name]) for name in ("creationDate", "lastModifiedDate"))
        end = made + timedelta(days=each["offerDuration"]["value"])
        assert made <= changed <= now
        assert (each["offerStatus"] == "PENDING") == (end > now)
        assert changed <= end
        assert each["offerStatus"] != "EXPIRED" or changed == end


def test_the_offer_behind_the_magic_listing_is_renewed(client: Client):
    """So that the listing keeps its promise, however far the clock moves."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-11-29T08:00:00Z"})
    before = client.state("ebay/offers")
    events = client.admin("POST", "/clock/advance", {"by": "P3650D"})["events"]
    assert events == [], "a renewal is no change of state"
    renewed, *others = client.state("ebay/offers")
    assert others[2:] == before[3:]
    assert renewed["offeredItems"] == before[0]["offeredItems"]
    made = datetime.fromisoformat(renewed["creationDate"])
    now = datetime(2026, 11, 29, 8, tzinfo=UTC) + timedelta(days=3650)
    assert timedelta() <= now - made < timedelta(days=2)
    assert renewed["sandbox"]["due"] == (made + timedelta(days=2)).timestamp() * 1000
    [error] = client.send(body(listingId="110000150019")).json()["errors"]
    assert error["errorId"] == 150019


@pytest.mark.parametrize("seed", [42, 1])
def test_offers_cost_less_than_their_listing_in_its_money(seed):
    world = build(seed)
    listings = {each["listingId"]: each for each in world["listings"]}
    items = [item for each in world["offers"] for item in each["offeredItems"]]
    assert {len(item.keys() & {"price", "discountPercentage"}) for item in items} == {1}
    assert sum("price" in item for item in items) > 2
    for each in world["offers"]:
        assert (
            each["buyer"]["maskedUsername"] in listings[each["offeredItems"][0]["listingId"]]["interestedBuyers"]
        )
    for item in items:
        own = listings[item["listingId"]]["price"]
        if "price" in item:
            assert item["price"]["currency"] == own["currency"]
            assert Decimal(item["price"]["value"]) <= Decimal(own["value"]) * 95 / 100


def test_a_reset_brings_the_same_world(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-11-30T09:00:00Z"})
    before = client.world("ebay")
    client.send()
    client.admin("POST", "/reset", {"scope": ["state"]})
    assert client.world("ebay") == before
