"""Webhooks to a real receiver: raw bytes and signature, retries on the workspace's clock, the inbox, restarts."""

import hashlib
import hmac
import json
import socket

import pytest
import requests

from offer_sandbox.webhooks.allowlist import Allowlist
from offer_sandbox.webhooks.client import send
from running_server import Client, Server, until
from sibi_calls import advance, create, pace, read
from webhook_receiver import Receiver, eventually

NOON = {"mode": "frozen", "now": "2024-01-20T12:00:00Z"}
WAITS = ("PT10S", "PT60S", "PT300S", "PT1800S", "PT7200S")


def target(client: Client, receiver: Receiver | None, secret: str | None = None, provider: str = "sibi") -> None:
    """Sets, or takes away, where the workspace's webhooks go."""
    settings = {"url": receiver.url if receiver else None, "secret": secret}
    client.admin("PUT", "/settings", {"webhooks": {provider: settings}})


def inbox(client: Client):
    """The workspace's webhooks."""
    return client.admin("GET", "/webhooks")["webhooks"]


def settled(client: Client, count: int):
    """The workspace's webhooks, once that many attempts were made in all."""
    return eventually(lambda: inbox(client), lambda found: sum(len(each["attempts"]) for each in found) == count)


def statuses(webhooks) -> list[str]:
    """What became of each."""
    return [each["status"] for each in webhooks]


def flushed(client: Client, receiver: Receiver):
    """The calls so far, once an event fired now has come after all that was due."""

    def marks():
        return [call.body for call in receiver.calls if json.loads(call.body)["data"]["id"] == "offer-unknown"]

    before = len(marks())
    client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})
    *_, body = eventually(marks, lambda found: len(found) == before + 1)
    assert receiver.calls[-1].body == body, "what was due came first"
    return receiver.calls[:-1]


@pytest.fixture
def frozen(client: Client) -> Client:
    """A client in a workspace whose clock stands still, without initial offers that expire."""
    client.admin("PUT", "/clock", NOON)
    offers = [each for each in client.state("sibi/offers") if each["sandbox"]["due"] is None]
    client.admin("PUT", "/state/sibi/offers", {"offers": offers})
    return client


def test_an_event_arrives_with_its_topic_and_a_signature_that_verifies(frozen: Client):
    with Receiver() as receiver:
        target(frozen, receiver, "s3cret")
        id = create(frozen).json()["id"]
        assert advance(frozen, "PT3S") == ["generating_upsells"]
        receiver.wait(1)
        advance(frozen, "PT3S")
        calls = receiver.wait(2)
        kept = settled(frozen, 2)
    assert [json.loads(call.body)["data"]["status"] for call in calls] == [
        "generating_upsells",
        "awaiting_customer",
    ]
    for call, webhook in zip(calls, kept, strict=True):
        assert call.path == "/hooks?from=sandbox"
        assert call.headers["topic"] == json.loads(call.body)["topic"] == "offer.updated"
        expected = hmac.new(b"s3cret", call.body, hashlib.sha256).hexdigest()
        assert call.headers["X-Sibi-Signature-256"] == expected
        assert call.headers["Content-Type"] == "application/json"
        assert webhook["request"]["body"].encode() == call.body, "the exact bytes"
        assert webhook["request"]["headers"].items() <= call.headers.items()
        assert (webhook["status"], webhook["attempts"][0]["status"]) == ("delivered", 200)
    assert json.loads(calls[1].body)["data"] == read(frozen, id).json()


def test_without_a_target_events_are_kept(frozen: Client):
    id = create(frozen).json()["id"]
    assert inbox(frozen) == []
    advance(frozen, "P60D")
    found = inbox(frozen)
    assert statuses(found) == ["kept"] * 3
    assert [each["at"] for each in found] == [
        "2024-01-20T12:00:03.000Z",
        "2024-01-20T12:00:06.000Z",
        "2024-02-19T12:00:06.000Z",
    ], "each at the instant of its change"
    assert {(each["provider"], each["topic"], each["kind"], each["record"]) for each in found} == {
        ("sibi", "offer.updated", "offers", id)
    }
    assert "X-Sibi-Signature-256" not in found[0]["request"]["headers"], "no secret, no signature"
    assert frozen.admin("GET", f"/webhooks/{found[1]['id']}") == found[1]
    frozen.admin("DELETE", "/webhooks")
    assert inbox(frozen) == []


def test_events_come_by_themselves_when_their_time_has_come(client: Client):
    """On a clock that runs, with no call to the sandbox that would look."""
    pace(client, "upsells", progression="time", seconds=1)
    with Receiver() as receiver:
        target(client, receiver)
        create(client)
        calls = receiver.wait(2)
    assert [json.loads(call.body)["data"]["status"] for call in calls] == [
        "generating_upsells",
        "awaiting_customer",
    ]


def test_what_a_read_moves_on_is_told_too(frozen: Client):
    pace(frozen, "upsells", progression="manual", polls=0)
    with Receiver() as receiver:
        target(frozen, receiver)
        read(frozen, create(frozen).json()["id"])
        receiver.wait(1)


def test_five_retries_on_the_workspaces_clock_then_no_more(frozen: Client):
    with Receiver(*[500] * 9) as receiver:
        target(frozen, receiver)
        create(frozen, includeUpsells=False)
        advance(frozen, "PT3S")
        (webhook,) = settled(frozen, 1)
        assert (webhook["status"], webhook["next_attempt_at"]) == ("pending", "2024-01-20T12:00:13.000Z")
        for number, wait in enumerate(WAITS, start=2):
            advance(frozen, wait)
            (webhook,) = settled(frozen, number)
        assert (webhook["status"], webhook["next_attempt_at"]) == ("failed", None)
        advance(frozen, "P1D")
        assert len(flushed(frozen, receiver)) == 6
        assert len({call.body for call in receiver.calls[:-1]}) == 1
    assert [each["status"] for each in webhook["attempts"]] == [500] * 6


def test_a_retry_that_succeeds_ends_the_trying(frozen: Client):
    with Receiver(503) as receiver:
        target(frozen, receiver)
        create(frozen, includeUpsells=False)
        advance(frozen, "PT3S")
        settled(frozen, 1)
        advance(frozen, "PT9S")
        assert len(flushed(frozen, receiver)) == 1
        advance(frozen, "PT1S")
        webhook = settled(frozen, 3)[0]
        assert (webhook["status"], len(webhook["attempts"])) == ("delivered", 2)
        advance(frozen, "P1D")
        assert len(flushed(frozen, receiver)) == 3


def test_a_leap_tries_as_often_as_single_steps_would(frozen: Client):
    """Each try at the instant for which it was due, whatever the clock leapt to."""
    with Receiver(*[500] * 9) as receiver:
        target(frozen, receiver)
        create(frozen, includeUpsells=False)
        advance(frozen, "P1D")
        (webhook,) = settled(frozen, 6)
    assert webhook["status"] == "failed"
    assert [each["at"][11:19] for each in webhook["attempts"]] == [
        "12:00:03",
        "12:00:13",
        "12:01:13",
        "12:06:13",
        "12:36:13",
        "14:36:13",
    ]


def test_a_corrected_target_and_secret_hold_for_what_is_pending(frozen: Client):
    with Receiver(500) as wrong, Receiver() as right:
        target(frozen, wrong, "wr0ng")
        create(frozen, includeUpsells=False)
        advance(frozen, "PT3S")
        settled(frozen, 1)
        target(frozen, right, "s3cret")
        advance(frozen, "PT10S")
        (call,) = right.wait(1)
        assert len(wrong.calls) == 1
    assert call.headers["X-Sibi-Signature-256"] == hmac.new(b"s3cret", call.body, hashlib.sha256).hexdigest()


def test_without_a_target_any_more_a_pending_event_is_kept(frozen: Client):
    with Receiver(500) as receiver:
        target(frozen, receiver)
        create(frozen, includeUpsells=False)
        advance(frozen, "PT3S")
        settled(frozen, 1)
        target(frozen, None)
        advance(frozen, "PT10S")
        (webhook,) = eventually(lambda: inbox(frozen), lambda found: found[0]["status"] == "kept")
        assert (webhook["next_attempt_at"], len(webhook["attempts"]), len(receiver.calls)) == (None, 1, 1)


def test_what_is_thrown_away_during_a_send_is_not_sent(frozen: Client):
    with Receiver(hang=True) as receiver:
        target(frozen, receiver)
        for status in ("expired", "canceled", "unknown"):
            frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": f"offer-{status}"})
        receiver.wait(1)
        frozen.admin("DELETE", "/webhooks")
        receiver.release()
        calls = flushed(frozen, receiver)
        assert [json.loads(call.body)["data"]["id"] for call in calls] == ["offer-expired"]


def test_a_reset_during_a_send_loses_nothing_that_comes_after_it(frozen: Client):
    """Ids begin anew with a reset: what the old sender learns is not noted for the new event of the same id."""
    with Receiver(hang=True) as receiver:
        target(frozen, receiver)
        first = frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-expired"})
        receiver.wait(1)
        frozen.admin("POST", "/reset", {"scope": ["state"]})
        second = frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-canceled"})
        assert second["id"] == first["id"]
        receiver.release()
        calls = receiver.wait(2)
        (webhook,) = settled(frozen, 1)
    assert [json.loads(call.body)["data"]["id"] for call in calls] == ["offer-expired", "offer-canceled"]
    assert (webhook["record"], webhook["status"]) == ("offer-canceled", "delivered")


def test_pending_events_are_never_dropped(frozen: Client):
    with Receiver(hang=True) as receiver:
        target(frozen, receiver)
        client = frozen
        first = client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-expired"})
        receiver.wait(1)
        for _ in range(1001):
            client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        found = inbox(client)
        assert (len(found), found[0]["id"]) == (1002, first["id"])
        client.admin("DELETE", "/webhooks")


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200, ""),
        (b"HTTP/1.1 200 OK\r\nX: ", None, "RemoteProtocolError"),
        (b"", None, "RemoteProtocolError"),
        (b"nonsense\r\n\r\n", None, "RemoteProtocolError"),
    ],
)
def test_an_answer_counts_when_its_head_is_complete(client: Client, answer, status, told):
    """Against a bare socket that answers these bytes and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        client.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": url}}})
        fired = client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        connection, _ = listener.accept()
        with connection:
            received = b""
            while not received.endswith(fired["request"]["body"].encode()):
                received += connection.recv(65_536)
            connection.sendall(answer)
    (webhook,) = settled(client, 1)
    attempt = webhook["attempts"][0]
    assert attempt["status"] == status
    assert told in attempt["error"]
    head, _, body = received.partition(b"\r\n\r\n")
    sent = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    assert {name.lower(): value for name, value in sent} == {
        name.lower(): value for name, value in webhook["request"]["headers"].items()
    }, "exactly the headers that the inbox shows"
    assert body.decode() == fired["request"]["body"]


def test_a_name_with_several_addresses_is_tried_at_each(monkeypatch):
    """As `localhost` is where a receiver listens on 127.0.0.1 alone."""
    with Receiver() as receiver:
        real = socket.getaddrinfo

        def both(host, port, *more, **options):
            if host != "both.localhost":
                return real(host, port, *more, **options)
            return [*real("::1", port, *more, **options), *real("127.0.0.1", port, *more, **options)]

        monkeypatch.setattr(socket, "getaddrinfo", both)
        headers = {"Host": "both.localhost", "Content-Length": "2", "Connection": "close"}
        attempt = send(f"http://both.localhost:{receiver.port}/", headers, b"{}", Allowlist())
        assert (attempt["status"], attempt["error"]) == (200, "")


@pytest.mark.parametrize(
    "framing",
    [
        {"Content-Length": "0"},
        {"content-length": "3", "Content-Length": "5"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "keep-alive", "Upgrade": "h2c", "Expect": "100-continue", "TE": "trailers"},
    ],
)
def test_the_headers_that_frame_a_webhook_are_made_when_it_is_sent(framing):
    """A loaded snapshot may have others, which would make a second request of the body."""
    body = b'{"a": 1}\r\n\r\nDELETE /admin HTTP/1.1\r\nHost: x\r\n\r\n'
    with Receiver() as receiver:
        headers = {"Host": f"127.0.0.1:{receiver.port}", "X-Kept": "yes", **framing}
        attempt = send(f"http://127.0.0.1:{receiver.port}/", headers, body, Allowlist())
        [call] = receiver.wait(1)
        assert (attempt["status"], call.body, call.headers["X-Kept"]) == (200, body, "yes")
        sent = {name.lower(): value for name, value in call.headers.items()}
        assert (sent["content-length"], sent["connection"]) == (str(len(body)), "close")
        assert not {"transfer-encoding", "upgrade", "expect", "te"} & set(sent)
        assert len(receiver.wait(1)) == 1


def test_odd_records_stop_nobody_elses_webhooks(fresh):
    """A record in a state from which no time leads; one whose event cannot be rendered."""
    odd, other = fresh(), fresh()
    for client in (odd, other):
        client.admin("PUT", "/clock", NOON)
    id = create(odd).json()["id"]
    record = odd.admin("GET", f"/state/sibi/offers/{id}")
    odd.admin("PATCH", "/state/sibi/offers", {"offers": [{**record, "status": "order_placed"}]})
    refused = {**record, "sandbox": {**record["sandbox"], "due": 10**17}}
    assert odd.call("PATCH", "/__admin/state/sibi/offers", json={"offers": [refused]}).status_code == 422
    advance(odd, "P60D")
    assert read(odd, id).json()["status"] == "order_placed"
    with Receiver() as receiver:
        target(odd, receiver)
        target(other, receiver)
        create(other)
        advance(other, "PT3S")
        receiver.wait(1)


def test_a_redirect_is_not_followed(frozen: Client):
    with Receiver(302) as receiver:
        target(frozen, receiver)
        frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        (webhook,) = settled(frozen, 1)
        assert (webhook["status"], webhook["attempts"][0]["status"]) == ("pending", 302)
        assert [call.path for call in receiver.calls] == ["/hooks?from=sandbox"]


def test_a_duplicate_and_a_wrong_order(frozen: Client):
    with Receiver() as receiver:
        target(frozen, receiver, "s3cret")
        create(frozen)
        advance(frozen, "PT3S")
        receiver.wait(1)
        advance(frozen, "PT3S")
        receiver.wait(2)
        first = inbox(frozen)[0]
        again = frozen.admin("POST", f"/webhooks/{first['id']}/redeliver")
        calls = receiver.wait(3)
        assert (again["redelivers"], again["request"]["body"]) == (first["id"], first["request"]["body"])
        assert again["id"] != first["id"]
        assert calls[2].body == calls[0].body
        assert calls[2].headers["X-Sibi-Signature-256"] == calls[0].headers["X-Sibi-Signature-256"]


def test_a_kept_event_is_sent_once_there_is_a_target(frozen: Client):
    fired = frozen.admin(
        "POST", "/webhooks/fire", {"provider": "sibi", "topic": "offer.updated", "id": "offer-123"}
    )
    assert fired["status"] == "kept"
    with Receiver() as receiver:
        target(frozen, receiver)
        frozen.admin("POST", f"/webhooks/{fired['id']}/redeliver")
        (call,) = receiver.wait(1)
    assert json.loads(call.body)["data"]["id"] == "offer-123"


def test_a_target_that_hangs_keeps_only_its_own_workspace_waiting(fresh):
    slow, quick = fresh(), fresh()
    with Receiver(hang=True) as stuck, Receiver() as receiver:
        target(slow, stuck)
        target(quick, receiver)
        slow.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        stuck.wait(1)
        quick.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        receiver.wait(1)
        assert [(each["status"], each["attempts"]) for each in inbox(slow)] == [("pending", [])], "still waiting"


def test_workspaces_and_refused_calls_leave_no_events_elsewhere(fresh):
    here, elsewhere = fresh(), fresh()
    create(here, includeUpsells="yes")
    read(here, "offer-123", **{"X-Sandbox-Outcome": "expired"})
    assert inbox(here) == []
    here.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
    assert inbox(elsewhere) == []
    here.admin("POST", "/reset", {"scope": ["state"]})
    assert inbox(here) == []


def test_the_switch_of_absent_fields_holds_for_events(frozen: Client):
    frozen.admin("PUT", "/settings", {"switches": {"sibi.absent": "omit"}})
    fired = frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
    assert "orderIds" not in json.loads(fired["request"]["body"])["data"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/webhooks/wh_nobody", None, 404),
        ("POST", "/webhooks/wh_nobody/redeliver", None, 404),
        ("POST", "/webhooks/fire", {}, 422),
        ("POST", "/webhooks/fire", {"provider": "nobody", "id": "1"}, 404),
        ("POST", "/webhooks/fire", {"provider": "sibi", "id": "nobody"}, 404),
        ("POST", "/webhooks/fire", {"provider": "sibi", "topic": "order.created", "id": "offer-123"}, 422),
        ("POST", "/webhooks/fire", {"provider": "sibi", "topic": 5, "id": "offer-123"}, 422),
        ("POST", "/webhooks/fire", {"provider": "ebay", "id": "1"}, 422),
        ("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123", "more": 1}, 422),
        ("PUT", "/settings", {"webhooks": {"ebay": {"url": "http://127.0.0.1/"}}}, 422),
        ("PUT", "/settings", {"webhooks": {"sibi": {"url": "http://example.com/"}}}, 422),
        ("PUT", "/settings", {"webhooks": {"sibi": {"url": "http://169.254.169.254/"}}}, 422),
        ("PUT", "/settings", {"webhooks": {"sibi": {"url": "file:///etc/passwd"}}}, 422),
        ("PUT", "/settings", {"webhooks": {"sibi": {"url": 5}}}, 422),
        ("PUT", "/settings", {"webhooks": {"sibi": {"secret": ""}}}, 422),
        ("PUT", "/settings", {"webhooks": {"sibi": {"uri": "http://127.0.0.1/"}}}, 422),
        ("PUT", "/settings", {"webhooks": {"sibi": None}}, 422),
        ("PUT", "/settings", {"webhooks": []}, 422),
    ],
)
def test_what_is_not_understood_changes_nothing(client: Client, method, path, body, status):
    before = client.admin("GET", "/settings"), inbox(client)
    answer = client.call(method, f"/__admin{path}", json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert (client.admin("GET", "/settings"), inbox(client)) == before


def test_targets_are_merged_at_the_leaves(client: Client):
    target_only = {"webhooks": {"sibi": {"url": "http://127.0.0.1:1/x"}}}
    assert client.admin("PUT", "/settings", target_only)["webhooks"]["sibi"]["secret"] is None
    both = client.admin("PUT", "/settings", {"webhooks": {"sibi": {"secret": "s3cret"}}})["webhooks"]["sibi"]
    assert both == {"url": "http://127.0.0.1:1/x", "secret": "s3cret"}


def test_the_oldest_make_room_beyond_a_thousand(frozen: Client):
    ids = [
        frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})["id"] for _ in range(1003)
    ]
    assert [each["id"] for each in inbox(frozen)] == ids[3:]


def test_delivery_and_retries_survive_a_crash(tmp_path):
    """The receiver is down at the first try; the server is killed; both come back, and the retry delivers."""
    with Receiver() as receiver:
        port, url = receiver.port, receiver.url
    with requests.Session() as session:
        first = Server("--data", str(tmp_path))
        client = Client(first.url, "kept", session)
        client.admin("PUT", "/clock", NOON)
        client.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": url, "secret": "s3cret"}}})
        create(client, includeUpsells=False)
        advance(client, "PT3S")
        (webhook,) = settled(client, 1)
        assert webhook["attempts"][0]["status"] is None
        assert "refused" in webhook["attempts"][0]["error"].lower()
        first.kill()
        with Receiver(port=port) as receiver:
            second = Server("--data", str(tmp_path))
            client = Client(second.url, "kept", session)
            assert inbox(client) == [webhook]
            advance(client, "PT10S")
            (call,) = receiver.wait(1)
            assert call.body == webhook["request"]["body"].encode()
            assert statuses(settled(client, 2)) == ["delivered"]
        assert second.stop() == 0


def test_what_was_due_while_the_server_was_down_is_sent_at_its_start(tmp_path):
    with Receiver() as receiver, requests.Session() as session:
        first = Server("--data", str(tmp_path))
        client = Client(first.url, "kept", session)
        pace(client, "upsells", progression="time", seconds=1)
        target(client, receiver)
        create(client, includeUpsells=False)
        first.kill()
        second = Server("--data", str(tmp_path))
        receiver.wait(1)
        assert second.stop() == 0


def test_a_host_that_the_operator_named(tmp_path):
    with Receiver() as receiver, requests.Session() as session:
        server = Server("--allow-webhook-host", "Receiver.Example")
        client = Client(server.url, "named", session)
        named = {"webhooks": {"sibi": {"url": "http://receiver.example:1/"}}}
        assert client.admin("PUT", "/settings", named)["webhooks"]["sibi"]["url"] == "http://receiver.example:1/"
        refused = client.call(
            "PUT", "/__admin/settings", json={"webhooks": {"sibi": {"url": "http://other.example/"}}}
        )
        assert refused.status_code == 422
        assert "--allow-webhook-host" in refused.json()["detail"]
        target(client, receiver)
        client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        receiver.wait(1)
        assert server.stop() == 0


@pytest.mark.parametrize("headers", [{}, {"User-Agent": "curl/8"}, {"user-agent": "curl/8"}])
def test_a_webhook_acts_in_no_other_workspace(fresh, headers):
    """Its target may be the control API of its own server, and a loaded snapshot may give it other headers."""
    client, victim = fresh(), fresh()
    path = f"/__admin/scenarios/sibi-denied/start?workspace={victim.workspace}"
    client.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": f"{client.url}{path}"}}})
    client.admin("PUT", "/clock", NOON)
    id = client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})["id"]

    def attempts():
        return client.admin("GET", f"/webhooks/{id}")["attempts"]

    assert eventually(attempts, lambda found: len(found) >= 1)[0]["status"] == 403
    snapshot = client.admin("GET", "/snapshot")
    [stored] = snapshot["collections"]["sandbox"]["webhooks"]
    snapshot["collections"]["sandbox"]["webhooks"] = [{**stored, "headers": {**stored["headers"], **headers}}]
    client.admin("PUT", "/snapshot", snapshot)
    client.admin("POST", "/clock/advance", {"by": "PT1H"})
    found = eventually(attempts, lambda found: len(found) >= 2)
    assert {attempt["status"] for attempt in found} == {403}
    running = victim.admin("GET", "/scenarios/sibi-denied")
    assert running["started"] is False


def armed(client: Client, webhook, **more):
    """A rule for Sibi's webhooks."""
    return client.admin("POST", "/rules", {"operation": "sibi.offer.updated", "webhook": webhook, **more})


def arrived(calls) -> list[str]:
    """The offers' statuses that webhooks told, in the order of their arrival."""
    return [json.loads(call.body)["data"]["status"] for call in calls]


def test_a_duplicate_by_rule_arrives_twice_with_the_same_bytes(frozen: Client):
    with Receiver() as receiver:
        target(frozen, receiver, "s3cret")
        rule = armed(frozen, "DUPLICATE", times=1)
        create(frozen)
        advance(frozen, "PT3S")
        first, second = receiver.wait(2)
        assert (first.body, first.headers["X-Sibi-Signature-256"]) == (
            second.body,
            second.headers["X-Sibi-Signature-256"],
        )
        one, other = settled(frozen, 2)
        assert (one["fault"], one["rule"], other["redelivers"]) == ("DUPLICATE", rule["id"], one["id"])
        advance(frozen, "PT3S")
        assert arrived(receiver.wait(3)) == ["generating_upsells", "generating_upsells", "awaiting_customer"]
        assert frozen.admin("GET", f"/rules/{rule['id']}")["hits"] == 1


def test_a_late_webhook_comes_by_the_clock_of_its_workspace(frozen: Client):
    with Receiver() as receiver:
        target(frozen, receiver)
        armed(frozen, {"type": "LATE", "seconds": 600}, times=1)
        create(frozen)
        advance(frozen, "PT3S")
        advance(frozen, "PT3S")
        assert arrived(receiver.wait(1)) == ["awaiting_customer"]
        advance(frozen, "PT9M50S")
        assert inbox(frozen)[0]["status"] == "pending"
        advance(frozen, "PT10S")
        assert arrived(receiver.wait(2)) == ["awaiting_customer", "generating_upsells"]


def test_out_of_order_is_right_after_the_next_one(frozen: Client):
    with Receiver() as receiver:
        target(frozen, receiver)
        armed(frozen, "OUT_OF_ORDER", times=1)
        create(frozen)
        advance(frozen, "PT3S")
        assert inbox(frozen)[0]["status"] == "pending"
        advance(frozen, "PT4S")
        assert arrived(receiver.wait(2)) == ["awaiting_customer", "generating_upsells"]


def test_out_of_order_without_another_one_is_an_hour_late(frozen: Client):
    with Receiver() as receiver:
        target(frozen, receiver)
        armed(frozen, "OUT_OF_ORDER")
        frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        assert receiver.calls == []
        advance(frozen, "PT1H")
        receiver.wait(1)


def test_a_wrong_signature_is_wrong_at_each_attempt_and_right_when_sent_anew(frozen: Client):
    with Receiver(500) as receiver:
        target(frozen, receiver, "s3cret")
        armed(frozen, "WRONG_SIGNATURE", times=1)
        event = frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        receiver.wait(1)
        advance(frozen, "PT1H")
        calls = receiver.wait(2)
        right = hmac.new(b"s3cret", calls[0].body, hashlib.sha256).hexdigest()
        sent = [call.headers["X-Sibi-Signature-256"] for call in calls]
        assert right not in sent
        assert len(set(sent)) == 1
        assert len(sent[0]) == len(right)
        frozen.admin("DELETE", "/rules")
        again = frozen.admin("POST", f"/webhooks/{event['id']}/redeliver")
        assert again["fault"] is None
        until(lambda: right in [call.headers["X-Sibi-Signature-256"] for call in receiver.calls])


def test_one_that_is_never_sent_stays_in_the_inbox(frozen: Client):
    with Receiver() as receiver:
        target(frozen, receiver)
        armed(frozen, "NEVER", match={"body.data.status": "generating_upsells"})
        create(frozen)
        advance(frozen, "PT3S")
        advance(frozen, "PT3S")
        assert arrived(receiver.wait(1)) == ["awaiting_customer"]
        until(lambda: inbox(frozen)[1]["status"] == "delivered")
        assert [(each["status"], each["fault"]) for each in inbox(frozen)] == [
            ("kept", "NEVER"),
            ("delivered", None),
        ]
        snapshot = frozen.admin("GET", "/snapshot")
        frozen.admin("PUT", "/snapshot", snapshot)
        assert [each["fault"] for each in inbox(frozen)] == ["NEVER", None]


def test_a_rule_for_webhooks_concerns_no_call(frozen: Client):
    rule = frozen.admin("POST", "/rules", {"operation": "*", "webhook": "NEVER", "skip": 1})
    answer = frozen.call("GET", "/sibi/offers/offer-123", headers={"Authorization": "Bearer sbx_x"})
    entry = frozen.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")
    assert entry["rules"] == []
    frozen.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
    found = frozen.admin("GET", f"/rules/{rule['id']}")
    assert (found["matched"], found["hits"]) == (1, 0)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"operation": "sibi.offer.deleted", "webhook": "NEVER"}, "unknown webhook topic 'sibi.offer.deleted'"),
        ({"operation": "covent.*", "webhook": "NEVER"}, "unknown webhook topic"),
        ({"operation": "sibi.getOffer", "webhook": "NEVER"}, "unknown webhook topic"),
        ({"operation": "sibi.offer.updated", "status": 503}, "unknown operation"),
        ({"operation": "sibi.*", "webhook": "NEVER", "status": 503}, "concerns no calls"),
        ({"operation": "sibi.*", "webhook": "LOST"}, "must be one of DUPLICATE"),
        (
            {"operation": "sibi.*", "webhook": {"type": "NEVER", "seconds": 5}},
            "only the fault LATE can have seconds",
        ),
        ({"operation": "sibi.*", "webhook": "NEVER", "match": {"query.a": "b"}}, "concerns its body"),
        ({"operation": "opendoor.*", "webhook": "WRONG_SIGNATURE"}, "opendoor does not sign its webhooks"),
    ],
)
def test_a_rule_for_webhooks_that_means_nothing(client: Client, rule, told):
    refused = client.call("POST", "/__admin/rules", json=rule)
    assert refused.status_code == 422
    assert told in refused.json()["detail"]


def test_a_server_that_holds_webhooks_sends_none(session):
    server = Server("--hold-webhooks")
    client = Client(server.url, "held", session)
    with Receiver() as receiver:
        target(client, receiver)
        event = client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-123"})
        client.admin("POST", f"/webhooks/{event['id']}/redeliver")
        client.admin("PUT", "/snapshot", client.admin("GET", "/snapshot"))
        assert server.stop() == 0
        assert receiver.calls == []


def test_a_provider_without_webhooks_fires_none(client: Client):
    answer = client.call("POST", "/__admin/webhooks/fire", json={"provider": "covent", "id": "off_123"})
    assert (answer.status_code, answer.json()["detail"]) == (422, "provider: 'covent' sends no webhooks")
