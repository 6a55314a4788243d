"""Filters in the query: a notice that they did nothing, and the switch that reads them."""

import pytest

from running_server import Client

HEADERS = {"Authorization": "Basic c2J4X3g6c2VjcmV0", "Content-Type": "application/json"}
SAMPLE = {
    "status": "under_negotiation",
    "is_active": True,
    "store_id": 2,
    "date_created": {"min": "2025-01-01 00:00:00", "max": None},
}


def listed(client: Client, query: str = "", body=None):
    """A call of the list."""
    return client.call("GET", f"/api/offers{query}", headers=HEADERS, json=body)


@pytest.fixture
def reading(client: Client) -> Client:
    """A client of a workspace that reads filters from the query."""
    body = {"switches": {"estateprime.query_filter": True}}
    assert client.call("PUT", "/__admin/settings", json=body).status_code == 200
    return client


def test_a_filter_in_the_query_is_reported(client: Client):
    response = listed(client, "?store_id=2&date_created[min]=2025-01-01&page=1&foo=bar")
    assert response.json()["total_results"] == 420
    notice = response.headers["X-Sandbox-Notice"]
    assert notice.startswith("the query parameters ")
    assert "store_id" in notice
    assert "date_created[min]" in notice
    assert "foo" not in notice
    id = response.headers["X-Sandbox-Request-Id"]
    assert notice in client.call("GET", f"/__admin/requests/{id}").json()["notes"]


def test_the_body_alone_and_a_page_get_no_notice(client: Client):
    assert "X-Sandbox-Notice" not in listed(client, "?page=1", SAMPLE).headers


@pytest.mark.parametrize("start", ["date_created[min]", "date_created.min"])
def test_the_switch_reads_them(reading: Client, start: str):
    query = f"?status=under_negotiation&is_active=true&store_id=2&{start}=2025-01-01 00:00:00"
    response = listed(reading, query)
    assert response.json()["data"] == listed(reading, "", SAMPLE).json()["data"]
    assert "X-Sandbox-Notice" not in response.headers


def test_the_body_takes_precedence(reading: Client):
    assert listed(reading, "?store_id=1", {"store_id": 2}).json() == listed(reading, "", {"store_id": 2}).json()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?store_id=two", "Invalid store_id"),
        ("?is_active=yes", "Invalid is_active"),
        ("?status=nearly", "Invalid status"),
        ("?date_created[min]=2025-02-30 00:00:00", "Invalid datetime format"),
        ("?date_created=2025-01-01", "Invalid date_created"),
    ],
)
def test_an_invalid_one_is_refused(reading: Client, query: str, message: str):
    response = listed(reading, query)
    assert (response.status_code, response.json()["error_message"]) == (400, message)
    assert response.headers["X-Sandbox-Reason"].startswith("query.")


@pytest.mark.parametrize(
    ("date", "exists"),
    [
        ("2025-02-29", False), ("2024-02-29", True), ("2100-02-29", False), ("2000-02-29", True),
        ("2025-04-31", False), ("2025-04-30", True), ("2025-12-31", True), ("2025-00-10", False),
    ],
)  # fmt: skip
def test_a_date_that_does_not_exist_is_malformed(client: Client, date: str, exists: bool):
    body = {"date_updated": {"min": f"{date} 12:00:00", "max": None}}
    response = listed(client, "", body)
    assert response.status_code == (200 if exists else 400)
    assert exists or response.json()["error_message"] == "Invalid datetime format"


def test_a_body_that_is_null_filters_nothing(client: Client):
    response = client.call("GET", "/api/offers", headers=HEADERS, data="null")
    assert response.json()["total_results"] == 420
