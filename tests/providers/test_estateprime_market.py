"""What EstatePrime's offers point at: listings, contacts, buyer requests, users and contracts, consistent with them."""

import base64
import json
from datetime import UTC, datetime
from itertools import chain

import pytest

from offer_sandbox.providers.estateprime.fixtures import FIXED, build, moved
from offer_sandbox.providers.estateprime.market_schemas import LISTING_STATUSES, REQUEST_STATUSES
from running_server import Client, outcome

HEADERS = {
    "Authorization": f"Basic {base64.b64encode(b'sbx_test:secret').decode()}",
    "Content-Type": "application/json",
}
WORLDS = {seed: build(seed) for seed in (42, 7, 2026)}
EACH = pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS.keys())


def read(client: Client, path: str, body=None, **headers):
    data = None if body is None else json.dumps(body)
    return client.call("GET", f"/api/{path}", data=data, headers={**HEADERS, **headers})


def by_id(world: dict, collection: str) -> dict[int, dict]:
    return {each["id"]: each for each in world[collection]}


def ends(offer: dict) -> list[dict]:
    """The accepted round, if there is one."""
    return [each for each in offer["rounds"] if each["type"] == "accepted"]


# The world


@EACH
def test_everything_that_an_offer_points_at_exists(world):
    listings, requests, contacts, users = (
        by_id(world, name) for name in ("listings", "requests", "contacts", "users")
    )
    for offer in world["offers"]:
        if not offer["listing"]["external"]:
            assert listings[offer["listing"]["listing_id"]]["store_id"] == offer["store_id"]
        if offer["request_id"] is not None:
            request = requests[offer["request_id"]]
            assert (request["store_id"], request["contacts"]) == (offer["store_id"], offer["contacts"])
            assert request["date_created"] < offer["date_created"]
        assert set(offer["contacts"]) <= set(contacts)
        assert {offer["created_by"], *(each["created_by"] for each in offer["rounds"])} <= set(users)


@EACH
def test_each_record_points_at_users_and_contacts_that_exist(world):
    contacts, users = by_id(world, "contacts"), by_id(world, "users")
    for each in chain(world["contacts"], world["requests"], world["contracts"]):
        assert each["created_by"] in users
        assert set(each.get("users", ())) <= set(users)
    for each in chain(world["requests"], world["contracts"]):
        assert set(each["contacts"]) <= set(contacts)
    notaries = {each["notary_contact_id"] for each in world["contracts"]} - {None}
    assert notaries
    assert notaries <= set(contacts)
    assert notaries.isdisjoint(contact for offer in world["offers"] for contact in offer["contacts"])


@EACH
def test_each_accepted_offer_has_one_contract_with_its_sums(world):
    contracts = {each["offer_id"]: each for each in world["contracts"]}
    accepted = {each["id"]: each for each in world["offers"] if each["status"] == "accepted"}
    assert set(contracts) == set(accepted)
    assert len(contracts) == len(world["contracts"])
    for id, offer in accepted.items():
        contract, [end] = contracts[id], ends(offer)
        assert contract["initial_property_price"] == offer["current_listing_price"]
        assert contract["final_property_price"] == end["amount"]
        assert contract["date_created"] >= end["date_created"]
        assert (contract["deposit_amount"] is None) == (contract["deposit_date"] is None)
        shared = (
            "request_id",
            "store_id",
            "currency",
            "loan_percentage",
            "external_contact",
            "listing",
            "contacts",
        )
        assert {name: contract[name] for name in shared} == {name: offer[name] for name in shared}


@EACH
def test_listings_fit_the_negotiations(world):
    listings = by_id(world, "listings")
    for offer in world["offers"]:
        listing = listings.get(offer["listing"].get("listing_id"))
        if listing is None:
            continue
        assert listing["date_created"] < offer["date_created"]
        assert listing["price"] <= offer["current_listing_price"]
        if ends(offer):
            assert (listing["status"], listing["status_date"]) == ("inactive", ends(offer)[0]["date_created"])
    offered = {offer["listing"].get("listing_id") for offer in world["offers"]}
    assert {each["status"] for id, each in listings.items() if id in offered} == {"active", "inactive"}
    assert {each["status"] for each in world["listings"]} == set(LISTING_STATUSES)
    for each in world["listings"]:
        assert abs(each["price_per_sqm"] * each["size"] - each["price"]) <= each["size"]
        assert (each["year_built"] is None) == (each["category"] == "land")


@EACH
def test_the_properties_of_a_requests_offers_are_within_its_limits(world):
    listings = by_id(world, "listings")
    for request in world["requests"]:
        for offer in [each for each in world["offers"] if each["request_id"] == request["id"]]:
            price = offer["current_listing_price"]
            assert (request["price_min"] or 0) <= price <= (request["price_max"] or price)
            listing = listings.get(offer["listing"].get("listing_id"))
            if listing:
                size = listing["size"]
                assert (request["size_min"] or 0) <= size <= (request["size_max"] or size)
                assert listing["subcategory"] in request["subcategories"]
            if ends(offer):
                assert request["status"] == "inactive"
    assert {each["status"] for each in world["requests"]} == set(REQUEST_STATUSES)


@EACH
def test_ids_and_addresses_are_unique(world):
    for name in ("listings", "contacts", "requests", "users", "contracts"):
        ids = [each["id"] for each in world[name]]
        assert ids == sorted(set(ids))
    codes = [each["code"] for each in world["listings"]]
    addresses = [email["email_address"] for each in world["contacts"] for email in each["emails"]]
    assert len(set(codes)) == len(codes)
    assert len(set(addresses)) == len(addresses)
    assert all(each.endswith("@example.com") for each in addresses)


@EACH
@pytest.mark.parametrize("now", [datetime(2019, 3, 1, tzinfo=UTC), datetime(2031, 5, 7, 3, tzinfo=UTC)])
def test_what_only_recent_offers_point_at_moves_with_them(world, now):
    then = moved(world, now)
    recent = [each for each in then["offers"] if each["id"] > FIXED]
    offers, listings, requests = (by_id(then, name) for name in ("offers", "listings", "requests"))
    for offer in recent:
        if not offer["listing"]["external"]:
            assert listings[offer["listing"]["listing_id"]]["date_created"] < offer["date_created"]
    for contract in then["contracts"]:
        assert contract["date_created"] >= ends(offers[contract["offer_id"]])[0]["date_created"]
        assert contract["deposit_date"] in (None, contract["date_created"][:10])
    for before, after in zip(world["requests"], requests.values(), strict=True):
        used = {each["id"] > FIXED for each in world["offers"] if each["request_id"] == before["id"]}
        assert (before != after) == (used == {True})
    for name in ("listings", "contacts", "requests", "contracts"):
        assert all(max(_dates(each)) < now.isoformat(" ") for each in then[name] if each not in world[name])


def _dates(record: dict) -> list[str]:
    return [value for name, value in record.items() if name.startswith("date_") and value is not None]


# The calls


@pytest.mark.parametrize(
    ("path", "natural"),
    [
        ("listings/120", "active"),
        ("requests/88", "active"),
        ("contacts/23", "success"),
        ("contacts/45", "success"),
    ],
)
def test_the_printed_offers_objects_are_read(client: Client, path, natural):
    answer = read(client, path)
    assert (answer.status_code, outcome(answer)) == (200, natural)
    assert answer.json()["data"]["id"] == int(path.partition("/")[2])


@pytest.mark.parametrize(
    ("path", "text"),
    [("listings/9", "Listing"), ("requests/x", "Request"), ("contacts/0", "Contact"), ("listings/1e3", "Listing")],
)
def test_an_unknown_id_is_404_in_the_words_of_its_kind(client: Client, path, text):
    answer = read(client, path)
    assert (answer.status_code, answer.json()) == (404, {"status": 404, "error_message": f"{text} not found"})
    forced = read(client, path.replace(path.partition("/")[2], "1"), **{"X-Sandbox-Outcome": "not_found"})
    assert forced.json()["error_message"] == f"{text} not found"


@pytest.mark.parametrize("path", ["listings/120", "requests/88", "contacts/23", "users", "contracts"])
def test_a_json_content_type_is_required(client: Client, path):
    answer = read(client, path, **{"Content-Type": None})
    assert (answer.status_code, answer.json()["status"]) == (415, 415)
    client.admin("PUT", "/settings", {"switches": {"estateprime.require_json": False}})
    assert read(client, path, **{"Content-Type": None}).status_code == 200


def test_the_contract_of_an_offer_is_found_by_body_and_by_query(client: Client):
    whole = read(client, "contracts").json()
    assert whole["total_results"] == len(WORLDS[42]["contracts"])
    offer = whole["data"][3]["offer_id"]
    for answer in (
        read(client, "contracts", {"offer_id": offer}),
        read(client, f"contracts?offer_id={offer}"),
        read(client, "contracts?offer_id=1", {"offer_id": offer}),
    ):
        assert [each["offer_id"] for each in answer.json()["data"]] == [offer]
    nothing = read(client, "contracts", {"offer_id": 54})
    assert (outcome(nothing), nothing.json()["data"], nothing.json()["total_pages"]) == ("empty", [], 0)


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("contracts", {"offer_id": "2"}, "Invalid offer_id"),
        ("contracts", {"offer_id": True}, "Invalid offer_id"),
        ("contracts?offer_id=two", None, "Invalid offer_id"),
        ("contracts", {"page": 0}, "Invalid page"),
        ("users?page=0", None, "Invalid page"),
        ("users", {"page": "1"}, "Invalid page"),
        ("users", [], "Invalid JSON"),
    ],
)
def test_invalid_filters_are_400(client: Client, path, body, text):
    answer = read(client, path, body)
    assert (answer.status_code, answer.json()) == (400, {"status": 400, "error_message": text})


def test_users_are_one_page(client: Client):
    page = read(client, "users").json()
    assert [page[name] for name in ("page", "total_pages", "results_per_page", "total_results")] == [1, 1, 50, 14]
    assert {each["is_active"] for each in page["data"]} == {True, False}
    beyond = read(client, "users?page=2")
    assert (outcome(beyond), beyond.json()["data"]) == ("past_end", [])


def test_records_can_be_changed_and_are_then_read(client: Client):
    client.admin("PATCH", "/state/estateprime/listings/120", {"price": 170000, "status": "pending"})
    answer = read(client, "listings/120")
    assert (outcome(answer), answer.json()["data"]["price"]) == ("pending", 170000)
    refused = client.call("PATCH", "/__admin/state/estateprime/listings/120", json={"status": "sold"})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "path", ["listings", "contacts", "requests", "contracts/1", "users/1", "contracts/statuses"]
)
def test_neighbouring_paths_stay_neutral(client: Client, path):
    answer = read(client, path)
    assert (answer.status_code, answer.json()["error_message"]) == (404, "Not found")
    assert "does not imitate" in answer.headers["X-Sandbox-Reason"]


def test_they_can_only_be_read(client: Client):
    for path in ("listings/120", "requests/88", "contacts/23", "users", "contracts"):
        answer = client.call("DELETE", f"/api/{path}", headers=HEADERS)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
