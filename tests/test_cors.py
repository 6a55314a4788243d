"""`--cors`: pages of named origins may call the providers' paths, and no page the control API."""

from collections.abc import Iterator

import pytest
import requests

from provider_calls import CALLS, send
from running_server import EBAY_SEND, Server

PAGE = "https://app.example"


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    """A server that lets one origin in."""
    server = Server("--cors", PAGE, "--cors", "http://localhost:3000")
    yield server
    assert server.stop() == 0


@pytest.mark.parametrize("provider", CALLS)
def test_a_named_origin_may_read_answers_and_refusals(shared, provider):
    for key, extra in (("sbx_w", {}), (None, {}), ("sbx_w", {"X-Sandbox-Outcome": "internal_error"})):
        answer = send(shared.url, provider, key, Origin=PAGE, **extra)
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Origin" in answer.headers["Vary"]
        assert "X-Sandbox-Reason" in answer.headers["Access-Control-Expose-Headers"]
        assert "X-Sandbox-Notice" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    for origin in ("https://evil.example", "https://app.example.evil.example", "null", "http://app.example"):
        assert "Access-Control-Allow-Origin" not in send(shared.url, provider, "sbx_w", Origin=origin).headers


def test_a_permission_asked_for_in_advance_is_given(shared):
    asked = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-sandbox-outcome",
    }
    given = requests.options(f"{shared.url}{EBAY_SEND}", headers=asked, timeout=30)
    assert given.status_code == 204
    assert given.headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in given.headers["Access-Control-Allow-Methods"]
    assert given.headers["Access-Control-Allow-Headers"] == asked["Access-Control-Request-Headers"]
    refused = requests.options(f"{shared.url}{EBAY_SEND}", headers={**asked, "Origin": "https://x"}, timeout=30)
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_a_page_of_a_public_network_may_call_when_its_browser_asks(shared):
    """Chromium asks before a page from the internet calls an address of this network or machine."""
    asked = {"Origin": PAGE, "Access-Control-Request-Private-Network": "true"}
    given = requests.options(f"{shared.url}{EBAY_SEND}", headers=asked, timeout=30)
    assert given.headers["Access-Control-Allow-Private-Network"] == "true"
    for headers in ({"Origin": PAGE}, {**asked, "Origin": "https://evil.example"}):
        answer = requests.options(f"{shared.url}{EBAY_SEND}", headers=headers, timeout=30)
        assert "Access-Control-Allow-Private-Network" not in answer.headers


@pytest.mark.parametrize("path", ["/__admin/clock", "/__admin/requests", "/health", "/metrics", "/openapi.json"])
def test_the_control_api_is_shared_with_no_page(shared, path):
    for method in ("GET", "OPTIONS"):
        answer = requests.request(method, f"{shared.url}{path}", headers={"Origin": PAGE}, timeout=30)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_without_the_flag_nothing_is_shared(server):
    answer = send(server.url, "sibi", "sbx_w", Origin=PAGE)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_star_lets_every_origin_in():
    server = Server("--cors", "*")
    assert (
        send(server.url, "sibi", "sbx_w", Origin="http://any").headers["Access-Control-Allow-Origin"]
        == "http://any"
    )
    assert server.stop() == 0


@pytest.mark.parametrize("origin", ["app.example", "https://app.example/", "https://", "ftp://app.example"])
def test_what_is_no_origin_is_a_misuse(origin):
    with pytest.raises(RuntimeError, match="origin"):
        Server("--cors", origin)
