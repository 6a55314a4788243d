"""`/__admin/clock`: read, set, advance; the workspace's own."""

import pytest

from ebay_calls import body
from running_server import Client

PROBLEM = "application/problem+json"


def test_a_new_workspace_has_real_time(client: Client):
    assert client.admin("GET", "/clock")["mode"] == "real"


def test_freezing_setting_and_running_on(client: Client):
    frozen = client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    assert frozen == {"mode": "frozen", "now": "2026-04-17T19:45:00.000Z"}
    assert client.admin("GET", "/clock") == frozen
    assert client.admin("PUT", "/clock", {"now": "2027-01-01T00:00:00Z"}) == {
        "mode": "frozen",
        "now": "2027-01-01T00:00:00.000Z",
    }
    running = client.admin("PUT", "/clock", {"mode": "real"})
    assert running["now"].startswith("2027-01-01T00:0")


def test_payload_times_are_the_clocks(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2031-01-01T00:00:00Z"})
    answer = client.send()
    assert answer.json()["offers"][0]["creationDate"] == "2031-01-01T00:00:00.000Z"
    assert "2031" not in answer.headers["Date"], "the Date header is real time"


def test_clocks_of_workspaces_are_apart(fresh):
    one, other = fresh(), fresh()
    one.admin("POST", "/clock/advance", {"by": "P365D"})
    assert one.admin("GET", "/clock")["now"] > other.admin("GET", "/clock")["now"]


@pytest.mark.parametrize(
    ("method", "path", "given", "records"),
    [
        ("PUT", "/clock", {"mode": "frozen"}, 0),
        ("POST", "/clock/advance", {"by": "P8D"}, 0),
        ("POST", "/scenarios/covent-denied/start", None, 1),  # the scenario itself
    ],
)
def test_a_clock_that_moves_brings_no_fixtures(fresh, method, path, given, records):
    """A provider's fixtures come with its first call; until then there is nothing that time could change."""
    client = fresh()
    client.admin(method, path, given)
    assert client.admin("GET", f"/workspaces/{client.workspace}")["records"] == records


def test_events_come_in_order_and_only_once(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    client.send(body(listingId="110000000002"))
    client.admin("POST", "/clock/advance", {"by": "PT1H"})
    client.send(body(listingId="110000000001"))
    events = client.admin("POST", "/clock/advance", {"by": "P30D"})["events"]
    assert [event["at"] for event in events] == ["2026-04-19T19:45:00.000Z"] * 3 + ["2026-04-19T20:45:00.000Z"] * 3
    assert all(set(event) == {"provider", "kind", "id", "from", "to", "at"} for event in events)
    assert client.admin("POST", "/clock/advance", {"by": "P30D"})["events"] == []


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("POST", "/clock/advance", {}, 422),
        ("POST", "/clock/advance", {"by": "soon"}, 422),
        ("POST", "/clock/advance", {"by": "-P1D"}, 422),
        ("POST", "/clock/advance", {"by": "P3651D"}, 422),
        ("POST", "/clock/advance", {"by": "P100Y"}, 422),
        ("POST", "/clock/advance", {"by": 5}, 422),
        ("POST", "/clock/advance", {"by": "P1D", "to": "x"}, 422),
        ("POST", "/clock/advance", [], 422),
        ("PUT", "/clock", {"mode": "fast"}, 422),
        ("PUT", "/clock", {"mode": ["real"]}, 422),
        ("PUT", "/clock", {"now": "yesterday"}, 422),
        ("PUT", "/clock", {"now": "9999-01-01T00:00:00Z"}, 422),
        ("DELETE", "/clock", None, 405),
        ("GET", "/clock/advance", None, 405),
    ],
)
def test_what_is_not_understood_changes_nothing(client: Client, method, path, given, status):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    answer = client.call(method, f"/__admin{path}", json=given)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status
    assert client.admin("GET", "/clock")["now"] == "2026-04-17T19:45:00.000Z"


@pytest.mark.parametrize(("text", "status"), [(b"{", 400), (b"", 400), (b"\xff", 400), (b" " * 2_000_000, 413)])
def test_a_body_that_is_no_json(client: Client, text, status):
    answer = client.call("PUT", "/__admin/clock", data=text)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
