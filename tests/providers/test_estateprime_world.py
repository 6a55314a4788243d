"""EstatePrime's seeded offers: negotiations that make sense, every documented value, and recent offers."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from offer_sandbox.providers.estateprime.fixtures import FIXED, build, moved
from offer_sandbox.providers.estateprime.samples import OFFER_54, OFFER_57, SAMPLE_FILTER
from offer_sandbox.providers.estateprime.schemas import ROUND_TYPES, STATUSES
from offer_sandbox.providers.estateprime.shapes import AVAILABILITIES, CATEGORIES
from running_server import Client, Server

REFERENCE = datetime(2026, 4, 17, 19, 45, tzinfo=UTC)
SEEDS = [42, 1, 2, 3, 4, 5]
WORLDS = {seed: build(seed)["offers"] for seed in SEEDS}
EACH = pytest.mark.parametrize("offers", WORLDS.values(), ids=WORLDS.keys())
PRINTED = (OFFER_54["id"], OFFER_57["id"])


def made(offers: list[dict]) -> list[dict]:
    """The offers that are not the documentation's."""
    return [each for each in offers if each["id"] not in PRINTED]


@EACH
def test_the_printed_offers_are_as_printed(offers):
    assert (offers[53], offers[56]) == (OFFER_54, OFFER_57)


@EACH
def test_ids_follow_time(offers):
    assert [each["id"] for each in offers] == list(range(1, 421))
    created = [each["date_created"] for each in offers]
    assert created == sorted(created)


@EACH
def test_the_sample_filter_matches_127_and_each_part_of_it_matters(offers):
    asked = {name: SAMPLE_FILTER[name] for name in ("status", "is_active", "store_id")}

    def fitting(since: str, **filters) -> int:
        return sum(
            each["date_created"] >= since and all(each[name] == value for name, value in filters.items())
            for each in offers
        )

    since = SAMPLE_FILTER["date_created"]["min"]
    assert fitting(since, **asked) == 127
    assert fitting("", **asked) > 127
    for name in ("status", "store_id"):
        assert fitting(since, **{key: value for key, value in asked.items() if key != name}) > 127
    for status in STATUSES:
        assert fitting("", store_id=2, status=status) > 0


@EACH
def test_buyer_and_owner_take_turns_between_each_others_sums(offers):
    for offer in made(offers):
        bid, asked, turn = 0, offer["current_listing_price"] + 1, "buyer"
        for each in offer["rounds"]:
            if each["type"] in ("offer_submitted", "buyer_revision"):
                assert turn == "buyer"
                assert bid < each["amount"] < asked, offer
                bid, turn = each["amount"], "owner"
            elif each["type"] == "counter_offer":
                assert turn == "owner"
                assert bid < each["amount"] < asked, offer
                assert each["amount"] <= each["current_listing_price"]
                asked, turn = each["amount"], "buyer"
            elif each["type"] == "accepted":
                assert each["amount"] in (bid, asked), offer
            else:
                assert each["amount"] is None, offer


@EACH
def test_a_status_is_that_of_the_last_decision(offers):
    for offer in made(offers):
        kinds = [each["type"] for each in offer["rounds"] if each["type"] != "note"]
        if offer["status"] in ("accepted", "rejected", "withdrawn"):
            assert kinds[-1] == offer["status"]
        else:
            assert not {"accepted", "rejected", "withdrawn"} & set(kinds)
        assert ("counter_offer" in kinds) or offer["status"] != "under_negotiation"
        assert offer["is_active"] == (offer["status"] not in ("rejected", "withdrawn"))


@EACH
def test_a_listing_has_one_store_and_one_price_at_a_time_and_is_sold_once(offers):
    stores, sold, prices = defaultdict(set), defaultdict(int), defaultdict(dict)
    for offer in made(offers):
        listing = offer["listing"].get("listing_id")
        if listing is None:
            continue
        stores[listing].add(offer["store_id"])
        sold[listing] += offer["status"] == "accepted"
        seen = [(offer["date_created"], offer["current_listing_price"])]
        seen += [(each["date_created"], each["current_listing_price"]) for each in offer["rounds"]]
        prices[listing] |= {when: price for when, price in seen if price is not None}
    assert {len(each) for each in stores.values()} == {1}
    assert max(sold.values()) == 1
    for history in prices.values():  # an asking price only falls
        ordered = [history[when] for when in sorted(history)]
        assert ordered == sorted(ordered, reverse=True)
    assert sum(len(set(history.values())) > 1 for history in prices.values()) > 3


@EACH
def test_a_request_has_one_store_and_one_set_of_contacts(offers):
    known = defaultdict(set)
    for offer in offers:
        if offer["request_id"] is not None:
            known[offer["request_id"]].add((offer["store_id"], tuple(offer["contacts"])))
    assert {len(each) for each in known.values()} == {1}


@EACH
def test_everything_happens_in_working_hours_and_in_order(offers):
    for offer in made(offers):
        times = [offer["date_created"], *(each["date_created"] for each in offer["rounds"])]
        if offer["rounds"] and offer["rounds"][0]["type"] == "offer_submitted":
            assert times[1] == times[0]
            times = times[1:]
        assert all(before < after for before, after in pairwise(times)), offer
        assert offer["date_updated"] >= times[-1]
        for each in map(datetime.fromisoformat, times):
            assert 9 <= each.hour < 20, offer
            assert each.weekday() < 6, offer


@EACH
def test_nobody_negotiates_in_minutes_or_about_a_property_that_is_gone(offers):
    gone: dict[int, str] = {}
    for offer in made(offers):
        times = [datetime.fromisoformat(each["date_created"]) for each in offer["rounds"]]
        assert all(after - before > timedelta(hours=3) for before, after in pairwise(times)), offer
        if offer["status"] == "accepted" and not offer["listing"]["external"]:
            gone[offer["listing"]["listing_id"]] = offer["rounds"][-1]["date_created"]
    for offer in made(offers):
        end = gone.get(offer["listing"].get("listing_id"))
        if end is not None:
            assert offer["status"] not in ("draft", "submitted", "under_negotiation"), offer
            assert offer["date_created"] < end


@EACH
def test_whoever_makes_an_offer_logs_its_first_round_and_round_ids_follow_time(offers):
    rounds = [each for offer in made(offers) for each in offer["rounds"]]
    for offer in made(offers):
        if offer["rounds"] and offer["rounds"][0]["type"] == "offer_submitted":
            assert offer["rounds"][0]["created_by"] == offer["created_by"]
    ordered = sorted(rounds, key=lambda each: each["id"])
    assert [each["id"] for each in ordered] == list(range(101, 101 + len(rounds)))
    times = [each["date_created"] for each in ordered]
    assert times == sorted(times)


@EACH
def test_what_notes_say_of_a_loan_fits_the_loan(offers):
    for offer in made(offers):
        notes = offer["notes"] or ""
        assert "Bank" not in notes or offer["loan_percentage"] > 0, offer
        assert "no loan" not in notes or offer["loan_percentage"] == 0, offer
        if offer["current_listing_price"] < 8000:
            assert not any(word in notes for word in ("sells", "notary", "loan")), offer


@EACH
def test_prices_and_words_fit_the_property(offers):
    kinds = {
        "residential": {"apartment", "maisonette", "detached_house", "studio"},
        "commercial": {"office", "store", "warehouse"},
        "land": {"plot", "farm_land"},
        "other": {"parking", "storage_room"},
    }
    for offer in made(offers):
        listing = offer["listing"]
        if not listing["external"]:
            continue
        assert listing["price"] in (None, offer["current_listing_price"])
        if listing["category"] and listing["subcategory"]:
            assert listing["subcategory"] in kinds[listing["category"]]
        if listing["availability"] == "rent":
            assert 100 <= offer["current_listing_price"] <= 8000, offer
            assert offer["loan_percentage"] == 0
        if listing["availability"] == "shortterm":
            assert 30 <= offer["current_listing_price"] <= 400, offer
            assert listing["category"] in ("residential", None)
        if listing["availability"] == "sale":
            assert offer["current_listing_price"] >= 3000, offer


@EACH
def test_every_documented_value_occurs_and_what_may_be_null_is_both(offers):
    rounds = [each for offer in offers for each in offer["rounds"]]
    external = [each["listing"] for each in offers if each["listing"]["external"]]
    assert {each["status"] for each in offers} == set(STATUSES)
    assert {each["type"] for each in rounds} == set(ROUND_TYPES)
    assert {each["availability"] for each in external} == {None, *AVAILABILITIES}
    assert {each["category"] for each in external} == {None, *CATEGORIES}
    for records, names in (
        (offers, ("request_id", "notes")),
        (rounds, ("amount", "current_listing_price", "notes")),
        (external, [name for name in external[0] if name != "external"]),
    ):
        for name in names:
            assert {each[name] is None for each in records} == {True, False}, name
    for name in ("contacts", "rounds"):
        assert {0, 1, 2} <= {len(each[name]) for each in offers}


def test_another_seed_is_another_world_and_the_same_seed_the_same():
    assert build(42) == build(42)
    assert WORLDS[1] != WORLDS[42]


@pytest.mark.parametrize("days", [-800, 0, 3, 6, 7, 100, 226, 3650])
def test_recent_offers_follow_the_clock_and_the_others_stay(days):
    now = REFERENCE + timedelta(days=days)
    shown = moved(build(42), now)["offers"]
    assert shown[:FIXED] == WORLDS[42][:FIXED]
    for before, after in zip(WORLDS[42][FIXED:], shown[FIXED:], strict=True):
        created = datetime.fromisoformat(after["date_created"])
        assert created.weekday() < 6
        assert created.time() == datetime.fromisoformat(before["date_created"]).time()
        assert created < now.replace(tzinfo=None)
        rounds = [each["date_created"] for each in after["rounds"]]
        assert [*rounds, after["date_updated"]] == sorted([*rounds, after["date_updated"]])
        assert after["date_updated"] <= now.replace(tzinfo=None).isoformat(" ")
        assert (after["store_id"], after["status"]) != (2, "under_negotiation")
    newest = datetime.fromisoformat(shown[-1]["date_created"])
    assert now.replace(tzinfo=None) - newest < timedelta(days=3.5)


def test_a_search_since_last_week_finds_offers_and_the_sample_its_127(client: Client):
    headers = {"Authorization": "Basic c2J4X2RlbW86c2VjcmV0", "Content-Type": "application/json"}

    def total(**filters) -> int:
        body = json.dumps(filters)
        return client.call("GET", "/api/offers", data=body, headers=headers).json()["total_results"]

    week = {"min": (datetime.now(UTC) - timedelta(days=7)).strftime("%Y-%m-%d %H:%M:%S"), "max": None}
    assert total(date_created=week) > 0
    assert total(**SAMPLE_FILTER) == 127


def test_under_a_frozen_clock_the_world_is_the_same_for_ever(tmp_path):
    def world() -> list[dict]:
        server = Server("--clock", "2026-11-30T10:00:00Z")
        try:
            import requests

            with requests.Session() as session:
                return Client(server.url, "frozen", session).state("estateprime/offers")
        finally:
            server.stop()

    first = world()
    assert first == world()
    assert first[-1]["date_created"].startswith("2026-11-2")
