"""A call that stores nothing takes no lock that others could hold: it is answered while another process writes."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from covent_calls import create, read
from offer_sandbox.world.store.sqlite import FILE_NAME
from provider_calls import CALLS, send
from running_server import Client, Server, outcome

# A server that waits for a lock for a fifth of a second, and not for five.
IMPATIENT = (
    "import sys; from offer_sandbox.world.store import connection; connection.Database.__init__.__kwdefaults__"
    "['busy_seconds'] = 0.2; from offer_sandbox.cli import main; sys.exit(main())"
)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The block runs while another connection is in the middle of a transaction that writes."""
    with closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture(params=["one process", "several"])
def server(request, tmp_path: Path) -> Iterator[Server]:
    """A server on the folder, in whose workspace `w` every provider has been called."""
    flags = ["--workers", "2"] if request.param == "several" else []
    started = Server("--data", str(tmp_path), *flags)
    for provider in CALLS:
        assert send(started.url, provider, "sbx_w").status_code < 300
    yield started
    assert started.stop() == 0


def test_reads_are_answered_while_another_process_writes(server: Server, tmp_path: Path):
    with held(tmp_path):
        for provider in CALLS:
            assert send(server.url, provider, "sbx_w").status_code == 200, provider


def test_a_rule_that_does_not_match_is_told_and_not_counted(server: Server, tmp_path: Path):
    client = Client(server.url, "w", requests.Session())
    rule = {"operation": "covent.getListing", "match": {"path.id": "lst_999"}, "outcome": "rate_limited"}
    client.admin("POST", "/rules", rule)
    with held(tmp_path):
        answer = send(server.url, "covent", "sbx_w")
        assert answer.status_code == 200, dict(answer.headers)
    entry = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert [verdict["verdict"] for verdict in entry["rules"]] == ["not matched"]
    assert client.admin("GET", "/rules")["rules"][0]["matched"] == 0


def test_what_is_counted_or_stored_waits_for_the_lock_and_says_so(tmp_path: Path):
    """A rule that matches, a read that is counted, a write: each needs it."""
    server = Server("--data", str(tmp_path), command=[sys.executable, "-c", IMPATIENT, "serve"])
    client = Client(server.url, "w", requests.Session())
    client.admin("PUT", "/settings", {"progressions": {"covent.decision": {"progression": "manual", "polls": 3}}})
    id = create(client).json()["id"]
    client.admin("POST", "/rules", {"operation": "sibi.getOffer", "delay": {"type": "fixed", "milliseconds": 1}})
    with held(tmp_path):
        refused = [
            send(server.url, "sibi", "sbx_w"),
            read(client, id),
            send(server.url, "covent", "sbx_w", "write"),
        ]
        assert [(answer.status_code, outcome(answer)) for answer in refused] == [(503, "unavailable")] * 3
        assert send(server.url, "covent", "sbx_w").status_code == 200, "a read needs no lock after that either"
    assert read(client, id).json()["status"] == "submitted"
    assert server.stop() == 0
