"""Calls to providers from web pages: which of them create no workspace, and which use none."""

import pytest
import requests

from offer_sandbox.contract import Request
from offer_sandbox.exchange.foreign_pages import ForeignPages
from running_server import Client, Server, outcome

CONSENT = "/oauth2/authorize?response_type=code&redirect_uri=http://127.0.0.1/cb&client_id=sbx_{}"
IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FRAME = {**LINK, "Sec-Fetch-Dest": "iframe"}
FETCH = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Origin": "https://page.example"}
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}


def names(client: Client) -> set[str]:
    """The workspaces there are."""
    return {each["name"] for each in client.admin("GET", "/workspaces")["workspaces"]}


@pytest.mark.parametrize("headers", [IMAGE, FRAME, FETCH])
@pytest.mark.parametrize("path", [CONSENT, "/nobody?key={}", "/api/v1/offers/off_123"])
def test_a_page_of_another_site_creates_no_workspace(client, session, headers, path):
    before = names(client)
    credential = {} if path == CONSENT else {"Authorization": "Bearer sbx_by-an-image"}
    answer = session.get(client.url + path.format("by-an-image"), headers={**headers, **credential}, timeout=30)
    assert answer.status_code in (403, 404)
    if answer.status_code == 403:
        assert outcome(answer) == "forbidden"
        assert (
            "a page of another site creates no workspace (allow its origin with --cors)"
            in answer.headers["X-Sandbox-Reason"]
        )
    assert names(client) == before


def test_a_link_a_page_of_the_same_site_and_an_existing_workspace_work(client, session):
    linked = session.get(client.url + CONSENT.format("by-a-link"), headers=LINK, timeout=30)
    assert (linked.status_code, outcome(linked)) == (200, "success")
    own = session.get(
        f"{client.url}/listings",
        headers={**FETCH, "Sec-Fetch-Site": "same-site", "Authorization": "Bearer sbx_neighbour"},
        timeout=30,
    )
    assert own.headers["X-Sandbox-Workspace"] == "neighbour"
    again = session.get(client.url + CONSENT.format("by-a-link"), headers=IMAGE, timeout=30)
    assert again.status_code == 200
    assert {"by-a-link", "neighbour"} <= names(client)


def test_an_allowed_origin_creates_workspaces():
    server = Server("--cors", "https://page.example")
    path = f"{server.url}/api/v1/offers/off_123"
    made = requests.get(path, headers={**FETCH, "Authorization": "Bearer sbx_app"}, timeout=30)
    assert (made.status_code, made.headers["X-Sandbox-Workspace"]) == (200, "app")
    other = requests.get(
        path, headers={**FETCH, "Origin": "https://other.example", "Authorization": "Bearer sbx_b"}, timeout=30
    )
    assert other.status_code == 403
    assert server.stop() == 0


@pytest.mark.parametrize(
    "browser", [BROWSER, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://rebound.example"}]
)
@pytest.mark.parametrize("host", ["rebound.example", "covent.rebound.example", "[::1]x"])
def test_a_rebound_page_uses_no_named_workspace(client, session, browser, host):
    client.send()
    before, journal = client.world(), client.admin("GET", "/requests")
    path = f"{client.url}/covent/api/v1/offers/off_123"
    for named in (
        {"Authorization": f"Bearer sbx_{client.workspace}"},
        {"Authorization": "Bearer x", "X-Sandbox-Workspace": client.workspace},
    ):
        answer = session.get(path, headers={**browser, **named, "Host": host}, timeout=30)
        assert (answer.status_code, outcome(answer)) == (403, "forbidden")
        assert "--allow-host" in answer.headers["X-Sandbox-Reason"]
        assert "X-Sandbox-Workspace" not in answer.headers
    assert (client.world(), client.admin("GET", "/requests")) == (before, journal)
    unowned = session.get(
        f"{client.url}/nobody",
        headers={**browser, "X-Sandbox-Workspace": client.workspace, "Host": "rebound.example"},
        timeout=30,
    )
    assert unowned.status_code == 404
    assert client.admin("GET", "/requests") == journal


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "ebay.localhost", "api.ebay.com", "[::1]:4242"])
def test_a_browser_under_a_name_of_the_server_uses_any_workspace(client, session, host):
    answer = session.get(
        f"{client.url}/ebay/sell/negotiation/v1/find_eligible_items",
        headers={**BROWSER, "Host": host, "Authorization": "Bearer sbx_any"},
        timeout=30,
    )
    assert answer.headers["X-Sandbox-Workspace"] == "any"


def test_another_client_may_use_any_name(client, session):
    answer = session.get(
        f"{client.url}/api/v1/offers/off_123",
        headers={"Host": "sandbox.test", "Authorization": "Bearer sbx_any"},
        timeout=30,
    )
    assert answer.headers["X-Sandbox-Workspace"] == "any"


def test_no_name_is_foreign_to_a_server_for_others():
    asked = Request(method="GET", path="/", headers={"host": "sandbox.team", "user-agent": BROWSER["User-Agent"]})
    assert ForeignPages(documented=lambda _: False).is_rebound(asked)
    assert not ForeignPages(documented=lambda _: False, exposed=True).is_rebound(asked)
    assert not ForeignPages(documented=lambda _: False, others=("sandbox.team",)).is_rebound(asked)
