"""Covent's seeded offers: recent by the clock, each with a history that makes sense, and some that expire."""

from datetime import UTC, datetime, timedelta

import pytest

from covent_calls import covent, read
from offer_sandbox.providers.covent.fixtures import OFFERS, build, moved
from running_server import Client

REFERENCE = datetime(2026, 4, 17, 19, 45, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("seed", [42, 1, 2])
def test_an_offer_follows_its_listing_and_its_buyer(seed):
    world = build(seed)
    listings = {each["id"]: each for each in world["listings"]}
    buyers = {each["id"]: each for each in world["individuals"]}
    recent = [each for each in world["offers"] if each["id"] not in OFFERS]
    assert len({each["listing_id"] for each in recent}) == len(recent), "nobody sells a home twice"
    for each in recent:
        listing = listings[each["listing_id"]]
        assert 0.8 < each["amount"] / listing["pricing"]["asking_price"] < 1
        buyer = buyers[each["individual_id"]]
        box = buyer["buy_box"]
        assert buyer["general"]["status"] == "active"
        assert listing["metadata"]["market"] in box["markets"]
        assert listing["property_details"]["property_type"] in box["property_types"]
        assert box["pricing"]["min"] <= each["amount"] <= box["pricing"]["max"]
        assert max(at(listing["created_at"]), at(buyers[each["individual_id"]]["created_at"])) < at(
            each["created_at"]
        )
        times = [at(event["at"]) for event in each["history"]]
        assert times == sorted(times)
        assert (at(each["created_at"]), at(each["updated_at"])) == (times[0], times[-1])
        last = each["history"][-1]["type"]
        assert last == each["status"] or (each["status"] == "submitted" and last in ("created", "updated"))
    assert {each["status"] for each in recent} == {"submitted", "accepted", "rejected", "expired"}


@pytest.mark.parametrize("days", [-900, 0, 0.5, 200])
def test_recent_offers_are_recent_and_what_the_pages_print_stays(days):
    now = REFERENCE + timedelta(days=days)
    world, printed = moved(build(42), now), build(42)
    for collection in ("offers", "listings", "individuals"):
        assert world[collection][0] == printed[collection][0]
    recent = [each for each in world["offers"] if each["id"] not in OFFERS]
    for each in recent:
        assert at(each["updated_at"]) <= now
        if each["status"] == "submitted" and each["expires_at"]:
            assert at(each["expires_at"]) > now
    assert sum(now - at(each["created_at"]) < timedelta(days=7) for each in recent) >= 4
    assert any(now - at(each["updated_at"]) < timedelta(days=7) for each in world["listings"])


def test_an_offer_with_an_expiry_expires(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-11-29T08:00:00Z"})
    before = client.state("covent/offers")
    waiting = {each["id"] for each in before if each["status"] == "submitted" and each["expires_at"]}
    assert len(waiting) == 2
    events = client.admin("POST", "/clock/advance", {"by": "P3650D"})["events"]
    assert {(each["id"], each["to"]) for each in events} == {(id, "expired") for id in waiting}
    for id in waiting:
        assert read(client, id).json()["history"][-1]["type"] == "expired"
    others = [each for each in before if each["id"] not in waiting]
    assert [each for each in client.state("covent/offers") if each in others] == others


def test_listings_of_the_last_week_come_first_when_sorted(client: Client):
    page = covent(client, "GET", "/listings?sort=updated_at%3Adesc&page_size=3").json()
    newest = covent(client, "GET", f"/listings/{page['items'][0]['id']}").json()
    assert datetime.now(UTC) - at(newest["updated_at"]) < timedelta(days=8)
