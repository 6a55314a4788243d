"""HTTPS beside HTTP on one port: whom the certificate names, clients that insist, clients that fail, the end."""

import asyncio
import concurrent.futures
import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import trustme

from name_resolution import pointed
from offer_sandbox.providers import providers
from offer_sandbox.server import sockets
from offer_sandbox.server.gate import Gate
from running_server import COMMAND, EBAY_FIND, Client, Server
from tls_socket import TlsWire

FIND = {"Authorization": "Bearer sbx_tls", "X-EBAY-C-MARKETPLACE-ID": "EBAY_US"}
NAMES = [
    *("localhost", "127.0.0.1", "::1"),
    *(host.replace("*", "crm") for each in providers().values() for host in each.hosts),
    *(name for each in providers() for name in (each, f"{each}.localhost")),
]
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # the beginning of one
RESET = struct.pack("ii", 1, 0)


def get(path: str, *more: str) -> bytes:
    """A request of eBay as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(": ".join(pair) for pair in FIND.items()), *more]
    return "\r\n".join([*lines, "", ""]).encode()


def connected(server: Server, text: bytes = b"") -> socket.socket:
    """A connection that has sent these bytes."""
    parts = urlsplit(server.url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=30)
    connection.sendall(text)
    return connection


def answers(server: Server) -> None:
    """It still does, in both ways."""
    assert requests.get(f"{server.url}/health", timeout=30).status_code == 200
    assert requests.get(f"{server.tls_url}/health", verify=server.ca, timeout=30).status_code == 200


def ended(server: Server) -> str:
    """Ends it as an operator does; what it had logged."""
    server.process.send_signal(signal.SIGTERM)
    _, log = server.process.communicate(timeout=60)
    assert server.process.returncode == 0, log
    return log


@pytest.fixture
def own(secure: Server) -> Iterator[Server]:
    """A server for one test, with the CA of the others."""
    server = Server(ca=Path(secure.ca).parent)
    try:
        yield server
    finally:
        server.kill()


def test_http_and_https_on_one_port_in_both_families(secure: Server):
    port = urlsplit(secure.url).port
    assert secure.tls_url == f"https://127.0.0.1:{port}"
    for host in ("127.0.0.1", "[::1]", "localhost"):
        assert requests.get(f"http://{host}:{port}/health", timeout=30).status_code == 200
        assert requests.get(f"https://{host}:{port}/health", verify=secure.ca, timeout=30).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_the_certificate_names_whatever_the_sandbox_is_called(secure: Server, name):
    with TlsWire(secure.tls_url, secure.ca, 30, name) as connection:
        connection.sendall(get("/health"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_names_that_were_allowed_are_in_it_too(secure: Server):
    folder = Path(secure.ca).parent
    server = Server(
        "--allow-host", "Sandbox.Internal", "--allow-host", "192.0.2.7", "--host", "127.0.0.2", ca=folder
    )
    for name in ("sandbox.internal", "192.0.2.7", "127.0.0.2", "api.ebay.com"):
        TlsWire(server.tls_url, server.ca, 30, name).__exit__()
    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'api\.example\.com'"):
        TlsWire(server.tls_url, server.ca, 30, "api.example.com")
    assert server.stop() == 0


def test_a_client_that_insists_on_ebay(secure: Server):
    """It knows `https://api.ebay.com` and nothing of the sandbox; what it is linked to is there as well."""
    with pointed({"api.ebay.com"}, secure.tls_url), requests.Session() as session:
        session.verify, session.trust_env = secure.ca, False
        first = session.get(f"https://api.ebay.com{EBAY_FIND}?limit=1", headers=FIND, timeout=30)
        assert first.status_code == 200
        following = first.json()["next"]
        assert following.startswith("https://api.ebay.com/sell/")
        assert session.get(following, headers=FIND, timeout=30).json()["offset"] == 1
        other = session.get("https://api.ebay.com/api/v1/listings", headers=FIND, timeout=30)
        assert other.status_code == 404, "there eBay alone answers"


def test_curl_insists_too(secure: Server):
    if not shutil.which("curl"):
        pytest.skip("there is no curl here")
    to = f"api.ebay.com:443:{urlsplit(secure.url).netloc}"
    headers = [word for name, value in FIND.items() for word in ("-H", f"{name}: {value}")]
    url = f"https://api.ebay.com{EBAY_FIND}"
    command = ["curl", "-sS", "--noproxy", "*", "--cacert", secure.ca, "--connect-to", to, *headers, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert '"href":"https://api.ebay.com/sell/' in done.stdout, done.stderr


def test_a_client_that_does_not_trust_the_ca_gets_nothing(own: Server, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    for trusted in (str(other), True):
        with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            requests.get(f"{own.tls_url}/health", verify=trusted, timeout=30)
    answers(own)
    assert ended(own) == ""


def test_how_tls_is_spoken(secure: Server):
    """TLS 1.2 and 1.3, and HTTP/1.1 inside; nothing older."""
    parts = urlsplit(secure.tls_url)
    context = ssl.create_default_context(cafile=secure.ca)
    context.set_alpn_protocols(["h2", "http/1.1"])
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context.minimum_version = context.maximum_version = version
        with connected(secure) as plain, context.wrap_socket(plain, server_hostname=parts.hostname) as wrapped:
            assert wrapped.selected_alpn_protocol() == "http/1.1"
            assert wrapped.version() == version.name.replace("_", ".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with connected(secure) as plain, pytest.raises(ssl.SSLError, match=r"EOF|ALERT_PROTOCOL_VERSION"):
        context.wrap_socket(plain, server_hostname=parts.hostname)


def test_a_name_that_it_does_not_know_is_answered_all_the_same(secure: Server):
    """Whoever does not check names is not kept out by them."""
    context = ssl.create_default_context(cafile=secure.ca)
    context.check_hostname = False
    with connected(secure) as plain, context.wrap_socket(plain, server_hostname="unknown.example") as wrapped:
        wrapped.sendall(get("/health"))
        assert wrapped.recv(65536).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "text",
    [b"", HELLO, b"\x16" + b"\xff" * 600, b"\x16\x03\x01\x00\x05HELLO", b"\x15\x03\x01\x00\x02\x02\x28\r\n\r\n"],
    ids=["nothing", "half a hello", "garbage", "no hello", "an alert"],
)
@pytest.mark.parametrize("way", ["closes", "resets"])
def test_a_client_that_fails_troubles_nobody(own: Server, text, way):
    connection = connected(own, text)
    if way == "resets":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()
    answers(own)
    log = ended(own)
    assert not log or re.fullmatch(
        r"WARNING .*: rejected a request from .* with 400:"
        r" (Invalid method encountered|the request does not begin with a method)\n",
        log,
    )


def test_a_client_that_leaves_after_the_handshake_troubles_nobody(own: Server):
    for text in (b"", b"GET / HT", get(EBAY_FIND, "X-Sandbox-Delay: 60000")):
        with TlsWire(own.tls_url, own.ca, 30) as connection:
            connection.sendall(text)
    with TlsWire(own.tls_url, own.ca, 30) as connection:
        connection.spoil()
        assert connection.recv(10) == b""
    answers(own)
    assert ended(own) == ""


def test_who_says_nothing_holds_up_neither_others_nor_the_end(own: Server):
    """Not a byte, half a handshake, and a whole one without a request: all three are let go."""
    with connected(own) as silent, connected(own, HELLO) as half, TlsWire(own.tls_url, own.ca, 30) as idle:
        answers(own)
        assert ended(own) == ""
        assert (silent.recv(10), half.recv(10), idle.recv(10)) == (b"", b"", b"")


def test_a_signal_answers_what_is_parked_and_ends_with_0(own: Server):
    with concurrent.futures.ThreadPoolExecutor() as pool, TlsWire(own.tls_url, own.ca, 60) as connection:
        connection.sendall(get(EBAY_FIND, "X-Sandbox-Delay: 60000", "X-Sandbox-Workspace: parked"))
        waiting = pool.submit(connection.recv, 65536)
        wait = f"{own.url}/__admin/requests/wait?workspace=parked&count=1&timeout=30"
        assert requests.get(wait, timeout=60).status_code == 200
        own.process.send_signal(signal.SIGTERM)
        assert waiting.result(timeout=60).startswith(b"HTTP/1.1 200 OK")
        assert ended(own) == ""


def test_a_pool_of_idle_connections_does_not_hold_up_the_end(own: Server):
    """They do not read, and so do not say farewell to a server that closes; it waits for none of them."""
    with requests.Session() as session:
        assert session.get(f"{own.tls_url}/health", verify=own.ca, timeout=30).status_code == 200
        assert ended(own) == ""


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux changes the limits of another process")
def test_more_connections_than_the_machine_gives(own: Server):
    """A server that runs out of files goes on when there are some again."""
    used = len(list(Path(f"/proc/{own.process.pid}/fd").iterdir()))
    resource.prlimit(own.process.pid, resource.RLIMIT_NOFILE, (used + 5, used + 5))
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(own))
        assert "cannot accept connections for now: Too many open files" in own.process.stderr.readline()
    answers(own)
    assert own.stop() == 0


class Told(asyncio.Protocol):
    """Says which loop took the connection, and ends it."""

    def __init__(self, name: bytes) -> None:
        self._name = name

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._name)
        transport.close()


@contextlib.contextmanager
def gate(listening: socket.socket, name: bytes) -> Iterator[None]:
    """A loop in a thread of its own that accepts from the socket."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ending = asyncio.Event()

    async def accept() -> None:
        accepting = Gate(listening, lambda: Told(name), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        ready.set()
        await ending.wait()
        accepting.close()
        await accepting.wait_closed()

    thread = threading.Thread(target=loop.run_until_complete, args=(accept(),))
    thread.start()
    ready.wait()
    yield
    loop.call_soon_threadsafe(ending.set)
    thread.join()
    loop.close()


def test_several_may_accept_from_one_socket(caplog):
    """Each is woken by a connection, and all but one find that it has been taken."""
    taken = set()
    [listening] = sockets.listen("127.0.0.1", 0)
    with listening, gate(listening, b"one"), gate(listening, b"two"):
        while taken != {b"one", b"two"}:
            with socket.create_connection(listening.getsockname(), timeout=30) as connection:
                connection.sendall(b"x")
                taken.add(connection.recv(10))
    assert caplog.records == []


@pytest.mark.parametrize("text", [b"", HELLO], ids=["nothing", "half a hello"])
def test_who_says_nothing_for_long_is_let_go(monkeypatch, text):
    monkeypatch.setattr("offer_sandbox.server.gate._PATIENCE_SECONDS", 0.05)
    [listening] = sockets.listen("127.0.0.1", 0)
    with (
        listening,
        gate(listening, b""),
        socket.create_connection(listening.getsockname(), timeout=30) as connection,
    ):
        connection.sendall(text)
        assert connection.recv(10) == b""


def test_control_calls_long_polls_and_streams(secure: Server):
    with requests.Session() as session:
        session.verify, session.trust_env = secure.ca, False
        client = Client(secure.tls_url, "tls-streams", session)
        with client.call("GET", "/__admin/requests/stream", stream=True) as feed:
            assert client.send().status_code == 200
            assert any(line.startswith(b"data: {") for line in feed.iter_lines())
        assert client.call("GET", "/__admin/requests/wait?count=99&timeout=0.1").status_code == 408
        assert client.call("GET", "/__admin/clock", headers={"Origin": secure.tls_url}).status_code == 200
        assert client.call("GET", "/__admin/clock", headers={"Origin": secure.url}).status_code == 403


def test_much_in_and_much_out(secure: Server):
    """Bodies of several megabytes, also where the connection ends with the answer."""
    with requests.Session() as session:
        session.verify, session.trust_env = secure.ca, False
        client = Client(secure.tls_url, "tls-much", session)
        snapshot = client.admin("GET", "/snapshot")
        [listing] = client.admin("GET", "/state/covent/listings")["listings"][:1]
        many = [{**listing, "id": f"lst_{number}"} for number in range(5_000)]
        client.admin("PUT", "/state/covent/listings", {"listings": many})
        got = client.call("GET", "/__admin/state/covent/listings", headers={"Connection": "close"})
        assert len(got.content) > 1_000_000
        assert len(got.json()["listings"]) == 5_000
        client.admin("PUT", "/snapshot", snapshot)


def test_the_other_verbs_take_the_https_address(secure: Server):
    """They trust what `SSL_CERT_FILE` names, as every program that uses OpenSSL."""
    for verb in (["wait", secure.tls_url], ["play", "covent-rate-limit", "--url", secure.tls_url]):
        done = subprocess.run([*COMMAND, *verb], env={**os.environ, "SSL_CERT_FILE": secure.ca}, timeout=60)
        assert done.returncode == 0


def test_without_tls_nothing_of_it_is_there(tmp_path, monkeypatch):
    """Neither the port nor what certificates are made with, which takes a while to import."""
    (tmp_path / "trustme.py").write_text("raise SystemExit('imported')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    server = Server()
    assert (server.tls_url, server.ca) == ("", "")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{server.url.replace('http', 'https')}/health", timeout=30)
    assert requests.get(f"{server.url}/health", timeout=30).status_code == 200
    assert server.stop() == 0
    done = subprocess.run(
        [sys.executable, "-m", "offer_sandbox", "ca"], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == "imported\n"
