"""`serve --exchanges FILE`: every exchange on a line, whatever is reset."""

import subprocess

import pytest
import requests

from offer_sandbox.publish.exchange_file import exchanges_in
from offer_sandbox.publish.failure_facts import gathered
from running_server import COMMAND, Client, Server


@pytest.mark.parametrize("flags", [(), ("--workers", "2")])
def test_exchanges_stay_after_a_reset_and_without_their_workspace(tmp_path, session, flags):
    file = tmp_path / "exchanges"
    server = Server("--exchanges", str(file), *flags, *(("--data", str(tmp_path / "data")) if flags else ()))
    client = Client(server.url, "one", session)
    ids = [client.send().headers["X-Sandbox-Request-Id"]]
    client.admin("POST", "/reset")
    ids.append(client.send().headers["X-Sandbox-Request-Id"])
    entry = client.admin("GET", f"/requests/{ids[1]}")
    client.admin("DELETE", "/workspaces/one")
    ids.append(requests.get(f"{server.url}/nowhere", timeout=30).headers["X-Sandbox-Request-Id"])
    assert server.stop() == 0
    found = [*exchanges_in(file)]
    assert [each["id"] for each in found] == ids
    assert found[1] == {name: value for name, value in entry.items() if name in found[1]}


def test_the_file_has_no_secrets(tmp_path, session):
    server = Server("--exchanges", str(tmp_path / "e"), "--auth", "keys", "--admin-token", "operator")
    admin = {"Authorization": "Bearer operator"}
    made = requests.post(f"{server.url}/__admin/workspaces", json={"name": "team"}, headers=admin, timeout=30)
    key = made.json()["key"]
    headers = {"Authorization": f"Bearer {key}", "X-Api-Key": "hunter2"}
    requests.post(
        f"{server.url}/sibi/offers", json={"note": key, "password": "hunter3"}, headers=headers, timeout=30
    )
    assert server.stop() == 0
    text = (tmp_path / "e").read_text()
    assert text.count("\n") == 1
    assert not any(each in text for each in (key, "hunter2", "hunter3"))


def test_a_file_that_cannot_be_written_is_told_before_the_start(tmp_path):
    command = [*COMMAND, "serve", "--port", "0", "--exchanges", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert f"cannot write the exchanges to {tmp_path}: Is a directory" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_calls_of_the_same_millisecond_keep_their_order():
    def call(outcome: str, fired: bool) -> dict:
        rules = [{"verdict": "fired", "scenario": "failure-test"}] if fired else []
        return {
            "workspace": "w",
            "at": "2026-04-17T19:45:00.000Z",
            "milliseconds": 2.0,
            "operation": "sibi.getOffer",
            "outcome": outcome,
            "kind": "state",
            "fault": None,
            "rules": rules,
            "notes": [],
            "changes": [],
            "request": {"method": "GET", "path": "/", "query": [], "body": ""},
            "response": {"status": 200, "headers": {}},
        }

    entries = [call("sibi.getOffer.unauthorized", True), call("sibi.getOffer.pending", False)]
    options = {"operation": "sibi.getOffer", "writes": False, "scenario": "failure-test"}
    facts = gathered(entries, [], **options, exit_code=0, seconds=1.0)
    assert (facts.results, facts.recovered, facts.pauses) == (("unauthorized", "pending"), True, (0.0,))
