"""`intercept`: clients with the providers' real addresses built in, unchanged, reach the workspace of the test over TLS."""

import asyncio
import concurrent.futures
import http.client
import io
import json
import os
import socket
import ssl
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator

import aiohttp
import httpx
import pycurl
import pytest
import requests
import urllib3

from ebay_rest_calls import use_ebay_rest
from offer_sandbox.testing import Sandbox

HOST = "api.sibipro.com"
READ = f"https://{HOST}/offers/offer-123"
HEADERS = {"Authorization": "Bearer the-key-of-the-configuration"}


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFER_SANDBOX_CA", str(tmp_path_factory.mktemp("ca")))
        with Sandbox(workspace="own") as sandbox:
            yield sandbox


@pytest.fixture
def sandbox(own: Sandbox, request) -> Iterator[Sandbox]:
    with Sandbox(server=own._server, workspace=f"test-{abs(hash(request.node.name)) % 10**9}") as sandbox:
        yield sandbox


def trusting(sandbox: Sandbox) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=sandbox._server.ca)


def by_requests(_: Sandbox) -> str:
    return requests.get(READ, headers=HEADERS, timeout=30).json()["status"]


def by_requests_without_the_environment(sandbox: Sandbox) -> str:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(READ, headers=HEADERS, timeout=30, verify=sandbox._server.ca).json()["status"]


def by_urllib(_: Sandbox) -> str:
    with urllib.request.urlopen(urllib.request.Request(READ, headers=HEADERS), timeout=30) as answer:
        return json.load(answer)["status"]


def by_http_client(_: Sandbox) -> str:
    connection = http.client.HTTPSConnection(HOST, timeout=30)
    connection.request("GET", "/offers/offer-123", headers=HEADERS)
    with connection.getresponse() as answer:
        status = json.load(answer)["status"]
    connection.close()
    return status


def by_urllib3(_: Sandbox) -> str:
    with urllib3.PoolManager() as pool:
        return pool.request("GET", READ, headers=HEADERS).json()["status"]


def by_httpx(_: Sandbox) -> str:
    return httpx.get(READ, headers=HEADERS).json()["status"]


def by_httpx_without_the_environment(sandbox: Sandbox) -> str:
    with httpx.Client(trust_env=False, verify=trusting(sandbox)) as client:
        return client.get(READ, headers=HEADERS).json()["status"]


def by_httpx_asynchronously(_: Sandbox) -> str:
    async def read() -> str:
        async with httpx.AsyncClient() as client:
            return (await client.get(READ, headers=HEADERS)).json()["status"]

    return asyncio.run(read())


def by_httpx_asynchronously_without_the_environment(sandbox: Sandbox) -> str:
    async def read() -> str:
        async with httpx.AsyncClient(trust_env=False, verify=trusting(sandbox)) as client:
            return (await client.get(READ, headers=HEADERS)).json()["status"]

    return asyncio.run(read())


def by_aiohttp(_: Sandbox) -> str:
    async def read() -> str:
        async with aiohttp.ClientSession() as session, session.get(READ, headers=HEADERS) as answer:
            return (await answer.json())["status"]

    return asyncio.run(read())


def by_pycurl(_: Sandbox) -> str:
    handle, body = pycurl.Curl(), io.BytesIO()
    handle.setopt(pycurl.URL, READ)
    handle.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in HEADERS.items()])
    handle.setopt(pycurl.WRITEDATA, body)
    handle.perform()
    handle.close()
    return json.loads(body.getvalue())["status"]


CLIENTS = [each for name, each in sorted(globals().items()) if name.startswith("by_")]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_an_unchanged_client_reaches_the_workspace(sandbox: Sandbox, client):
    sandbox.state.patch("sibi", "offers", "offer-123", status="canceled")
    with sandbox.intercept() as interception:
        assert client(sandbox) == "canceled"
    [call] = sandbox.requests
    assert (call["request"]["headers"]["host"], call["workspace"]) == (HOST, sandbox.workspace)
    assert call["request"]["headers"]["authorization"] != HEADERS["Authorization"], "credentials are redacted"
    assert not interception.refused


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_another_host_is_refused_and_named(sandbox: Sandbox, client, monkeypatch):
    monkeypatch.setitem(client.__globals__, "READ", "https://www.example.com/offers")
    monkeypatch.setitem(client.__globals__, "HOST", "www.example.com")
    with sandbox.intercept() as interception, pytest.raises(Exception) as failed:  # noqa: PT011 - each its own
        client(sandbox)
    assert dict(interception.refused)["www.example.com"] >= 1
    told = str(failed.value)
    assert "www.example.com" in told or "403" in told, told
    assert len(sandbox.requests) == 0


def test_everything_is_as_before_afterwards(sandbox: Sandbox):
    names = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    kept = {name: os.environ.get(name) for name in names}
    parts = (
        socket.getaddrinfo,
        asyncio.BaseEventLoop.create_connection,
        pycurl.Curl,
        aiohttp.connector.DefaultResolver,
    )
    with sandbox.intercept(), pytest.raises(ZeroDivisionError):
        assert socket.getaddrinfo is not parts[0]
        raise ZeroDivisionError
    assert {name: os.environ.get(name) for name in names} == kept
    assert parts == (
        socket.getaddrinfo, asyncio.BaseEventLoop.create_connection, pycurl.Curl, aiohttp.connector.DefaultResolver
    )  # fmt: skip


def test_the_loopback_and_what_no_proxy_names_stay_reachable(sandbox: Sandbox, monkeypatch):
    looked_up = []

    def genuine(host, *arguments, **named):
        looked_up.append(host)
        raise socket.gaierror("as without the sandbox")

    monkeypatch.setenv("NO_PROXY", ".internal.example")
    monkeypatch.setattr(socket, "getaddrinfo", genuine)
    with sandbox.intercept() as interception:
        for host in ("db.internal.example", "internal.example", "localhost", "127.0.0.1", "::1"):
            with pytest.raises(socket.gaierror, match="as without the sandbox"):
                socket.getaddrinfo(host, 443)
        for host in ("example.com", "192.0.2.7", "xinternal.example"):
            with pytest.raises(socket.gaierror, match="no documented host"):
                socket.getaddrinfo(host, 443)
        assert socket.getaddrinfo(HOST, 443)[0][4][0] == "127.0.0.1"
    assert looked_up == ["db.internal.example", "internal.example", "localhost", "127.0.0.1", "::1"]
    assert sorted(interception.refused) == ["192.0.2.7", "example.com", "xinternal.example"]


def test_tokens_that_are_minted_on_the_way_stay_in_the_workspace(sandbox: Sandbox):
    scope = "https://api.ebay.com/oauth/api_scope/sell.inventory"
    form = {"grant_type": "refresh_token", "refresh_token": "sbx_configured", "scope": scope}
    with sandbox.intercept():
        minted = requests.post(
            "https://api.ebay.com/identity/v1/oauth2/token", data=form, auth=("sbx_app", "sbx_app"), timeout=30
        ).json()
        headers = {"Authorization": f"Bearer {minted['access_token']}", "X-EBAY-C-MARKETPLACE-ID": "EBAY_US"}
        find = "https://api.ebay.com/sell/negotiation/v1/find_eligible_items"
        assert requests.get(find, headers=headers, timeout=30).json()["total"] == 20
    sandbox.assert_called("ebay.token", outcome="success", times=1)
    sandbox.assert_called("ebay.findEligibleItems", outcome="success", times=1)


def test_every_documented_host_is_redirected(sandbox: Sandbox):
    hosts = [
        "api.getcovent.com",
        "api.ebay.com",
        "auth.ebay.com",
        "api.sandbox.ebay.com",
        HOST,
        "any.estateprime.gr",
    ]
    with sandbox.intercept():
        for host in hosts:
            assert requests.get(f"https://{host}/health", timeout=30).status_code == 200


def test_ebay_rest_itself(sandbox: Sandbox, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, on import
        from ebay_rest.api import sell_negotiation
    monkeypatch.setattr(sell_negotiation.Configuration, "_default", None)  # the library keeps the first one made
    with sandbox.intercept():
        use_ebay_rest("sbx_whatever")
    sandbox.assert_called("ebay.token", outcome="success")
    sandbox.assert_called("ebay.sendOfferToInterestedBuyers", outcome="success", times=1)


def test_bidkit_itself(sandbox: Sandbox):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from bidkit import EbayClient, EbayConfig

    scopes = ("https://api.ebay.com/oauth/api_scope/sell.inventory",)
    config = EbayConfig(
        app_id="sbx_app", cert_id="sbx_app", refresh_token="sbx_configured", scopes=scopes, max_retries=0
    )
    with sandbox.intercept(), EbayClient(config) as ebay:
        page = ebay.sell.negotiation.find_eligible_items(limit=5, x_ebay_c_marketplace_id="EBAY_US")
    assert len(page.eligible_items) == 5
    sandbox.assert_called("ebay.findEligibleItems", outcome="success")


def test_urllib_uses_no_proxy_afterwards(sandbox: Sandbox):
    with sandbox.intercept():
        by_urllib(sandbox)
    with pytest.raises(urllib.error.URLError) as failed, sandbox.intercept():
        raise urllib.error.URLError("inside")
    with urllib.request.urlopen(f"{sandbox.url}/health", timeout=30) as answer:
        assert answer.status == 200
    assert failed.value.reason == "inside"


@pytest.mark.parametrize("fault", ["EMPTY_RESPONSE", "CONNECTION_RESET_BY_PEER"])
def test_a_fault_is_what_it_is_without_the_relay_and_a_post_is_sent_once(sandbox: Sandbox, fault):
    """A failure of a proxy would be tried again, also a POST."""
    sandbox.rules.add("sibi.createOffer", fault=fault)
    retry = urllib3.Retry(total=3, backoff_factor=0)
    with requests.Session() as session, sandbox.intercept():
        session.mount("https://", requests.adapters.HTTPAdapter(max_retries=retry))
        with pytest.raises(requests.ConnectionError) as failed:
            session.post(f"https://{HOST}/offers", json={}, headers=HEADERS, timeout=30)
    assert not isinstance(failed.value, requests.exceptions.ProxyError)
    assert sandbox.requests.count("sibi.createOffer") == 1


def test_blocks_of_several_threads_wait_for_each_other(own: Sandbox):
    before = socket.getaddrinfo

    def work(number: int) -> list[str]:
        with Sandbox(server=own._server, workspace=f"thread-{number}") as sandbox:
            for _ in range(5):
                with sandbox.intercept():
                    by_requests(sandbox)
            return [call["workspace"] for call in sandbox.requests]

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, range(3))) == [[f"thread-{number}"] * 5 for number in range(3)]
    assert socket.getaddrinfo is before


def test_plain_http_and_proxies_of_the_user_do_not_leave(sandbox: Sandbox, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with sandbox.intercept() as interception:
        assert requests.get(f"http://{HOST}/offers/offer-123", headers=HEADERS, timeout=30).status_code == 200
        assert by_requests(sandbox) == "pending"
        with pytest.raises(requests.ConnectionError, match="no documented host"):
            requests.get("http://example.org/", timeout=30)
    assert os.environ["HTTP_PROXY"] == "http://127.0.0.1:9"
    assert dict(interception.refused) == {"example.org": 1}


def test_an_open_connection_at_the_end_is_no_error(sandbox: Sandbox, caplog):
    with requests.Session() as session, sandbox.intercept():
        session.get(READ, headers=HEADERS, timeout=30)
    assert caplog.records == []
