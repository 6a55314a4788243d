"""A call that waits before it is made goes on in whatever state its workspace is by then."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from covent_calls import covent, create
from provider_calls import send
from running_server import Client, Server, outcome, until

DELAY = {"type": "fixed", "milliseconds": 1_500}


@contextmanager
def waiting(client: Client, call: Any, operation: str, **rule: Any) -> Iterator[Any]:
    """A call that a rule has postponed; the block runs while it waits."""
    body = {"operation": operation, "delay": DELAY, "phase": "before", "times": 1, **rule}
    client.admin("POST", "/rules", body)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(call)
        until(lambda: client.admin("GET", "/rules")["rules"][0]["matched"] == 1)
        yield answer


def test_what_was_reset_meanwhile_is_gone(client: Client):
    id = create(client).json()["id"]
    other = Client(client.url, client.workspace, requests.Session())
    with waiting(client, lambda: covent(other, "GET", f"/offers/{id}"), "covent.getOffer") as answer:
        client.admin("POST", "/reset", {})
        found = answer.result(timeout=30)
    assert (found.status_code, outcome(found)) == (404, "not_found")
    assert client.state("covent/listings"), "the fixtures are back"


def test_what_was_changed_meanwhile_is_seen(client: Client):
    id = create(client).json()["id"]
    other = Client(client.url, client.workspace, requests.Session())
    with waiting(client, lambda: covent(other, "GET", f"/offers/{id}"), "covent.getOffer") as answer:
        client.admin("PATCH", f"/state/covent/offers/{id}", {"status": "rejected", "reason": "by hand"})
        assert outcome(answer.result(timeout=30)) == "rejected"


def test_the_decision_was_made_before_the_wait(client: Client):
    """A rule that is removed meanwhile has had its say, and another one that is armed has none."""
    other = Client(client.url, client.workspace, requests.Session())
    call = lambda: covent(other, "GET", "/listings/lst_123")  # noqa: E731
    with waiting(client, call, "covent.getListing", outcome="draft") as answer:
        client.admin("DELETE", "/rules")
        client.admin("POST", "/rules", {"operation": "covent.getListing", "outcome": "rate_limited"})
        found = answer.result(timeout=30)
    assert (outcome(found), found.headers["X-Sandbox-Trigger"]) == ("draft", "rule")


@pytest.fixture
def keyed() -> Iterator[Server]:
    server = Server("--auth", "keys")
    yield server
    assert server.stop() == 0


def test_a_key_that_was_revoked_meanwhile_opens_nothing(keyed: Server):
    made = requests.post(f"{keyed.url}/__admin/workspaces", json={"name": "w"}, timeout=30).json()
    client = Client(keyed.url, "w", requests.Session())
    client.session.headers["Authorization"] = f"Bearer {made['key']}"
    with waiting(client, lambda: send(keyed.url, "covent", made["key"]), "covent.getListing") as answer:
        assert client.call("DELETE", "/__admin/workspaces/w/key").status_code == 204
        assert outcome(answer.result(timeout=30)) == "unauthorized"
