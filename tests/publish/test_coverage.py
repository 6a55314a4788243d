"""Outcome coverage: which outcomes clients have received, over workspaces and processes, apart from the journal."""

from collections.abc import Iterator

import pytest
import requests

from offer_sandbox.providers import providers
from offer_sandbox.publish.coverage import KINDS, numbers
from running_server import Client, Server

OFFER = "/offers/offer-123"
NOWHERE = "/offers/none"


@pytest.fixture(params=["memory", "workers"])
def counting(request, tmp_path) -> Iterator[Server]:
    """A server that no other test uses, in memory or with two processes."""
    server = Server(*([] if request.param == "memory" else ["--data", str(tmp_path / "data"), "--workers", "2"]))
    yield server
    assert server.stop() == 0


def get(server: Server, path: str, workspace: str = "demo", **headers: str) -> requests.Response:
    """A call on a connection of its own, which either process may get."""
    own = {"Authorization": f"Bearer sbx_{workspace}", "Connection": "close", **headers}
    return requests.get(f"{server.url}{path}", headers=own, timeout=30)


def coverage(server: Server, kinds: str = "") -> dict:
    asked = {"kinds": kinds} if kinds else {}
    answer = requests.get(f"{server.url}/__admin/coverage", params=asked, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def served(server: Server, kinds: str = "") -> list[str]:
    return [each["id"] for each in coverage(server, kinds)["outcomes"] if each["served"]]


def test_the_outcomes_of_the_called_operations_count_over_workspaces_and_processes(counting):
    for number in range(6):
        assert get(counting, OFFER, f"w{number}").status_code == 200
        assert get(counting, NOWHERE, f"w{number}").status_code == 404
    found = coverage(counting)
    catalogue = [
        f"sibi.getOffer.{each.name}"
        for each in providers()["sibi"].parts.outcomes
        if each.operation == "getOffer" and each.kind in KINDS and each.name != "documented"
    ]
    assert [each["id"] for each in found["outcomes"]] == catalogue
    assert served(counting) == ["sibi.getOffer.pending", "sibi.getOffer.offer_not_found"]
    assert (found["served"], found["total"]) == (2, len(catalogue))
    assert found["operations"] == [
        {"operation": "sibi.getOffer", "served": 2, "total": len(catalogue), "percent": found["percent"]}
    ]


def test_the_triggers_tell_forced_outcomes_from_natural_ones(counting):
    get(counting, NOWHERE)
    get(counting, OFFER, **{"X-Sandbox-Outcome": "offer_not_found"})
    get(counting, OFFER, **{"X-Sandbox-Outcome": "expired"})
    found = {each["id"]: each["triggers"] for each in coverage(counting)["outcomes"] if each["served"]}
    assert found == {
        "sibi.getOffer.expired": ["header"],
        "sibi.getOffer.offer_not_found": ["header", "natural"],
    }


def test_it_is_apart_from_journal_state_and_workspaces(counting):
    get(counting, OFFER, "gone")
    requests.delete(f"{counting.url}/__admin/requests?workspace=gone", timeout=30)
    requests.post(f"{counting.url}/__admin/reset?workspace=gone", json={}, timeout=30)
    requests.delete(f"{counting.url}/__admin/workspaces/gone", timeout=30)
    assert served(counting) == ["sibi.getOffer.pending"]


def test_cleared_it_begins_again_in_every_process(counting):
    """Each process has served the outcome before. It must notice that another one has cleared the set."""
    for _ in range(12):
        get(counting, OFFER)
        assert served(counting) == ["sibi.getOffer.pending"]
        assert requests.delete(f"{counting.url}/__admin/coverage", timeout=30).status_code == 204
        assert coverage(counting) == {"served": 0, "total": 0, "percent": 0.0, "operations": [], "outcomes": []}


def test_further_kinds_count_when_they_are_asked_for(counting):
    get(counting, OFFER, **{"X-Sandbox-Outcome": "rate_limited"})
    get(counting, OFFER, **{"X-Sandbox-Outcome": "documented"})
    usual = coverage(counting)
    assert (usual["served"], served(counting)) == (0, [])
    assert served(counting, "infrastructure") == ["sibi.getOffer.rate_limited"]
    assert "sibi.getOffer.documented" in served(counting, "documented, infrastructure")
    assert coverage(counting, "infrastructure")["total"] == usual["total"] + 5
    assert coverage(counting, "error")["total"] == usual["total"]  # it counts anyway


def test_an_unknown_kind_is_refused_with_the_known_ones(counting):
    answer = requests.get(f"{counting.url}/__admin/coverage?kinds=infrastructure,fault", timeout=30)
    assert answer.status_code == 422
    assert "unknown kind 'fault' (known: success, state, denial" in answer.json()["detail"]


def test_what_the_client_did_not_receive_is_not_served(counting):
    with pytest.raises(requests.ConnectionError):
        get(counting, OFFER, **{"X-Sandbox-Fault": "CONNECTION_RESET_BY_PEER"})
    assert get(counting, OFFER, **{"X-Sandbox-Fault": "GATEWAY_HTML"}).status_code == 502
    found = coverage(counting)
    assert found["total"] > 0  # the operation was called
    assert found["served"] == 0
    get(counting, OFFER, **{"X-Sandbox-Fault": "DRIBBLE"})
    assert served(counting) == ["sibi.getOffer.pending"]


def test_calls_without_an_operation_and_calls_of_the_sandbox_itself_do_not_count(counting):
    assert get(counting, "/sibi/nowhere").status_code == 404
    assert get(counting, "/nobody").status_code == 404
    assert get(counting, OFFER, **{"X-Sandbox-Outcome": "no_such_outcome"}).status_code == 400
    send = {"method": "GET", "target": OFFER, "headers": [{"name": "Authorization", "value": "Bearer sbx_demo"}]}
    answer = requests.post(f"{counting.url}/__admin/send", json=send, timeout=30)
    assert answer.json()["status"] == 200
    assert coverage(counting)["operations"] == []


def test_it_survives_a_restart_on_a_folder(tmp_path):
    for _ in range(2):
        server = Server("--data", str(tmp_path))
        try:
            if not served(server):
                get(server, OFFER)
            assert served(server) == ["sibi.getOffer.pending"]
        finally:
            server.stop()


def test_only_the_first_call_of_a_kind_writes_to_the_file(tmp_path):
    server = Server("--data", str(tmp_path))
    try:
        get(server, OFFER)
        written = (tmp_path / "offer-sandbox-coverage.sqlite3-wal").stat().st_size
        for _ in range(20):
            get(server, OFFER)
        assert (tmp_path / "offer-sandbox-coverage.sqlite3-wal").stat().st_size == written
    finally:
        server.stop()


def test_the_key_of_a_workspace_does_not_open_it(session):
    server = Server("--auth", "keys", "--admin-token", "root")
    try:
        admin = Client(server.url, "default", session)
        own = {"Authorization": "Bearer root"}
        key = admin.call("POST", "/__admin/workspaces", json={"name": "team1"}, headers=own).json()["key"]
        refused = admin.call(
            "GET",
            "/__admin/coverage",
            headers={"Authorization": f"Bearer {key}", "X-Sandbox-Workspace": None},
        )
        assert refused.status_code == 403
        assert refused.json()["detail"] == "this call concerns the whole server, and needs the admin token"
        assert admin.call("GET", "/__admin/coverage", headers=own).status_code == 200
    finally:
        server.stop()


def test_a_percentage_is_rounded_down_so_that_100_means_all():
    assert numbers([True] * 2 + [False]) == {"served": 2, "total": 3, "percent": 66.6}
    assert numbers([True] * 9999 + [False])["percent"] == 99.9
    assert numbers([True])["percent"] == 100.0
    assert numbers([])["percent"] == 0.0
