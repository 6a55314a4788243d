"""CONNECT: a client whose HTTPS_PROXY is the sandbox."""

import json
import socket
import ssl
from collections.abc import Iterator

import pytest
import requests

from offer_sandbox.server.tunnels import HostRefused, Tunnels
from raw_http import answers, connected, raw
from running_server import Client, Server

CONNECT = "CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n"


@pytest.fixture(scope="module")
def secure(tmp_path_factory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFER_SANDBOX_CA", str(tmp_path_factory.mktemp("ca")))
        server = Server("--tls", "--log", "text")
    yield server
    assert server.stop() == 0


def through(server: Server) -> requests.Session:
    session = requests.Session()
    session.trust_env, session.verify, session.proxies = False, server.ca, {"https": server.url}
    return session


def connect(url: str, authority: str):
    [answer] = answers(raw(url, CONNECT.format(authority).encode()))
    return answer.status, json.loads(answer.body)


def test_a_client_with_a_proxy_reaches_the_sandbox_by_the_provider_s_name(secure: Server):
    session = through(secure)
    headers = {"Authorization": "Bearer sbx_tunnel", "X-EBAY-C-MARKETPLACE-ID": "EBAY_US"}
    find = "https://api.ebay.com/sell/negotiation/v1/find_eligible_items?limit=1"
    for _ in range(3):
        found = session.get(find, headers=headers, timeout=30)
        assert found.status_code == 200
        assert found.json()["href"].startswith("https://api.ebay.com/sell/")
    told = Client(secure.url, "tunnel", requests.Session()).admin("GET", "/requests")["requests"]
    assert [each["request"]["headers"]["host"] for each in told] == ["api.ebay.com"] * 3


@pytest.mark.parametrize("user", ["sbx_tunnelled.rate_limited:x", "sbx_tunnelled:secret"])
@pytest.mark.parametrize("credential", ["Bearer anything", "Bearer sbx_elsewhere"])
def test_the_user_of_the_proxy_s_url_is_the_workspace_whatever_the_credential(secure: Server, user, credential):
    session = through(secure)
    session.proxies = {"https": secure.url.replace("http://", f"http://{user}@")}
    read = "https://api.sibipro.com/offers/offer-123"
    for _ in range(2):
        answer = session.get(read, headers={"Authorization": credential}, timeout=30)
        assert (answer.status_code, answer.headers["X-Sandbox-Workspace"]) == (200, "tunnelled")
    named = {"Authorization": credential, "X-Sandbox-Workspace": "named"}
    assert session.get(read, headers=named, timeout=30).headers["X-Sandbox-Workspace"] == "named"


@pytest.mark.parametrize("user", ["somebody", "sbx_", "sbx_UPPER:x"])
def test_another_user_of_the_proxy_s_url_is_ignored(secure: Server, user):
    session = through(secure)
    session.proxies = {"https": secure.url.replace("http://", f"http://{user}@")}
    read = session.get(
        "https://api.sibipro.com/offers/offer-123", headers={"Authorization": "Bearer sbx_own"}, timeout=30
    )
    assert read.headers["X-Sandbox-Workspace"] == "own"


def test_a_token_that_was_minted_in_a_tunnel_stays_in_its_workspace(secure: Server):
    session = through(secure)
    session.proxies = {"https": secure.url.replace("http://", "http://sbx_minting:x@")}
    form = {"grant_type": "refresh_token", "refresh_token": "sbx_configured"}
    minted = session.post(
        "https://api.ebay.com/identity/v1/oauth2/token", data=form, auth=("sbx_configured", "secret"), timeout=30
    )
    headers = {
        "Authorization": f"Bearer {minted.json()['access_token']}",
        "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
    }
    find = "https://api.ebay.com/sell/negotiation/v1/find_eligible_items?limit=1"
    answer = session.get(find, headers=headers, timeout=30)
    assert (answer.status_code, answer.headers["X-Sandbox-Workspace"]) == (200, "minting")


def test_plain_http_goes_through_too(secure: Server):
    with connected(secure.url) as connection:
        connection.sendall(CONNECT.format("api.ebay.com:80").encode())
        assert connection.recv(65536) == b"HTTP/1.1 200 Connection Established\r\n\r\n"
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: api.ebay.com\r\nConnection: close\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_a_request_before_it_is_answered_first(secure: Server):
    with connected(secure.url) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(CONNECT.format("api.ebay.com:443").encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 Connection Established")
        context = ssl.create_default_context(cafile=secure.ca)
        with context.wrap_socket(connection, server_hostname="api.ebay.com") as inside:
            inside.sendall(b"GET /health HTTP/1.1\r\nHost: api.ebay.com\r\n\r\n")
            assert inside.recv(65536).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "authority", ["www.example.com:443", "169.254.169.254:80", "[::1]:22", "x", "ebay.com.evil.example:443"]
)
def test_another_host_is_refused_by_its_name(secure: Server, authority: str):
    status, problem = connect(secure.url, authority)
    assert (status, problem["type"]) == (403, "urn:offer-sandbox:problem:foreign-host")
    host = authority.rpartition(":")[0].strip("[]") or authority
    assert f"not for {host!r}" in problem["detail"]
    with pytest.raises(requests.exceptions.ProxyError, match="403"):
        through(secure).get("https://www.example.com/", timeout=30)


def test_what_comes_too_early_ends_it(secure: Server):
    """A tunnel begins when it is granted; what was sent before would be lost."""
    [answer] = answers(raw(secure.url, CONNECT.format("api.ebay.com:443").encode() + b"\x16\x03\x01"))
    assert answer.status == 400
    assert "CONNECT must be the only pending request" in json.loads(answer.body)["detail"]


def test_over_tls_and_without_tls_it_says_what_to_do(secure: Server, client: Client):
    status, problem = connect(client.url, "api.ebay.com:443")
    assert (status, problem["detail"]) == (501, "CONNECT to api.ebay.com needs TLS (start the server with --tls)")
    context = ssl.create_default_context(cafile=secure.ca)
    host, port = secure.tls_url.partition("://")[2].split(":")
    with context.wrap_socket(socket.create_connection((host, int(port)), 30), server_hostname=host) as inside:
        inside.sendall(CONNECT.format("api.ebay.com:443").encode())
        assert b"must be sent without TLS" in inside.recv(65536)


def test_a_handshake_without_tls_is_named(client: Client):
    [answer] = answers(raw(client.url, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300)))
    assert (answer.status, json.loads(answer.body)["detail"]) == (
        400,
        "this is a TLS handshake (start the server with --tls, or use an http:// URL)",
    )


def test_refused_hosts_are_remembered_within_bounds():
    tunnels = Tunnels("api.ebay.com".__eq__, secure=True)
    tunnels.check("API.ebay.com:443", over_tls=False)
    for number in [*range(1_100), 7]:
        with pytest.raises(HostRefused):
            tunnels.check(f"host{number}:443", over_tls=False)
    assert (len(tunnels.refused), tunnels.refused["host7"], tunnels.refused["host1099"]) == (1_000, 2, 0)
