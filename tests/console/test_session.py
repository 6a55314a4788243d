"""Who gets which page: the form, the token in an address, and the cookie, over HTTP."""

import html
import json
import re
from collections.abc import Iterator

import pytest
import requests

from running_server import Server

UI = "/__admin/ui"
TOKEN = "secret-of-the-test"
BROWSER = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    server = Server("--admin-token", TOKEN)
    yield server
    server.stop()


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers.update(BROWSER)
        yield session


def logged_in(session: requests.Session, server: Server, token: str = TOKEN) -> requests.Session:
    answer = session.post(f"{server.url}{UI}/login", {"token": token, "next": f"{UI}/calls"}, timeout=30)
    assert answer.status_code == 200
    return session


def assert_usable_with_its_key(browser: requests.Session, server: Server) -> None:
    """An outcome is tried, a call is sent again and a step is played with the key that the visitor logged in with."""
    page = browser.get(f"{server.url}{UI}/outcomes/estateprime.getOffer.rate_limited", timeout=30).text
    [steps] = re.findall(r'data-steps="([^"]+)"', page)
    [step] = json.loads(html.unescape(steps))
    headers = [{"name": name, "value": value} for name, value in step["headers"].items()]
    asked = {"method": step["method"], "target": step["path"], "headers": headers}
    sent = browser.post(f"{server.url}/__admin/send", json=asked, timeout=30).json()
    assert sent["status"] == 429
    id = next(each["value"] for each in sent["headers"] if each["name"] == "X-Sandbox-Request-Id")
    again = browser.get(f"{server.url}{UI}/calls/{id}/request", timeout=30).json()
    assert browser.post(f"{server.url}/__admin/send", json=again, timeout=30).json()["status"] == 429
    for path in ("demo/opendoor/3/play", "demo/ebay/1/play", "demo/estateprime/2/play"):
        played = browser.post(f"{server.url}{UI}/presenter/{path}", timeout=30)
        assert (played.status_code, "banner bad" in played.text) == (200, False), played.text


def test_without_a_token_every_page_is_the_form(guarded, browser):
    for path in ("/", "/calls", "/settings", "/reference", "/presenter/demo/sibi/1", "/nobody"):
        answer = browser.get(f"{guarded.url}{UI}{path}", timeout=30)
        assert (answer.status_code, 'name="token"' in answer.text) == (401, True)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_a_token_in_the_address_becomes_a_strict_cookie(guarded, browser):
    answer = browser.get(f"{guarded.url}/__admin/?token={TOKEN}&workspace=default", timeout=30)
    assert f'content="0; url={UI}/?workspace=default"' in answer.text
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert browser.get(f"{guarded.url}{UI}/", timeout=30).status_code == 200
    assert browser.get(f"{guarded.url}/__admin/rules", timeout=30).json() == {"rules": []}


@pytest.mark.parametrize("token", ["wrong", "", "sbx_", "sbx_Team", "<script>", "ü"])
def test_a_wrong_token_is_refused_in_words(guarded, browser, token):
    answer = browser.post(f"{guarded.url}{UI}/login", {"token": token}, timeout=30)
    assert answer.status_code == 401
    assert "neither the admin token nor the key of a workspace" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert browser.get(f"{guarded.url}{UI}/?token={token}", timeout=30).status_code == 401


def test_the_form_continues_to_the_page_and_nowhere_else(guarded, browser):
    form = {"token": TOKEN, "next": "https://evil.example/"}
    answer = browser.post(f"{guarded.url}{UI}/login", form, timeout=30)
    assert f'content="0; url={UI}/"' in answer.text
    form["next"] = f"{UI}/calls?q=status%3A409"
    answer = browser.post(f"{guarded.url}{UI}/login", form, timeout=30)
    assert f'content="0; url={UI}/calls?q=status%3A409"' in answer.text


def test_a_key_opens_its_workspace_alone(guarded, browser):
    logged_in(browser, guarded, "sbx_team1")
    page = browser.get(f"{guarded.url}{UI}/", timeout=30)
    assert (page.status_code, "Workspace team1" in page.text) == (200, True)
    assert browser.get(f"{guarded.url}{UI}/?workspace=team2", timeout=30).status_code == 403
    assert browser.get(f"{guarded.url}/__admin/rules?workspace=team2", timeout=30).status_code == 403
    assert browser.post(f"{guarded.url}/__admin/workspaces", json={}, timeout=30).status_code == 403
    assert f"{UI}/coverage" not in page.text  # it concerns all workspaces
    assert browser.get(f"{guarded.url}{UI}/coverage", timeout=30).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_a_page_of_another_site_cannot_use_the_cookie(guarded, browser, headers):
    logged_in(browser, guarded)
    for method, path in (("POST", "/__admin/reset"), ("GET", "/__admin/snapshot"), ("GET", f"{UI}/calls")):
        answer = browser.request(method, f"{guarded.url}{path}", headers=headers, timeout=30)
        assert answer.status_code == 403


def test_a_program_with_a_header_does_not_use_the_cookie(guarded, browser):
    logged_in(browser, guarded)
    answer = browser.get(f"{guarded.url}/__admin/rules", headers={"Authorization": "Bearer wrong"}, timeout=30)
    assert answer.status_code == 401


def test_logging_out_ends_it(guarded, browser):
    logged_in(browser, guarded)
    assert browser.post(f"{guarded.url}{UI}/logout", timeout=30).status_code == 401
    assert not browser.cookies


def test_a_cookie_of_another_server_on_the_host_is_not_taken(guarded, browser):
    """A browser sends a cookie to every port of a host, so its name has the port."""
    logged_in(browser, guarded)
    other = Server("--admin-token", "another-secret")
    try:
        [cookie] = browser.cookies
        assert browser.get(f"{other.url}{UI}/", timeout=30).status_code == 401
        assert cookie.name.endswith(guarded.url.rpartition(":")[2])
    finally:
        other.stop()


def test_a_server_without_a_token_needs_none(client):
    answer = client.call("GET", f"{UI}/?token=whatever", headers={**BROWSER, "X-Sandbox-Workspace": None})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_with_issued_keys_a_page_needs_a_workspace_that_exists(browser):
    server = Server("--auth", "keys", "--admin-token", TOKEN)
    try:
        logged_in(browser, server)
        assert browser.get(f"{server.url}{UI}/", timeout=30).status_code == 404
        made = browser.post(f"{server.url}/__admin/workspaces", json={"name": "team1"}, timeout=30).json()
        page = browser.get(f"{server.url}{UI}/?workspace=team1", timeout=30)
        assert page.status_code == 200
        assert made["key"] not in page.text
        browser.cookies.clear()
        logged_in(browser, server, made["key"])
        page = browser.get(f"{server.url}{UI}/", timeout=30)
        assert f"Bearer {made['key']}" in page.text
        assert_usable_with_its_key(browser, server)
    finally:
        server.stop()


def test_a_refused_page_shows_nothing_of_the_workspace(guarded, browser):
    bearer = {"Authorization": "Bearer sbx_team2"}
    requests.get(f"{guarded.url}/offers/offer-123", headers=bearer, timeout=30)
    logged_in(browser, guarded, "sbx_team1")
    page = browser.get(f"{guarded.url}{UI}/calls?workspace=team2", timeout=30)
    assert page.status_code == 403
    assert "<option" not in page.text
    assert "pending" not in page.text


@pytest.mark.parametrize("path", ["login", "logout"])
def test_a_page_of_another_site_logs_nobody_in_or_out(guarded, browser, path):
    logged_in(browser, guarded)
    answer = browser.post(
        f"{guarded.url}{UI}/{path}", {"token": "sbx_evil"}, headers={"Sec-Fetch-Site": "cross-site"}, timeout=30
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("query", ["endpoint=x", "_method=DELETE", "_external=1&_scheme=https", "q=%26%22%3C"])
def test_other_parameters_beside_the_token_are_kept_as_they_are(guarded, browser, query):
    answer = browser.get(f"{guarded.url}{UI}/calls?token={TOKEN}&{query}", timeout=30)
    assert f'content="0; url={UI}/calls?{html.escape(query)}"' in answer.text


def test_a_large_form_without_a_token_is_refused(guarded, browser):
    answer = browser.post(f"{guarded.url}{UI}/identify", {"response": "x" * 2_500_000}, timeout=30)
    assert answer.status_code == 401


def test_a_step_of_a_scenario_cannot_use_the_visitors_credential(guarded, browser):
    """Whoever has a key can upload a scenario that another visitor plays."""
    logged_in(browser, guarded)
    step = {"call": "sibi.getOffer", "path": "/__admin/workspaces", "headers": {"Authorization": None}}
    url = f"{guarded.url}/__admin/scenarios/evil?workspace=team1"
    assert browser.put(url, json={"play": [step]}, timeout=30).status_code in (200, 201)
    played = browser.post(f"{guarded.url}{UI}/presenter/scenario/evil/1/play?workspace=team1", timeout=30)
    assert (played.status_code, "a path of the control API" in played.text) == (409, True)


def test_a_link_on_another_site_opens_a_page_but_no_page_of_another_site_reads_it(client):
    crossing = {**BROWSER, "X-Sandbox-Workspace": None, "Sec-Fetch-Site": "cross-site"}
    opening = {**crossing, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.call("GET", f"{UI}/calls", headers=opening).status_code == 200
    for framing in ({"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}):
        assert client.call("GET", f"{UI}/calls", headers={**opening, **framing}).status_code == 403
    assert client.call("POST", "/__admin/reset", headers=opening).status_code == 403
    assert client.call("GET", "/__admin/rules", headers=opening).status_code == 403
