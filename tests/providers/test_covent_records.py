"""Covent's listings and individuals: their own fields, filters, pages, merges."""

import pytest

from covent_calls import covent, create, faults
from offer_sandbox.providers.covent import samples
from running_server import Client, outcome


def page(client: Client, query: str = ""):
    """A list call."""
    return covent(client, "GET", f"/listings{query}")


def test_the_printed_list_call(client: Client):
    query = "?status=active&market=phoenix-az&page=1&page_size=25&sort=updated_at%3Adesc"
    answer = page(client, query)
    assert list(answer.json()) == ["items", "page", "page_size", "total"]
    first = answer.json()["items"][0]
    assert list(first) == ["id", "headline", "status", "pricing", "address"]
    assert first == {
        "id": "lst_123",
        "headline": samples.LISTING["headline"],
        "status": "active",
        "pricing": samples.LISTING["pricing"],
        "address": {"city": "Phoenix", "state": "AZ"},
    }, "the latest of the seeded ones"
    assert answer.json()["total"] == len(answer.json()["items"]) == 1


def test_filters_pages_and_order(client: Client):
    stored = client.state("covent/listings")
    everything = page(client).json()
    assert (everything["total"], everything["page_size"]) == (len(stored), 25)
    assert [each["id"] for each in everything["items"]] == [each["id"] for each in stored]
    assert page(client, "?status=draft").json()["items"][0]["id"] == "lst_draft"
    for order, reverse in (("asc", False), ("desc", True)):
        found = [each["headline"] for each in page(client, f"?sort=headline:{order}").json()["items"]]
        assert found == sorted(found, reverse=reverse)
    numbers = [page(client, f"?page_size=4&page={number}").json() for number in range(1, 6)]
    ids = [each["id"] for number in numbers for each in number["items"]]
    assert ids == [each["id"] for each in stored]
    assert outcome(page(client, "?page_size=4&page=5")) == "past_end"
    assert outcome(page(client, "?market=nowhere")) == "empty"
    assert page(client, "?market=nowhere").json() == {"items": [], "page": 1, "page_size": 25, "total": 0}


def test_a_forced_page_is_consistent_and_stores_nothing(client: Client):
    before = client.state("covent/listings")
    past = covent(client, "GET", "/listings", **{"X-Sandbox-Outcome": "past_end"})
    assert past.json() == {"items": [], "page": 2, "page_size": 25, "total": len(before)}
    empty = covent(client, "GET", "/listings", **{"X-Sandbox-Outcome": "empty"})
    assert empty.json() == {"items": [], "page": 1, "page_size": 25, "total": 0}
    assert client.state("covent/listings") == before


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("?page=0", ["page"]),
        ("?page=x", ["page"]),
        ("?page_size=101", ["page_size"]),
        ("?page_size=0", ["page_size"]),
        ("?sort=price:desc", ["sort"]),
        ("?sort=headline", ["sort"]),
        ("?status=sold", ["status"]),
        ("?status=sold&page=-1", ["status", "page"]),
    ],
)
def test_an_invalid_query_names_its_parameters(client: Client, query, named):
    assert faults(page(client, query)) == named


def test_a_listing_is_made_read_changed_and_takes_offers(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T20:00:00Z"})
    made = covent(client, "POST", "/listings", samples.CREATE_LISTING).json()
    assert list(made) == ["id", "headline", "status", "address", "pricing", "created_at", "updated_at"]
    answer = covent(client, "GET", f"/listings/{made['id']}")
    assert list(answer.json()) == list(samples.LISTING)
    assert answer.json()["metadata"] == {"source": "api", "market": "phoenix-az"}
    assert outcome(answer) == "draft"
    assert create(client, listing_id=made["id"]).json()["error"]["code"] == "listing_not_active"
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T20:15:00Z"})
    changed = covent(client, "PATCH", f"/listings/{made['id']}", samples.UPDATE_LISTING).json()
    assert changed == {
        "id": made["id"],
        "headline": made["headline"],
        "status": "active",
        "pricing": {"asking_price": 395000, "assignment_fee": 18000},
        "updated_at": "2026-04-17T20:15:00Z",
    }
    assert create(client, listing_id=made["id"]).status_code == 200


def test_a_change_keeps_what_it_does_not_name(client: Client):
    covent(
        client,
        "PATCH",
        "/listings/lst_123",
        {"pricing": {"assignment_fee": 1}, "property_details": {"bedrooms": 9}},
    )
    listing = covent(client, "GET", "/listings/lst_123").json()
    assert listing["pricing"] == {"asking_price": 385000, "assignment_fee": 1}
    assert listing["property_details"] == {**samples.LISTING["property_details"], "bedrooms": 9}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["headline", "status", "address", "pricing", "property_details"]),
        ({**samples.CREATE_LISTING, "status": "sold"}, ["status"]),
        (
            {**samples.CREATE_LISTING, "address": {"street": "1 A St"}},
            ["address.city", "address.state", "address.zip"],
        ),
        ({**samples.CREATE_LISTING, "pricing": {"asking_price": -1, "assignment_fee": "5"}}, None),
    ],
)
def test_an_invalid_listing(client: Client, body, named):
    found = faults(covent(client, "POST", "/listings", body))
    assert found == (named or ["pricing.asking_price", "pricing.assignment_fee"])


def test_an_individual_is_made_and_changed(client: Client):
    made = covent(client, "POST", "/individuals", samples.CREATE_INDIVIDUAL).json()
    assert list(made)[:4] == ["id", "general", "buy_box", "portfolio"]
    assert made["general"] == {
        "full_name": "Jordan Lee",
        "email": "jordan@example.com",
        "phone": "+14805550199",
        "status": "active",
    }
    assert (made["buy_box"], made["portfolio"]) == (samples.CREATE_INDIVIDUAL["buy_box"], None)
    path = f"/individuals/{made['id']}"
    changed = covent(client, "PATCH", path, samples.UPDATE_INDIVIDUAL).json()
    assert list(changed) == ["id", "general", "tags", "updated_at"]
    assert changed["general"] == {"full_name": "Jordan Lee", "status": "paused"}
    assert changed["tags"] == ["vip"]
    assert create(client, individual_id=made["id"]).status_code == 200


def test_a_buy_box_is_merged(client: Client):
    shown = covent(client, "PATCH", "/individuals/ind_123/buy-box", samples.UPDATE_BUY_BOX).json()
    assert shown == {
        "markets": ["phoenix-az", "mesa-az"],
        "property_types": ["single_family"],
        "pricing": {"min": 175000, "max": 500000},
        "strategy": ["buy_and_hold"],
        "preferences": {"occupancy": "vacant"},
    }
    again = covent(client, "PATCH", "/individuals/ind_123/buy-box", {"pricing": {"max": 600000}}).json()
    assert again == {**shown, "pricing": {"min": 175000, "max": 600000}}


def test_an_address_is_added_and_the_primary_one_is_one(client: Client):
    for label in ("work", "home"):
        body = {"email": f"{label}@example.com", "label": label, "is_primary": True}
        added = covent(client, "POST", "/individuals/ind_123/emails", body).json()
        assert list(added) == ["id", "email", "label", "is_primary"]
        assert added["id"].startswith("email_")
    emails = client.admin("GET", "/state/covent/individuals/ind_123")["emails"]
    assert [(each["label"], each["is_primary"]) for each in emails] == [("work", False), ("home", True)]


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("POST", "/individuals", {}, ["general", "buy_box", "tags", "source"]),
        ("PATCH", "/individuals/ind_123", {}, [""]),
        (
            "PATCH",
            "/individuals/ind_123",
            {"general": {"status": "gone", "phone": "5"}},
            ["general.phone", "general.status"],
        ),
        (
            "PATCH",
            "/individuals/ind_123",
            {"relationship_context": {"owner": "nobody"}},
            ["relationship_context.owner"],
        ),
        ("PATCH", "/individuals/ind_123/buy-box", {"markets": "phoenix-az"}, ["markets"]),
        ("POST", "/individuals/ind_123/emails", {"email": "x", "label": "work"}, ["email", "is_primary"]),
    ],
)
def test_an_invalid_individual(client: Client, method, path, body, named):
    before = client.world()
    assert faults(covent(client, method, path, body)) == named
    assert client.world() == before


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/listings/nobody", None),
        ("PATCH", "/listings/nobody", samples.UPDATE_LISTING),
        ("PATCH", "/individuals/nobody", samples.UPDATE_INDIVIDUAL),
        ("PATCH", "/individuals/nobody/buy-box", samples.UPDATE_BUY_BOX),
        ("POST", "/individuals/nobody/emails", samples.ADD_EMAIL),
    ],
)
def test_an_unknown_record(client: Client, method, path, body):
    answer = covent(client, method, path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
