"""How much one client or all of them may take: calls that wait, streams, silence, connections, heads, bodies."""

import concurrent.futures
import contextlib
import select
import socket
import sys
from collections.abc import Iterator

import pytest
import requests

from metrics_reader import figures
from provider_calls import send
from raw_http import connected
from running_server import EBAY_FIND, Client, Server, outcome, run, until


@contextlib.contextmanager
def ended(*flags: str, command: list[str] | None = None) -> Iterator[Server]:
    """A server that must end well."""
    server = Server(*flags, command=command or [])
    yield server
    assert server.stop() == 0


@contextlib.contextmanager
def kept_waiting(server: Server, number: int) -> Iterator[None]:
    """So many calls wait while the block runs, each in a workspace of its own."""
    with concurrent.futures.ThreadPoolExecutor(number) as pool:
        delay = {"X-Sandbox-Delay": "600000"}
        waits = [pool.submit(send, server.url, "sibi", f"sbx_p{n}", **delay) for n in range(number)]
        until(lambda: figures(server.url)["offer_sandbox_parked"] >= number)
        yield
        server.process.terminate()
        assert [each.result().status_code for each in waits] == [200] * number


def test_no_more_calls_wait_than_may_and_others_go_on():
    server = Server("--max-parked", "3")
    client = Client(server.url, "w", requests.Session())
    client.admin("POST", "/rules", {"operation": "ebay.findEligibleItems", "delay": fixed(5), "phase": "before"})
    client.admin("POST", "/rules", {"operation": "covent.listListings", "fault": "HANG"})
    with kept_waiting(server, 3):
        delayed = send(server.url, "sibi", "sbx_w", **{"X-Sandbox-Delay": "1"})
        assert (delayed.status_code, outcome(delayed)) == (503, "unavailable")
        assert "wait" in delayed.headers["X-Sandbox-Reason"]
        ruled = client.ebay("GET", EBAY_FIND)
        assert (ruled.status_code, outcome(ruled)) == (503, "unavailable")
        listings = client.call("GET", "/api/v1/listings", headers={"Authorization": "Bearer sbx_w"})
        assert (listings.status_code, outcome(listings)) == (503, "unavailable")
        counters = [(rule["matched"], rule["hits"]) for rule in client.admin("GET", "/rules")["rules"]]
        assert counters == [(0, 0), (0, 0)], "a call that was not made uses no rule up"
        waiting = client.call("GET", "/__admin/requests/wait?count=99")
        assert (waiting.status_code, waiting.json()["type"]) == (503, "urn:offer-sandbox:problem:too-busy")
        assert client.call("GET", "/__admin/requests/wait?count=0").status_code == 200, "it need not wait"
        assert client.call("GET", "/__admin/requests/stream").status_code == 503
        assert send(server.url, "sibi", "sbx_w").status_code == 200
    server.process.communicate(timeout=60)
    assert server.process.returncode == 0


def fixed(milliseconds: int) -> dict:
    """A rule's delay."""
    return {"type": "fixed", "milliseconds": milliseconds}


def test_a_client_has_so_many_streams_and_no_more():
    with ended("--max-streams", "2") as server:
        client = Client(server.url, "w", requests.Session())
        first, second = (client.call("GET", "/__admin/requests/stream", stream=True) for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 200)
        third = client.call("GET", "/__admin/requests/stream")
        assert (third.status_code, third.json()["type"]) == (429, "urn:offer-sandbox:problem:too-many-streams")
        first.close()
        until(lambda: client.call("GET", "/__admin/requests/stream", stream=True).status_code == 200)
        second.close()


TOKEN = ("--admin-token", "secret")  # behind a proxy, the loopback needs one too


@pytest.mark.parametrize("proxy", [None, "10.0.0.1"], ids=["no proxy is named", "another one is"])
def test_a_client_cannot_invent_an_address(proxy: str | None):
    with ended(*TOKEN, "--max-streams", "1", *(["--trusted-proxy", proxy] if proxy else [])) as server:
        session = requests.Session()
        session.headers["Authorization"] = "Bearer secret"
        stream = f"{server.url}/__admin/requests/stream"
        with session.get(stream, stream=True, timeout=30) as first:
            assert first.status_code == 200
            for address in ("10.0.0.1", "10.0.0.2, 10.0.0.1", "127.0.0.1"):
                invented = {"X-Forwarded-For": address, "X-Forwarded-Proto": "https"}
                assert session.get(stream, headers=invented, timeout=30).status_code == 429
                assert not session.get(f"{server.url}/openapi.json", headers=invented, timeout=30).text.count(
                    "https://127"
                )


@pytest.mark.parametrize("proxy", ["127.0.0.1", "127.0.0.0/8", "*"])
def test_a_named_proxy_is_believed(proxy: str):
    with ended(*TOKEN, "--max-streams", "1", "--trusted-proxy", proxy) as server:
        client = Client(server.url, "proxied", requests.Session())
        client.session.headers["Authorization"] = "Bearer secret"
        forwarded = [{"X-Forwarded-For": f"10.0.0.{number}", "X-Forwarded-Proto": "https"} for number in (1, 2)]
        with contextlib.ExitStack() as streams:
            for headers in forwarded:
                call = client.call("GET", "/__admin/requests/stream", headers=headers, stream=True)
                assert streams.enter_context(call).status_code == 200
            again = client.call("GET", "/__admin/requests/stream", headers=forwarded[0])
            assert again.status_code == 429
        found = client.ebay("GET", f"{EBAY_FIND}?limit=1", headers=forwarded[0]).json()
        assert found["href"].startswith("https://127.0.0.1:")


def test_a_public_url_is_what_links_begin_with():
    with ended("--public-url", "https://sandbox.example:8443") as server:
        session, own = requests.Session(), {"Host": "sandbox.example:8443"}
        for headers in ({}, own, {"Host": "other.example"}):
            found = Client(server.url, "public", session).ebay("GET", f"{EBAY_FIND}?limit=1", headers=headers)
            assert found.json()["href"].startswith("https://sandbox.example:8443/sell/")
            assert found.json()["next"].startswith("https://sandbox.example:8443/sell/")
        document = session.get(f"{server.url}/openapi.json", headers=own, timeout=30)
        assert document.json()["servers"] == [{"url": "https://sandbox.example:8443"}]
        [told] = Client(server.url, "public", session).admin("GET", "/requests?limit=1")["requests"]
        curl = session.get(f"{server.url}/__admin/requests/{told['id']}/export?as=curl", headers=own, timeout=30)
        assert "https://sandbox.example:8443/" in curl.text
        refused = session.get(f"{server.url}/__admin/workspaces", headers={"Host": "other.example"}, timeout=30)
        assert refused.status_code == 403


@pytest.mark.parametrize(
    "url",
    ["sandbox.example", "ftp://a", "https://a/", "https://a/path", "https://", "https://a:b", "https://u@a", "*"],
)
def test_a_public_url_is_an_origin(url: str):
    ended_at_once = run("serve", "--port", "0", "--public-url", url)
    assert ended_at_once.returncode == 2
    assert (
        f"the public URL must be an origin such as https://sandbox.example:8443, not {url!r}"
        in ended_at_once.stderr
    )


IMPATIENT = [
    sys.executable,
    "-c",
    "import sys; from offer_sandbox.server import protocol, server;"
    " protocol.PATIENCE_SECONDS = 0.3; server._KEEP_ALIVE_SECONDS = 1;"
    " from offer_sandbox.cli import main; sys.exit(main(['serve', *sys.argv[1:]]))",
]
SLOW_GET = "GET /offers/offer-123 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sbx_w\r\n"


def test_a_client_is_not_silent_while_the_server_does_not_read():
    """A whole request waits, unread, behind one with a delay of five times the patience."""
    body = b'{"x": "' + b"x" * 600_000 + b'"}'
    post = (
        f"POST /offers/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sbx_w\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with ended(command=IMPATIENT) as server, connected(server.url) as connection:
        connection.sendall(f"{SLOW_GET}X-Sandbox-Delay: 1500\r\n\r\n{post}".encode() + body)
        received = b""
        while received.count(b"HTTP/1.1 ") < 2:
            received += connection.recv(65536)
        assert received.startswith(b"HTTP/1.1 200 ")


@pytest.mark.skipif(
    not hasattr(select, "POLLRDHUP"), reason="not run: only Linux tells of an end that is not read"
)
def test_a_client_that_leaves_while_the_server_does_not_read():
    """So many requests wait behind one that hangs that no more are read; the client's end is noticed all the same."""
    with ended(command=IMPATIENT) as server:
        with connected(server.url) as connection:
            hanging = f"{SLOW_GET}X-Sandbox-Fault: HANG\r\n\r\n"
            connection.sendall((hanging + f"{SLOW_GET}\r\n" * 40).encode())
            until(lambda: figures(server.url)["offer_sandbox_parked"] == 1)
        until(lambda: figures(server.url)["offer_sandbox_parked"] == 0)


def test_a_client_that_falls_silent_in_the_middle_is_given_up():
    """After a minute; here after a moment. One that is slow but goes on is not."""
    with ended(command=IMPATIENT) as server:
        for begun in (
            b"",
            b"GET /health HTT",
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123",
        ):
            with connected(server.url) as silent:
                silent.sendall(begun)
                assert silent.recv(1) == b"", "closed"
        for begun in (b"GET /he", b"\r\n"):  # behind a whole request
            with connected(server.url) as silent:
                silent.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                received = b""
                while not received.endswith(b"}"):
                    received += silent.recv(65536)
                silent.sendall(begun)
                assert silent.recv(1) == b"", "closed"
        with requests.Session() as kept:
            answer = kept.get(f"{server.url}/offers/offer-123", headers=SLOW, timeout=30)
            assert answer.status_code == 200, "whoever waits for an answer is not silent"


SLOW = {"Authorization": "Bearer sbx_w", "X-Sandbox-Delay": "1500"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/sell/negotiation/v1/send_offer_to_interested_buyers", b"x" * 1_100_000, 413),
        ("/__admin/rules", b"x" * 1_100_000, 413),
        ("/graphql", b'{"query": "' + b"{ a " * 3_000 + b'"}', 200),
        ("/graphql", b'{"query": "{ ' + b" ".join(b"a%d: __typename" % n for n in range(400)) + b' }"}', 200),
        ("/graphql", b"[" * 10_000, 400),
        ("/__admin/rules", b"[" * 10_000, 400),
        ("/__admin/scenarios/x", b"a: &a [*a, *a]", 400),
    ],
)
def test_what_is_too_long_or_too_deep_is_refused_at_once(client: Client, path, body, status):
    scheme = "Basic" if path == "/graphql" else "Bearer"
    headers = {"Authorization": f"{scheme} sbx_w", "Content-Type": "application/json"}
    answer = client.call("PUT" if "scenarios" in path else "POST", path, data=body, headers=headers)
    assert answer.status_code in (status, 422) or (path == "/graphql" and answer.status_code == 400)
    if answer.status_code == 200:
        assert "limit" in outcome(answer), answer.text


def test_a_head_beyond_64_kib_is_refused(client: Client):
    answer = requests.get(f"{client.url}/health", headers={"X-Long": "x" * 70_000}, timeout=30)
    assert (answer.status_code, answer.json()["status"]) == (431, 431)
    assert answer.headers["X-Sandbox-Reason"] == answer.json()["detail"]


def test_a_body_that_is_announced_much_too_long_is_not_waited_for(client: Client):
    host, port = client.url.removeprefix("http://").split(":")
    head = (
        b"POST /offers/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sbx_w\r\nContent-Length: 99999999999\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=30) as raw:
        raw.sendall(head)
        assert raw.recv(65_536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("flag", ["--max-parked", "--max-streams", "--max-records", "--max-workspaces"])
def test_limits_that_mean_nothing_are_a_misuse(flag):
    with pytest.raises(RuntimeError, match="whole number"):
        Server(flag, "0")
