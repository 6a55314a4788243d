"""Several servers on one PostgreSQL database are one sandbox, whichever of them a call goes to."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from catalog_steps import CATALOG, sender
from offer_sandbox.assembly import assembled
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.providers.covent import samples as covent
from offer_sandbox.publish.examples import walk
from offer_sandbox.world.locations import DatabaseUrl
from postgresql import shared
from provider_calls import send
from running_server import EBAY_FIND, Client, Server, until
from several_servers import Servers, flood
from webhook_receiver import Receiver

OFFERS = "/covent/api/v1/offers"


@pytest.fixture(scope="module")
def several() -> Iterator[Servers]:
    """Three servers on one database, which they find empty at the same time."""
    servers = Servers(3, "--data", shared().new_url(), "--max-workspaces", "100000")
    yield servers
    assert servers.stop() == [0, 0, 0]


def urls(several: Servers) -> list[str]:
    return [each.url for each in several.servers]


def test_the_walk(several):
    """Every outcome's steps, each call to another server."""
    wrong = []
    for position, entry in enumerate(CATALOG):
        client = several.client(f"walk-{position}")
        found = walk(entry, client.workspace, sender(client))
        if found is not None and (found.outcome, found.status) != (entry["id"], entry["status"]):
            wrong.append((entry["id"], found))
    assert wrong == []


def test_three_thousand_calls_fire_a_rule_a_thousand_times(several):
    client = several.client("counted")
    client.admin("POST", "/rules", {"operation": "covent.listListings", "status": 500, "times": 1000})
    answers = flood(
        urls(several), 3000, "GET", "/covent/api/v1/listings?limit=1", {"Authorization": "Bearer sbx_counted"}
    )
    statuses = [status for status, _ in answers]
    assert (statuses.count(500), statuses.count(200)) == (1000, 2000)
    for each in several.clients("counted"):
        rule = each.admin("GET", "/rules")["rules"][0]
        assert (rule["matched"], rule["hits"]) == (3000, 1000)
        assert each.admin("POST", "/requests/count", {"operation": "covent.listListings"}) == {"count": 3000}


def test_three_thousand_records_have_three_thousand_ids(several):
    client = several.client("minted")
    answers = flood(
        urls(several), 3000, "POST", OFFERS, {"Authorization": "Bearer sbx_minted"}, covent.CREATE_OFFER
    )
    assert {status for status, _ in answers} <= {200, 201}
    ids = {json.loads(body)["id"] for _, body in answers}
    assert len(ids) == 3000
    assert ids <= {each["id"] for each in client.state("covent/offers")}


def test_the_clock_of_one_is_the_clock_of_all(several):
    first, *others = several.clients("timed")
    first.admin("PUT", "/clock", {"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
    for day, client in enumerate([first, *others] * 4, start=2):
        client.admin("POST", "/clock/advance", {"by": "P1D"})
        told = {each.admin("GET", "/clock")["now"] for each in (first, *others)}
        assert told == {f"2030-01-{day:02d}T00:00:00.000Z"}


def test_a_call_sees_what_an_answered_call_did_on_another_server(several):
    """Rules, settings, records and the workspace itself, in each of many rounds."""
    client = several.client("seen")
    for _ in range(20):
        rule = client.admin("POST", "/rules", {"operation": "ebay.findEligibleItems", "status": 500})
        assert client.ebay("GET", EBAY_FIND).status_code == 500
        client.admin("DELETE", f"/rules/{rule['id']}")
        assert client.ebay("GET", EBAY_FIND).status_code == 200
        client.admin("PUT", "/settings", {"switches": {"covent.headers": "strict"}})
        assert client.call("GET", "/covent/api/v1/listings").status_code >= 400
        client.admin("POST", "/reset")
        offer = send(several.url, "covent", "sbx_seen", "write").json()["id"]
        assert any(each["id"] == offer for each in client.state("covent/offers"))
    client.admin("DELETE", "/workspaces/seen")
    assert client.call("GET", "/__admin/workspaces/seen").status_code == 404


def test_a_long_poll_on_one_hears_of_calls_on_others(several):
    clients = several.clients("heard")
    with ThreadPoolExecutor(6) as pool:
        waits = [
            pool.submit(client.admin, "GET", "/requests/wait?count=5&timeout=30")
            for client in clients
            for _ in "ab"
        ]
        for _ in range(5):
            several.client("heard").ebay("GET", EBAY_FIND)
        assert {len(wait.result()["requests"]) for wait in waits} == {5}


def test_a_stream_on_one_tells_of_calls_on_others(several):
    clients = several.clients("streamed")
    clients[0].admin("GET", "/clock")
    streams = [client.call("GET", "/__admin/requests/stream", stream=True) for client in clients]
    ids = [several.client("streamed").ebay("GET", EBAY_FIND).headers["X-Sandbox-Request-Id"] for _ in range(6)]
    for stream in streams:
        lines = (line for line in stream.iter_lines() if line.startswith(b"id: "))
        assert [next(lines) for _ in ids] == [f"id: {id}".encode() for id in ids]
        stream.close()


def test_every_exchange_is_in_the_journal_once_its_answer_is_sent(several):
    client = several.client("told")
    for number in range(1, 31):
        id = client.ebay("GET", EBAY_FIND).headers["X-Sandbox-Request-Id"]
        assert client.admin("GET", f"/requests/{id}")["id"] == id
        assert client.admin("GET", "/requests")["meta"]["total"] == number


def test_the_coverage_is_that_of_all(several):
    client = several.client("covered")
    for _ in range(10):
        client.admin("DELETE", "/coverage")
        assert client.admin("GET", "/coverage")["total"] == 0
        client.send(headers={"X-Sandbox-Outcome": "150017"})
        client.send(headers={"X-Sandbox-Outcome": "150018"})
        served = {each["id"] for each in client.admin("GET", "/coverage")["outcomes"] if each["served"]}
        assert served == {f"ebay.sendOfferToInterestedBuyers.{code}" for code in (150017, 150018)}


def test_a_webhook_is_delivered_once(several):
    receiver, client = Receiver(), several.client("hooked")
    try:
        client.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": receiver.url}}})
        client.admin("PUT", "/clock", {"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
        for _ in range(12):
            assert send(several.url, "sibi", "sbx_hooked", "write").status_code == 201
        for _ in range(6):
            client.admin("POST", "/clock/advance", {"by": "PT3S"})
        until(lambda: all(each["status"] == "delivered" for each in client.admin("GET", "/webhooks")["webhooks"]))
        events = client.admin("GET", "/webhooks")["webhooks"]
        assert len(receiver.wait(len(events))) == len(events) >= 24
        assert {len(each["attempts"]) for each in events} == {1}
    finally:
        receiver.close()


def test_what_a_killed_server_has_acknowledged_is_there(several):
    """One server of three dies in the middle of many calls. Its clients see broken connections; nobody else does."""
    servers = Servers(3, "--data", shared().new_url())
    victim, *others = servers.servers
    acknowledged: list[tuple[str, str]] = []

    def create_until_broken(url: str) -> None:
        for _ in range(200):
            try:
                answer = send(url, "covent", "sbx_killed", "write")
            except OSError:
                return
            assert answer.status_code < 300, answer.text
            acknowledged.append((answer.json()["id"], answer.headers["X-Sandbox-Request-Id"]))

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(create_until_broken, each.url) for each in servers.servers for _ in "ab"]
        until(lambda: len(acknowledged) > 100)
        victim.process.send_signal(signal.SIGKILL)
        for each in running:
            each.result()
    assert len(acknowledged) >= 800
    client = next(each for each in servers.clients("killed") if each.url == others[0].url)
    stored = {each["id"] for each in client.state("covent/offers")}
    assert {offer for offer, _ in acknowledged} <= stored
    for _, id in acknowledged[::25]:
        assert client.admin("GET", f"/requests/{id}")["id"] == id
    victim.process.communicate(timeout=60)
    assert [each.stop() for each in others] == [0, 0]


def test_the_processes_of_one_server_share_a_database_too():
    server = Server("--workers", "2", "--data", shared().new_url())
    answers = flood([server.url], 60, "POST", OFFERS, {"Authorization": "Bearer sbx_forked"}, covent.CREATE_OFFER)
    assert len({json.loads(body)["id"] for _, body in answers}) == 60
    client = Client(server.url, "forked", requests.Session())
    assert client.admin("POST", "/requests/count", {"operation": "covent.createOffer"}) == {"count": 60}
    assert server.stop() == 0


def test_another_server_sends_the_webhooks_of_one_that_has_ended(monkeypatch):
    """The first server sends none, and ends. The other one looks for them by itself."""
    url, receiver = shared().new_url(), Receiver()
    monkeypatch.setattr("offer_sandbox.webhooks.dispatcher._PATROL_SECONDS", 0.2)
    other = assembled(Options(data=DatabaseUrl(url), shared=True), providers())
    first = Server("--data", url, "--hold-webhooks")
    try:
        client = Client(first.url, "left", requests.Session())
        client.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": receiver.url}}})
        assert send(first.url, "sibi", "sbx_left", "write").status_code == 201
        first.kill()
        assert receiver.wait(1)
    finally:
        receiver.close()
        other.close()
