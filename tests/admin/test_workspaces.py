"""`/__admin/workspaces`: made, listed, dropped; how many there may be, how much of each, and for how long."""

import concurrent.futures
import contextlib
import sqlite3

import pytest
import requests

from ebay_calls import INITIAL
from offer_sandbox.app import create_app
from offer_sandbox.assembly import kinds
from offer_sandbox.configuration import Configuration
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.world import workspaces
from offer_sandbox.world.limits import Limits
from offer_sandbox.world.store.sqlite import FILE_NAME, SqliteStore
from offer_sandbox.world.workspaces import Beginning
from provider_calls import CALLS, send
from raw_http import connected
from running_server import Client, Server, outcome, run, until


def names(client: Client) -> list[str]:
    """The workspaces there are."""
    return [each["name"] for each in client.admin("GET", "/workspaces")["workspaces"]]


def test_a_workspace_is_made_with_its_own_seed_shown_and_dropped(server, session):
    client = Client(server.url, "made-on-purpose", session)
    made = client.call("POST", "/__admin/workspaces", json={"name": client.workspace, "seed": 7})
    assert made.status_code == 201
    told = made.json()
    assert (told["name"], told["seed"], told["key"], told["records"]) == (
        client.workspace,
        7,
        f"sbx_{client.workspace}",
        0,
    )
    assert client.workspace in names(client)
    offers = client.state("estateprime/offers")
    shown = client.admin("GET", f"/workspaces/{client.workspace}")
    assert len(offers) == 420
    assert shown["records"] == sum(map(len, client.world("estateprime")))
    again = client.call("POST", "/__admin/workspaces", json={"name": client.workspace})
    assert (again.status_code, again.json()["seed"]) == (200, 7), "making the same again is no mistake"
    assert (
        client.call("POST", "/__admin/workspaces", json={"name": client.workspace, "seed": 8}).status_code == 409
    )
    client.ebay("GET", "/nobody")
    assert client.admin("GET", "/requests")["meta"]["total"] == 1
    assert client.call("DELETE", f"/__admin/workspaces/{client.workspace}").status_code == 204
    assert client.workspace not in names(client)
    assert client.call("GET", f"/__admin/workspaces/{client.workspace}").status_code == 404
    assert client.call("DELETE", f"/__admin/workspaces/{client.workspace}").status_code == 404
    assert client.admin("GET", "/requests")["meta"]["total"] == 0, "a new one begins with the next call"
    assert client.state("estateprime/offers") != offers, "from the server's seed"


def test_a_name_is_found_where_none_is_given(client):
    made = [client.admin("POST", "/workspaces")["name"] for _ in range(2)]
    assert made[0] != made[1]
    assert send(client.url, "sibi", f"sbx_{made[0]}").headers["X-Sandbox-Workspace"] == made[0]


@pytest.mark.parametrize(
    "body", [{"name": ""}, {"name": "No"}, {"name": 5}, {"seed": "1"}, {"seed": 10**15}, {"seed": True}, {"x": 1}]
)
def test_what_means_nothing_is_refused(client, body):
    assert client.call("POST", "/__admin/workspaces", json=body).status_code == 422


def test_keys_are_not_issued_where_none_is_asked_for(client):
    client.admin("POST", "/workspaces", {"name": client.workspace})
    for method in ("POST", "DELETE"):
        assert client.call(method, f"/__admin/workspaces/{client.workspace}/key").status_code == 409


def test_beyond_the_limit_a_call_is_refused_in_its_dialect_and_makes_nothing(session):
    server = Server("--max-workspaces", "3")
    for number in range(3):
        assert send(server.url, "sibi", f"sbx_w{number}").status_code == 200
    for provider in CALLS:
        refused = send(server.url, provider, "sbx_another")
        assert (refused.status_code, outcome(refused)) == (403, "forbidden") or provider == "opendoor"
        assert outcome(refused) == "forbidden"
        assert "application/problem+json" not in refused.headers["Content-Type"]
        assert "3 workspaces" in refused.headers["X-Sandbox-Reason"]
        assert "X-Sandbox-Workspace" not in refused.headers
    client = Client(server.url, "w0", session)
    assert names(client) == ["w0", "w1", "w2"]
    control = client.call("GET", "/__admin/clock", headers={"X-Sandbox-Workspace": "another"})
    assert (control.status_code, control.json()["type"]) == (409, "urn:offer-sandbox:problem:limit-reached")
    assert client.call("POST", "/__admin/workspaces", json={"name": "another"}).status_code == 409
    assert client.call("GET", "/nobody", headers={"X-Sandbox-Workspace": "another"}).status_code == 404
    client.admin("DELETE", "/workspaces/w1")
    assert send(server.url, "sibi", "sbx_another").status_code == 200
    assert server.stop() == 0


def test_the_quota_of_records_refuses_what_adds_and_nothing_else(session):
    server = Server("--max-records", "2000")
    client = Client(server.url, "w", session)
    one = client.state("estateprime/offers")[0]
    have = client.admin("GET", "/workspaces/w")["records"]
    many = [{**one, "id": 10_000 + number} for number in range(2_000 - have)]
    assert client.admin("PATCH", "/state/estateprime/offers", {"offers": many})["stored"] == len(many)
    assert client.admin("GET", "/workspaces/w")["records"] == 2_000
    refused = client.call("PATCH", "/__admin/state/estateprime/offers", json={"offers": [{**one, "id": 9_999}]})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:offer-sandbox:problem:limit-reached")
    assert client.admin("PATCH", "/state/estateprime/offers", {"offers": many[:1]})["stored"] == 1, "none is new"
    read = send(server.url, "estateprime", "sbx_w")
    assert read.status_code == 200
    assert client.admin("DELETE", f"/state/estateprime/offers/{many[0]['id']}") is None
    assert client.admin("GET", "/workspaces/w")["records"] == 1_999
    assert server.stop() == 0


def test_a_write_beyond_the_quota_is_refused_in_the_dialect_and_leaves_nothing(session):
    server = Server("--max-records", "2000")
    client = Client(server.url, "w", session)
    for provider in CALLS:
        send(server.url, provider, "sbx_w")
    one = client.state("estateprime/offers")[0]
    have = client.admin("GET", "/workspaces/w")["records"]
    many = [{**one, "id": 10_000 + number} for number in range(2_000 - have)]
    client.admin("PATCH", "/state/estateprime/offers", {"offers": many})
    for provider in ("covent", "opendoor", "ebay", "sibi"):
        before = client.world(provider)
        refused = send(server.url, provider, "sbx_w", "write")
        assert outcome(refused) == "forbidden"
        assert "2000 records" in refused.headers["X-Sandbox-Reason"]
        assert refused.headers["X-Sandbox-Workspace"] == "w"
        assert client.world(provider) == before
        assert send(server.url, provider, "sbx_w").status_code == 200
    client.admin("POST", "/reset", {"scope": ["state"]})
    assert send(server.url, "covent", "sbx_w", "write").status_code == 200
    assert server.stop() == 0


def test_a_snapshot_beyond_the_quota_is_refused_as_a_whole(server, session):
    small = Server("--max-records", "2000")
    source, target = Client(server.url, "full-snapshot", session), Client(small.url, "w", session)
    one = source.state("estateprime/offers")[0]
    many = [{**one, "id": 10_000 + number} for number in range(2_000)]
    source.admin("PUT", "/state/estateprime/offers", {"offers": many})
    before = target.admin("GET", "/snapshot")
    refused = target.call("PUT", "/__admin/snapshot", json=source.admin("GET", "/snapshot"))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:offer-sandbox:problem:limit-reached")
    assert target.admin("GET", "/snapshot") == before
    assert small.stop() == 0


def test_a_provider_s_own_fixtures_are_there_to_be_read_whatever_the_quota():
    server = Server("--max-records", "1000")
    made = [send(server.url, "covent", "sbx_w", "write").status_code for _ in range(1_000)]
    assert made[-1] == 403
    for provider in CALLS:
        assert send(server.url, provider, "sbx_w").status_code == 200
    assert server.stop() == 0


def test_webhooks_that_wait_are_bounded_by_the_quota_and_reads_go_on():
    server = Server("--max-records", "1000")
    client = Client(server.url, "w", requests.Session())
    client.admin("PUT", "/clock", {"mode": "frozen"})
    client.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": "http://127.0.0.1:9/nobody"}}})
    fire = {"provider": "sibi", "id": "offer-unknown"}
    statuses = [client.call("POST", "/__admin/webhooks/fire", json=fire).status_code for _ in range(1_001)]
    assert statuses.count(201) < 1_000
    assert statuses[-1] == 409
    assert client.admin("GET", "/workspaces/w")["records"] == 1_000
    assert send(server.url, "sibi", "sbx_w").status_code == 200
    assert server.stop() == 0


def test_the_count_of_records_is_right_whatever_is_done(client):
    def counted() -> int:
        return client.admin("GET", f"/workspaces/{client.workspace}")["records"]

    client.admin("PUT", "/settings", {"webhooks": {"sibi": {"secret": "s"}}})
    client.world()
    seeded = counted()
    client.send()
    client.admin("POST", "/rules", {"operation": "*", "status": 500})
    rules = counted()
    assert rules > seeded
    client.admin("DELETE", "/rules")
    assert counted() == rules - 1
    snapshot = client.admin("GET", "/snapshot")
    held = sum(len(records) for kinds in snapshot["collections"].values() for records in kinds.values())
    assert counted() == held
    client.admin("PUT", "/snapshot", snapshot)
    assert counted() == held
    client.admin("PUT", "/state/ebay/listings", {"listings": []})
    assert counted() == held - len(snapshot["collections"]["ebay"]["listings"])
    client.admin("POST", "/reset")
    assert counted() == 0


def test_an_idle_workspace_is_dropped_and_begins_anew(tmp_path, session):
    server = Server("--data", str(tmp_path), "--workspace-ttl", "1000")
    client = Client(server.url, "idle", session)
    client.send()
    other = Client(server.url, "busy", session)
    other.send()
    assert server.stop() == 0
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE workspaces SET used = used - 1000001 WHERE name = 'idle'")
    connection.close()
    again = Server("--data", str(tmp_path), "--workspace-ttl", "PT1000S")
    client, other = Client(again.url, "idle", session), Client(again.url, "busy", session)
    assert names(other) == ["busy"]
    assert len(client.state("ebay/offers")) == len(INITIAL), "the fixtures alone"
    assert client.admin("GET", "/requests")["meta"]["total"] == 0
    assert len(other.state("ebay/offers")) == len(INITIAL) + 3
    assert again.stop() == 0


def test_a_workspace_that_is_used_stays(tmp_path, session):
    server = Server("--data", str(tmp_path), "--workspace-ttl", "1000")
    client = Client(server.url, "used", session)
    client.send()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE workspaces SET used = used - 900000")
    connection.close()
    assert client.send(item={"listingId": "110000000002"}).status_code == 200
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE workspaces SET used = used - 900000")
    connection.close()
    assert names(client) == ["used"]
    assert server.stop() == 0


@pytest.mark.parametrize("use", ["list", "entry", "named", "wait", "stream"])
def test_reading_watching_and_waiting_are_uses(tmp_path, session, use):
    """The stored time of the last use is set back again and again. Each use must renew it."""
    server = Server("--data", str(tmp_path), "--workspace-ttl", "10")
    client = Client(server.url, "watched", session)
    id = client.send().headers["X-Sandbox-Request-Id"]
    watching = {
        "list": lambda: client.admin("GET", "/requests"),
        "entry": lambda: session.get(f"{server.url}/__admin/requests/{id}", timeout=30),
        "named": lambda: session.get(f"{server.url}/__admin/workspaces/watched", timeout=30),
    }
    path = {"wait": "/requests/wait?count=99&timeout=60", "stream": "/requests/stream"}.get(use, "")
    with contextlib.ExitStack() as stack, sqlite3.connect(tmp_path / FILE_NAME) as connection:
        if path:
            opened = stack.enter_context(connected(server.url))
            opened.sendall(
                f"GET /__admin{path} HTTP/1.1\r\nHost: localhost\r\nX-Sandbox-Workspace: watched\r\n\r\n".encode()
            )
        for _ in range(3):
            connection.execute("UPDATE workspaces SET used = used - 5000")
            connection.commit()
            (before,) = connection.execute("SELECT used FROM workspaces").fetchone()

            def renewed(before: int = before) -> bool:
                watching.get(use, lambda: None)()
                return connection.execute("SELECT used FROM workspaces").fetchone()[0] > before

            until(renewed)
    connection.close()
    assert names(client) == ["watched"]
    assert server.stop() == 0


def test_a_machine_that_was_suspended_drops_nothing_at_once(monkeypatch):
    wall, passed = [1_800_000_000_000], [1_000.0]
    monkeypatch.setattr(workspaces, "real_ms", lambda: wall[0])
    monkeypatch.setattr(workspaces, "stopwatch", lambda: passed[0])
    store = SqliteStore(None, kinds(providers()))
    found = workspaces.Workspaces(Beginning(seed=1), lambda *_: {}, Limits(idle_seconds=60))
    with store.transaction() as transaction:
        found.add(transaction, "one", 1)

    def present(later: float, suspended: float = 0) -> bool:
        wall[0] += int((later + suspended) * 1000)
        passed[0] += later
        found.tidy(store)
        with store.transaction(writes=False) as transaction:
            return transaction.workspace("one") is not None

    assert present(30)
    assert present(1, suspended=3 * 3600), "three hours of sleep are no use, and no idleness either"
    assert present(50)
    assert not present(20)
    store.close()


def test_what_a_dropped_workspace_had_is_swept_away(tmp_path, session):
    server = Server("--data", str(tmp_path))
    client = Client(server.url, "large", session)
    one = client.state("estateprime/offers")[0]
    many = [{**one, "id": 10_000 + number} for number in range(5_000)]
    client.admin("PATCH", "/state/estateprime/offers", {"offers": many})
    Client(server.url, "other", session).send()
    client.admin("DELETE", "/workspaces/large")
    client.admin("GET", "/clock")
    assert server.stop() == 0
    again = Server("--data", str(tmp_path))  # and goes on where the former one may have stopped
    other = Client(again.url, "other", session)
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:

        def left() -> int:
            return connection.execute("SELECT count(*) FROM dropped").fetchone()[0]

        while left():
            other.admin("GET", "/clock")
        assert connection.execute("SELECT count(*) FROM estateprime_offers").fetchone() == (0,)
    connection.close()
    assert len(other.state("ebay/offers")) == len(INITIAL) + 3
    assert again.stop() == 0


@pytest.mark.parametrize(
    "flags", ["--workspace-ttl 0", "--workspace-ttl x", "--workspace-ttl P20Y", "--auth none"]
)
def test_flags_that_mean_nothing_are_a_misuse(flags):
    ended = run("serve", "--port", "0", *flags.split())
    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1


def test_the_usual_limits():
    usual = Configuration().limits
    assert usual.workspaces >= 2_000
    assert usual.records >= 1_000_000
    assert usual.idle_seconds is None
    assert Configuration.of({"workspace_ttl": "P1D"}).limits.idle_seconds == 86_400


def test_two_hundred_workspaces_used_at_once_never_mix(server):
    """Each with a rule, a clock, settings and writes of its own, over sixteen connections at a time."""
    names = [f"apart-{number}" for number in range(200)]

    def used(number: int) -> dict:
        with requests.Session() as session:
            client = Client(server.url, names[number], session)
            key = f"sbx_{names[number]}"
            client.admin("PUT", "/clock", {"mode": "frozen", "now": f"{2030 + number}-01-01T00:00:00Z"})
            client.admin("PUT", "/settings", {"progressions": {"opendoor.evaluation": {"seconds": number + 1}}})
            client.admin("POST", "/rules", {"operation": "sibi.getOffer", "status": 400 + number % 4, "skip": 1})
            writes = [send(server.url, provider, key, "write", session) for provider in CALLS]
            reads = [send(server.url, provider, key, "read", session) for provider in CALLS]
            ruled = send(server.url, "sibi", key, "read", session)
            return {
                "statuses": [answer.status_code for answer in (*writes, *reads)],
                "workspaces": {a.headers["X-Sandbox-Workspace"] for a in (*writes, *reads, ruled)},
                "bodies": [answer.text for answer in writes],
                "ruled": ruled.status_code,
                "clock": client.admin("GET", "/clock")["now"],
                "seconds": client.admin("GET", "/settings")["progressions"]["opendoor.evaluation"]["seconds"],
                "journal": [entry["workspace"] for entry in client.admin("GET", "/requests")["requests"]],
                "hits": [rule["hits"] for rule in client.admin("GET", "/rules")["rules"]],
                "records": {n: len(client.state(f"{n}/{CALLS[n].collection}")) for n in CALLS},
            }

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        found = list(pool.map(used, range(200)))
    for number, each in enumerate(found):
        assert each["workspaces"] == {names[number]}
        assert each["clock"] == f"{2030 + number}-01-01T00:00:00.000Z"
        assert each["seconds"] == number + 1
        assert each["ruled"] == 400 + number % 4
        assert each["hits"] == [1]
        assert each["journal"] == [names[number]] * 11
        assert each["statuses"] == found[0]["statuses"]
        assert each["records"] == found[0]["records"]
    assert all(status < 300 for status in found[0]["statuses"])
    # the same calls in a fresh workspace mint the same ids, whoever else calls at the same time
    for position in (0, 1):
        ids = {each["bodies"][position].partition("created")[0] for each in found}
        assert len(ids) == 1, "the nth record has the same id everywhere"


def test_a_workspace_that_another_process_has_created_again_keeps_its_journal():
    """A deletion empties the journal after its commit, when the workspace may be there again."""
    app = create_app(Options())
    client, services = app.test_client(), app.extensions["offer_sandbox"]
    headers = {"Authorization": "Bearer sbx_again"}
    assert client.get("/covent/api/v1/listings", headers=headers).status_code == 200
    services.workspaces.dropped("again")
    assert services.journal.count("again") == 1
    assert client.delete("/__admin/workspaces/again").status_code == 204
    assert services.journal.count("again") == 0
