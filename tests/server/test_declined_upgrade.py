"""A request that offers an upgrade is answered over HTTP/1.1, once, with its body read (RFC 9110 7.8)."""

import json

import pytest

from provider_calls import CALLS, NEGOTIATED
from raw_http import answers, connected, raw, rest_of
from running_server import Client, Server, outcome

TOKENS = ["h2c", "TLS/1.0", "websocket", "anything"]
LAST = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
FILTER = {"store_id": 2, "status": "under_negotiation"}


def head(provider: str, workspace: str, call: str, token: str, *further: str) -> str:
    """The head of a provider's call that offers an upgrade, without its end."""
    calls = CALLS[provider]
    method, path, _ = getattr(calls, call)
    headers = {
        "Host": "localhost",
        **dict(calls.headers),
        "Content-Type": "application/json",
        "Authorization": calls.authorization(f"sbx_{workspace}"),
        "Connection": "Upgrade, HTTP2-Settings",
        "Upgrade": token,
        "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    }
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), *further]
    return "\r\n".join([*lines, "\r\n"])


def content(provider: str, call: str) -> bytes:
    value = FILTER if provider == "estateprime" else getattr(CALLS[provider], call)[2]
    return b"" if value is None else json.dumps(value).encode()


def chunks(body: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part) + b"0\r\n\r\n"


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("provider", CALLS)
@pytest.mark.parametrize("call", ["read", "write"])
def test_the_body_is_read_and_the_connection_goes_on(client: Client, provider: str, call: str, token: str):
    """Sized and in chunks, each in one packet with a further request behind it."""
    body = content(provider, call)
    sized = head(provider, f"{client.workspace}-a", call, token, f"Content-Length: {len(body)}").encode() + body
    chunked = head(provider, f"{client.workspace}-b", call, token, "Transfer-Encoding: chunked").encode()
    for text in (sized, chunked + chunks(body)):
        first, last = answers(raw(client.url, text + LAST))
        assert (first.status // 100, last.status) == (2, 200)
        assert first.headers["x-sandbox-trigger"] == "natural"
        if provider == "estateprime" and call == "read":
            assert json.loads(first.body)["total_results"] == NEGOTIATED, "the filter was read"


@pytest.mark.parametrize("token", TOKENS)
def test_the_body_may_come_later(client: Client, token: str):
    """The client waits for 100 Continue, so that head and body arrive apart."""
    body = content("covent", "write")
    text = head("covent", client.workspace, "write", token, f"Content-Length: {len(body)}", "Expect: 100-continue")
    with connected(client.url) as connection:
        connection.sendall(text.encode())
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body + LAST)
        received = rest_of(connection)
    assert [answer.status for answer in answers(received)] == [200, 200]


@pytest.mark.parametrize("token", TOKENS)
def test_a_body_is_no_second_request(client: Client, token: str):
    """What a proxy passed on as a body is answered once, and not as a call of its own."""
    inner = (
        b'POST /__admin/workspaces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18\r\n\r\n{"name":"smuggled"}'
    )
    text = head(
        "covent", client.workspace, "write", token, f"Content-Length: {len(inner)}", "Expect: 100-continue"
    )
    with connected(client.url) as connection:
        connection.sendall(text.encode())
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(inner + LAST)
        received = rest_of(connection)
    first, last = answers(received)
    assert (first.status, last.status) == (400, 200)
    assert first.headers["x-sandbox-outcome"] == "covent.createOffer.invalid_json"
    assert "smuggled" not in [each["name"] for each in client.admin("GET", "/workspaces")["workspaces"]]


@pytest.mark.parametrize("token", TOKENS)
def test_control_calls_too(client: Client, token: str):
    headers = {"Connection": "Upgrade", "Upgrade": token}
    frozen = {"mode": "frozen", "now": "2026-04-17T19:45:00.000Z"}
    assert client.call("PUT", "/__admin/clock", json=frozen, headers=headers).json() == frozen
    assert client.call("GET", "/__admin/clock", headers=headers).json() == frozen
    for path in ("/health", "/metrics", "/openapi.json", "/"):
        assert client.call("GET", path, headers=headers).status_code == 200


def test_the_journal_shows_that_an_upgrade_was_offered(client: Client):
    assert outcome(client.send(headers={"Connection": "Upgrade", "Upgrade": "h2c"})) == "success"
    [entry] = client.admin("GET", "/requests")["requests"]
    assert entry["request"]["headers"]["upgrade"] == "h2c"
    assert "110000000001" in entry["request"]["body"]


def test_a_closing_client_is_answered_before_the_end(server: Server):
    text = head("sibi", "closing", "read", "h2c").replace("Upgrade, HTTP2-Settings", "close, Upgrade")
    [answer] = answers(raw(server.url, text.encode()))
    assert (answer.status, answer.headers["connection"]) == (200, "close")
