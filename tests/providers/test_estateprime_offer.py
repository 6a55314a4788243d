"""EstatePrime, Get single offer: the object, its shapes, its statuses."""

import base64
import json
import re

import pytest

from offer_sandbox.providers.estateprime.samples import OFFER_54, OFFER_57
from offer_sandbox.providers.estateprime.schemas import STATUSES
from running_server import Client, outcome

HEADERS = {
    "Authorization": f"Basic {base64.b64encode(b'sbx_test:secret').decode()}",
    "Content-Type": "application/json",
}


def offer(client: Client, id, **headers):
    """A call for one offer."""
    return client.call("GET", f"/api/offers/{id}", headers={**HEADERS, **headers})


@pytest.mark.documented(
    "estateprime:5", "estateprime:14", "estateprime:57", "estateprime:60", "estateprime:214", "estateprime:220",
    "estateprime:222", "estateprime:227", "estateprime:273",
)  # fmt: skip
@pytest.mark.parametrize("printed", [OFFER_54, OFFER_57], ids=["internal", "external"])
def test_the_printed_offers(client: Client, printed):
    answer = offer(client, printed["id"])
    assert answer.json() == {"status": 200, "data": printed}
    assert json.dumps(answer.json()["data"]) == json.dumps(printed), "the documented order of keys"
    assert outcome(answer) == printed["status"]


def test_the_printed_offer_on_demand_whatever_is_asked(client: Client):
    answer = offer(client, "nothing", **{"X-Sandbox-Outcome": "documented"})
    assert (answer.status_code, answer.json()["data"]) == (200, OFFER_54)


@pytest.mark.parametrize("id", ["421", "0", "-1", "abc", "statuses", "54.0", "%20", "9" * 50])
def test_an_unknown_offer(client: Client, id):
    answer = offer(client, id)
    assert (answer.status_code, outcome(answer)) == (404, "not_found")
    assert answer.json() == {"status": 404, "error_message": "Offer not found"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (
            "/api/locations/120",
            "EstatePrime API documents the path of GET /api/locations/120, but the sandbox does not",
        ),
        (
            "/api/reminders",
            "EstatePrime API documents the path of GET /api/reminders, but the sandbox does not imitate it",
        ),
        ("/api/userspace", "no documented call matches GET /api/userspace"),
    ],
)
def test_a_path_of_another_resource_is_not_found_in_neutral_words(client: Client, path, reason):
    answer = client.call("GET", f"/estateprime{path}", headers=HEADERS)
    assert (answer.status_code, answer.json()) == (404, {"status": 404, "error_message": "Not found"})
    assert reason in answer.headers["X-Sandbox-Reason"]


def test_a_body_is_ignored(client: Client):
    answer = client.call("GET", "/api/offers/54", data=b"{not json", headers=HEADERS)
    assert answer.status_code == 200


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("id", [1, 2, 54, 57])
def test_a_forced_status_is_consistent_and_stores_nothing(client: Client, id, status):
    before = client.state("estateprime/offers")
    answer = offer(client, id, **{"X-Sandbox-Outcome": status})
    shown = answer.json()["data"]
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"], shown["status"]) == (status, "header", status)
    assert shown["is_active"] == (status not in ("rejected", "withdrawn"))
    kinds = [each["type"] for each in shown["rounds"]]
    if status in ("accepted", "rejected", "withdrawn"):
        assert kinds[-1] == status
    else:
        assert not {"accepted", "rejected", "withdrawn"} & set(kinds)
    assert client.state("estateprime/offers") == before


def test_the_world_has_every_status_both_shapes_and_several_years(client: Client):
    offers = client.state("estateprime/offers")
    assert {each["status"] for each in offers} == set(STATUSES)
    assert {each["listing"]["external"] for each in offers} == {True, False}
    assert len({each["date_created"][:4] for each in offers}) >= 4
    assert len({each["store_id"] for each in offers}) >= 4
    for each in offers:
        listing = each["listing"]
        assert listing["external"] == (len(listing) == 14)
        assert listing["external"] or set(listing) == {"external", "listing_id"}
        times = [each["date_created"], each["date_updated"], *(one["date_created"] for one in each["rounds"])]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", time) for time in times)
        assert each["date_created"] <= each["date_updated"]
        assert [one["date_created"] for one in each["rounds"]] == sorted(times[2:]), "in order of time"


@pytest.mark.documented("estateprime:221")
def test_a_single_offer_demands_authentication(client: Client):
    answer = offer(client, 54, Authorization=None)
    assert (answer.status_code, answer.json()["error_message"]) == (401, "Unauthorized")


def text(value):
    """A JSON string."""
    return isinstance(value, str)


def whole(value):
    """A JSON number without a fraction."""
    return isinstance(value, int) and not isinstance(value, bool)


def flag(value):
    """`true` or `false`."""
    return isinstance(value, bool)


def moment(value):
    """`YYYY-MM-DD HH:MM:SS`."""
    return text(value) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value) is not None


def maybe(kind):
    """That, or null."""
    return lambda value: value is None or kind(value)


def among(*words):
    """One of these words."""
    return lambda value: value in words


OFFER_FIELDS = {
    "id": whole,
    "status": among(*STATUSES),
    "is_active": flag,
    "request_id": maybe(whole),
    "store_id": whole,
    "created_by": whole,
    "date_created": moment,
    "date_updated": moment,
    "currency": text,
    "current_listing_price": whole,
    "loan_percentage": whole,
    "notes": maybe(text),
    "external_contact": flag,
    "listing": lambda value: isinstance(value, dict),
    "contacts": lambda value: all(map(whole, value)),
    "rounds": lambda value: isinstance(value, list),
}
EXTERNAL_FIELDS = {
    "external": flag,
    "address": maybe(text),
    "price": maybe(whole),
    "owner_name": maybe(text),
    "listing_code": maybe(text),
    "availability": maybe(among("sale", "rent", "auction", "shortterm")),
    "category": maybe(among("residential", "commercial", "land", "other")),
    "subcategory": maybe(text),
    "size": lambda value: value is None or re.fullmatch(r"\d+\.\d\d", value) is not None,
    "area_level1": maybe(whole),
    "area_level2": maybe(whole),
    "area_level3": maybe(whole),
    "listing_link": maybe(text),
    "notes": maybe(text),
}
ROUND_FIELDS = {
    "id": whole,
    "type": among(
        "offer_submitted", "counter_offer", "buyer_revision", "accepted", "rejected", "withdrawn", "note"
    ),
    "amount": maybe(whole),
    "current_listing_price": maybe(whole),
    "notes": maybe(text),
    "created_by": whole,
    "date_created": moment,
}


def assert_fields(value, fields):
    """The fields are these, in this order, each of its kind."""
    assert list(value) == list(fields)
    for name, kind in fields.items():
        assert kind(value[name]), f"{name}: {value[name]!r}"


@pytest.mark.documented(
    "estateprime:93", "estateprime:94", "estateprime:95", "estateprime:96", "estateprime:97", "estateprime:98",
    "estateprime:99", "estateprime:100", "estateprime:101", "estateprime:102", "estateprime:103", "estateprime:104",
    "estateprime:105", "estateprime:106", "estateprime:107", "estateprime:108", "estateprime:109", "estateprime:110",
    "estateprime:111", "estateprime:112", "estateprime:113", "estateprime:114", "estateprime:115", "estateprime:116",
    "estateprime:117", "estateprime:118", "estateprime:119", "estateprime:120", "estateprime:121", "estateprime:122",
    "estateprime:123a", "estateprime:123b", "estateprime:124", "estateprime:125", "estateprime:126", "estateprime:127",
    "estateprime:128", "estateprime:129", "estateprime:130",
)  # fmt: skip
@pytest.mark.parametrize("id", [1, 2, 3, 4, 54, 57, *range(60, 421, 20)])
def test_every_field_is_of_its_documented_kind(client: Client, id):
    shown = offer(client, id).json()["data"]
    assert_fields(shown, OFFER_FIELDS)
    listing = shown["listing"]
    assert_fields(listing, EXTERNAL_FIELDS if listing["external"] else {"external": flag, "listing_id": whole})
    for each in shown["rounds"]:
        assert_fields(each, ROUND_FIELDS)
    times = [each["date_created"] for each in shown["rounds"]]
    assert times == sorted(times)
    assert not shown["external_contact"] or shown["contacts"] == []


@pytest.mark.parametrize(
    ("listing", "told"),
    [
        ({"external": True, "listing_id": 5, "address": "x"}, "listing.external: must be false"),
        ({"external": True}, "listing.external: must be false"),
        ({"external": False, "listing_id": None}, "listing.listing_id: must not be null"),
        ({"external": False, "listing_id": 5, "notes": None}, "listing.notes: is not a documented field"),
    ],
)
def test_a_record_has_one_of_the_two_documented_listings(client: Client, listing, told):
    before = client.state("estateprime/offers")
    record = {**before[0], "listing": listing}
    answer = client.call("PUT", f"/__admin/state/estateprime/offers/{record['id']}", json=record)
    assert (answer.status_code, told in answer.text) == (422, True), answer.text
    assert client.state("estateprime/offers") == before
    for known in before[:40]:
        client.admin("PUT", f"/state/estateprime/offers/{known['id']}", known)


def test_a_merge_of_both_listings_is_refused(client: Client):
    """The second of two changes that each look right."""
    [inside, *_] = [each for each in client.state("estateprime/offers") if not each["listing"]["external"]]
    path = f"/__admin/state/estateprime/offers/{inside['id']}"
    assert client.call("PATCH", path, json={"listing": {"listing_id": 7}}).status_code == 200
    assert client.call("PATCH", path, json={"listing": {"external": True, "address": "x"}}).status_code == 422
