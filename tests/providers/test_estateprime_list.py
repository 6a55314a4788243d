"""EstatePrime, Get offers: filters from the JSON body of a GET, pages, the order of refusals."""

import base64
import json

import pytest

from offer_sandbox.providers.estateprime.samples import OFFER_54, OFFER_57, SAMPLE_FILTER, SAMPLE_PAGE
from running_server import Client, outcome

PAIR = {"Authorization": f"Basic {base64.b64encode(b'sbx_test:secret:with:colons').decode()}"}
HEADERS = {**PAIR, "Content-Type": "application/json"}


def offers(client: Client, asked=None, path="/api/offers", **headers):
    """A list call with a JSON body, or with raw bytes."""
    data = asked if isinstance(asked, bytes | None) else json.dumps(asked)
    return client.call("GET", path, data=data, headers={**HEADERS, **headers})


def found(client: Client, **asked):
    """The offers of every page that fit a filter."""
    page = offers(client, asked).json()
    rows = page["data"]
    for number in range(2, page["total_pages"] + 1):
        rows += offers(client, {**asked, "page": number}).json()["data"]
    assert len(rows) == page["total_results"]
    return rows


@pytest.fixture
def world(client: Client):
    """The seeded offers, the recent ones as the workspace's clock has them."""
    return client.state("estateprime/offers")


@pytest.mark.documented(
    "estateprime:134", "estateprime:140", "estateprime:161", "estateprime:174", "estateprime:179", "estateprime:182",
)  # fmt: skip
def test_the_sample_filter_verbatim(client: Client):
    answer = offers(client, SAMPLE_FILTER)
    page = answer.json()
    assert {name: page[name] for name in page if name != "data"} == {
        name: SAMPLE_PAGE[name] for name in SAMPLE_PAGE if name != "data"
    }
    assert page["data"][0] == SAMPLE_PAGE["data"][0]
    assert list(page["data"][0]) == list(SAMPLE_PAGE["data"][0]), "the documented order of keys"
    assert len(page["data"]) == 50


def test_the_printed_page_on_demand(client: Client):
    answer = offers(client, **{"X-Sandbox-Outcome": "documented"})
    assert answer.json() == SAMPLE_PAGE
    assert json.dumps(answer.json()) == json.dumps(SAMPLE_PAGE)


@pytest.mark.documented("estateprime:142", "estateprime:143", "estateprime:136")
@pytest.mark.parametrize("body", [None, b"", b"{}", b"null", b"  "])
def test_no_filter_is_the_first_page_of_all(client: Client, body):
    page = offers(client, body).json()
    assert (page["page"], page["total_results"], page["total_pages"]) == (1, 420, 9)
    assert [row["id"] for row in page["data"]] == list(range(1, 51))


@pytest.mark.documented("estateprime:210")
def test_rows_have_no_rounds(client: Client, world):
    rows = found(client)
    assert rows == [{name: value for name, value in offer.items() if name != "rounds"} for offer in world]


FILTERS = [
    ({"status": "accepted"}, lambda offer: offer["status"] == "accepted"),
    ({"is_active": False}, lambda offer: not offer["is_active"]),
    ({"is_active": True}, lambda offer: offer["is_active"]),
    ({"listing_id": 120}, lambda offer: offer["listing"].get("listing_id") == 120),
    ({"request_id": 88}, lambda offer: offer["request_id"] == 88),
    ({"store_id": 3}, lambda offer: offer["store_id"] == 3),
    ({"created_by": 3}, lambda offer: offer["created_by"] == 3),
    ({"contact_id": 23}, lambda offer: 23 in offer["contacts"]),
    ({"contact_id": 3}, lambda offer: 3 in offer["contacts"]),
    (
        {"date_created": {"min": "2024-02-01 00:00:00", "max": "2024-08-31 23:59:59"}},
        lambda offer: "2024-02-01 00:00:00" <= offer["date_created"] <= "2024-08-31 23:59:59",
    ),
    (
        {"date_created": {"min": None, "max": "2023-01-01 00:00:00"}},
        lambda offer: offer["date_created"] <= "2023-01-01 00:00:00",
    ),
    (
        {"date_updated": {"min": "2025-03-12 16:30:00", "max": None}},
        lambda offer: offer["date_updated"] >= "2025-03-12 16:30:00",
    ),
    ({"date_updated": {"min": None, "max": None}}, lambda offer: True),
    (
        {"date_created": {"min": "2025-01-01 00:00:00", "max": "2024-01-01 00:00:00"}},
        lambda offer: False,
    ),
    ({"unknown": 5}, lambda offer: True),
]


@pytest.mark.documented(
    "estateprime:144", "estateprime:145", "estateprime:146", "estateprime:147", "estateprime:148", "estateprime:149",
    "estateprime:150", "estateprime:151", "estateprime:152", "estateprime:153", "estateprime:154", "estateprime:155",
    "estateprime:156",
)  # fmt: skip
@pytest.mark.parametrize(
    ("asked", "fits"), FILTERS, ids=lambda value: "fits" if callable(value) else str(value)[:60]
)
def test_each_filter_alone(client: Client, world, asked, fits):
    assert [row["id"] for row in found(client, **asked)] == [offer["id"] for offer in world if fits(offer)]


@pytest.mark.parametrize("first", range(9))
@pytest.mark.parametrize("second", range(9, 13))
def test_filters_combine(client: Client, world, first, second):
    (one, fits), (other, fits_too) = FILTERS[first], FILTERS[second]
    expected = [offer["id"] for offer in world if fits(offer) and fits_too(offer)]
    assert [row["id"] for row in found(client, **one, **other)] == expected


def test_range_ends_are_inclusive(client: Client):
    when = OFFER_54["date_created"]
    rows = found(client, date_created={"min": when, "max": when})
    assert [row["id"] for row in rows] == [54]


def test_the_page_from_the_query_and_the_body_wins(client: Client):
    assert offers(client, None, "/api/offers?page=3").json()["data"][0]["id"] == 101
    assert offers(client, {"page": 2}, "/api/offers?page=3").json()["data"][0]["id"] == 51
    assert offers(client, {"page": 2}, "/api/offers?status=accepted").json()["total_results"] == 420


def test_past_the_end(client: Client):
    answer = offers(client, {"page": 10})
    page = answer.json()
    assert (answer.status_code, outcome(answer), page["page"], page["data"]) == (200, "past_end", 10, [])
    assert (page["total_pages"], page["results_per_page"]) == (9, 50)


def test_no_result(client: Client):
    answer = offers(client, {"store_id": 999})
    assert outcome(answer) == "empty"
    assert (answer.json()["total_pages"], answer.json()["total_results"], answer.json()["data"]) == (0, 0, [])


@pytest.mark.documented("estateprime:151", "estateprime:154")
@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"page": 0}, "Invalid page"),
        ({"page": -1}, "Invalid page"),
        ({"page": "2"}, "Invalid page"),
        ({"page": 1.5}, "Invalid page"),
        ({"page": True}, "Invalid page"),
        ({"status": "sold"}, "Invalid status"),
        ({"status": ["draft"]}, "Invalid status"),
        ({"is_active": 1}, "Invalid is_active"),
        ({"is_active": "true"}, "Invalid is_active"),
        ({"listing_id": True}, "Invalid listing_id"),
        ({"store_id": "2"}, "Invalid store_id"),
        ({"contact_id": 1.5}, "Invalid contact_id"),
        ({"date_created": "2025-01-01 00:00:00"}, "Invalid date_created"),
        ({"date_created": {}}, "Missing date_created.min"),
        ({"date_created": {"min": None}}, "Missing date_created.max"),
        ({"date_updated": {"min": "2025-01-01", "max": None}}, "Invalid datetime format"),
        ({"date_updated": {"min": "2025-13-01 00:00:00", "max": None}}, "Invalid datetime format"),
        ({"date_updated": {"min": 5, "max": None}}, "Invalid date_updated.min"),
        ({"page": 0, "status": "sold"}, "Invalid page"),
    ],
)
def test_the_first_fault_is_told(client: Client, asked, message):
    answer = offers(client, asked)
    assert (answer.status_code, outcome(answer)) == (400, "validation_error")
    assert answer.json() == {"status": 400, "error_message": message}


@pytest.mark.parametrize("number", [2**63, 2**80, 10**300])
def test_a_number_that_no_record_has(client: Client, number):
    assert offers(client, {"store_id": number}).json()["total_results"] == 0


def test_the_order_of_refusals(client: Client):
    """404, 405, 401, 415, 400."""
    bad = {"Authorization": None, "Content-Type": "text/plain"}
    assert offers(client, b"{", "/api/nothing", **bad).status_code == 404
    assert client.call("POST", "/api/offers", data=b"{", headers=bad).status_code == 405
    assert offers(client, b"{", **bad).status_code == 401
    assert offers(client, b"{", **{**bad, **PAIR}).status_code == 415
    assert offers(client, b"{").status_code == 400


def test_json_is_demanded_on_get_unless_the_switch_is_off(client: Client):
    none = {"Content-Type": None}
    answer = offers(client, None, **none)
    assert (answer.status_code, answer.json()) == (415, {"status": 415, "error_message": "Unsupported media type"})
    assert "require_json" in answer.headers["X-Sandbox-Reason"]
    client.admin("PUT", "/settings", {"switches": {"estateprime.require_json": False}})
    assert offers(client, None, **none).status_code == 200
    assert offers(client, SAMPLE_FILTER, **none).json()["total_results"] == 127


@pytest.mark.documented("estateprime:141a")
@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Bearer sbx_test",
        "Basic sbx_test",
        "Basic c2J4X3Rlc3Q=",
        "Basic OnNlY3JldA==",
        "Basic c2J4X3Rlc3Q6",
    ],
)
def test_the_credential_is_a_pair(client: Client, value):
    answer = offers(client, None, Authorization=value)
    assert (answer.status_code, answer.json()["error_message"]) == (401, "Unauthorized")


def test_the_public_key_names_the_workspace(client: Client):
    answer = offers(client, None, **{"X-Sandbox-Workspace": None})
    assert answer.headers["X-Sandbox-Workspace"] == "test"


def test_a_page_of_a_hundred_thousand_offers(client: Client):
    """The store pages and counts; what is put in by the store's own way is found by every filter."""
    from offer_sandbox.providers.estateprime.provider import OFFERS
    from offer_sandbox.world.store.sqlite import SqliteStore

    store = SqliteStore(None, [OFFERS])
    with store.transaction() as transaction:
        many = ({**OFFER_57, "id": number, "store_id": number % 7} for number in range(1, 100_001))
        transaction.put(1, OFFERS, many)
        assert transaction.count(1, OFFERS, {"store_id": 3}) == 14_286
        last = transaction.select(1, OFFERS, {"store_id": 3}, 50, 14_250, "id")
        assert [offer["id"] for offer in last][-1] == 99_998
    store.close()


def test_offers_put_in_are_found_and_paged(client: Client):
    many = [{**OFFER_57, "id": number, "store_id": 77} for number in range(10_000, 10_130)]
    client.admin("PATCH", "/state/estateprime/offers", {"offers": many})
    assert [row["id"] for row in found(client, store_id=77)] == [offer["id"] for offer in many]
