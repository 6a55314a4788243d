"""The API reference and the query page over HTTP: their headers, their files, and who gets which."""

import html
import json
import re
from collections.abc import Iterator

import pytest
import requests

from offer_sandbox.console.page import SECTIONS
from offer_sandbox.providers import providers
from running_server import ROOT, Client, Server

UI = "/__admin/ui"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
RECORD = "records/covent/offers/off_123"
VIEWS = [
    "",
    *list(SECTIONS)[1:],
    "outcomes/ebay.sendOfferToInterestedBuyers.150011",
    "records/covent/offers",
    RECORD,
]
VIEWS += ["scenarios/covent-slow", "presenter/demo/sibi/3", "presenter/scenario/ebay-errors/1", "nobody"]
CONSOLE = [f"{UI}/{name}" for name in VIEWS]
PAGES = [f"{UI}/reference", *(f"{UI}/reference/{name}" for name in (*providers(), "admin")), "/graphql", *CONSOLE]


def opened(client: Client, path: str, **headers: str) -> requests.Response:
    """The answer to a browser."""
    return client.call("GET", path, headers={**BROWSER, "X-Sandbox-Workspace": None, **headers})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_inline_script_and_nothing_from_elsewhere(client, path):
    answer = opened(client, path)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = dict(each.split(" ", 1) for each in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert ("'unsafe-inline'" in policy["style-src"]) == ("/reference" in path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    addresses = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    documentation = {each for provider in providers().values() for each in provider.links}
    assert [each for each in addresses if not each.startswith(("/", "#")) and each not in documentation] == []
    assert re.findall(r"<script(?![^>]* src=)|<style| on[a-z]+=| style=", answer.text) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_file_and_link_of_a_page_exists(client, path):
    text = opened(client, path).text
    found = {each.partition("?")[0] for each in re.findall(r'(?:src|href|data-document)="(/[^"]+)"', text)}
    assert found
    assert {each: opened(client, each).status_code for each in found} == dict.fromkeys(found, 200)


@pytest.mark.parametrize("name", ["index.css", "../flask_swagger_ui.py", "..%2fflask_swagger_ui.py", "unknown.js"])
def test_no_other_file_of_the_package_is_served(client, name):
    assert opened(client, f"{UI}/swagger/{name}").status_code == 404


def test_an_unknown_document_is_refused_with_the_known_ones(client):
    answer = opened(client, f"{UI}/reference/nobody")
    assert answer.status_code == 404
    assert all(name in answer.text for name in (*providers(), "admin"))


def test_a_workspace_that_is_no_name_is_refused(client):
    answer = opened(client, f"{UI}/reference/ebay?workspace=%22%3E%3Cscript%3E")
    assert answer.status_code == 400
    assert "<script>" not in answer.text


def test_a_page_of_another_site_opens_no_page(client):
    for path in (f"{UI}/reference", f"{UI}/"):
        answer = opened(client, path, **{"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/__admin", f"{UI}/"),
        ("/__admin/", f"{UI}/"),
        ("/", f"{UI}/"),
        (UI, f"{UI}/"),
        (f"{UI}/reference/", f"{UI}/reference"),
        ("/__admin/?token=abc", f"{UI}/?token=abc"),
        ("/__admin/requests/abc?workspace=x", f"{UI}/calls/abc?workspace=x"),
    ],
)
def test_a_browser_is_sent_to_the_page(client, path, page):
    answer = client.call("GET", path, headers=BROWSER, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, page)


def test_a_program_gets_the_index_and_the_exchange(client):
    id = client.call("GET", "/offers/offer-123").headers["X-Sandbox-Request-Id"]
    assert client.call("GET", "/").json()["name"] == "offer-sandbox"
    assert client.admin("GET", f"/requests/{id}")["id"] == id


def test_pages_with_keys_offer_no_invented_credential(tmp_path):
    server = Server("--auth", "keys", "--admin-token", "secret-of-the-test")
    try:
        for path in (f"{UI}/reference/ebay", "/graphql"):
            text = requests.get(f"{server.url}{path}", headers=BROWSER, timeout=30).text
            assert "sbx_demo" not in text
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("method", "path", "accept", "page"),
    [
        ("GET", "/graphql", BROWSER["Accept"], True),
        ("GET", "/opendoor/graphql", BROWSER["Accept"], True),
        ("GET", "/graphql", "text/html", True),
        ("HEAD", "/graphql", BROWSER["Accept"], True),
        ("GET", "/graphql?query={__typename}", BROWSER["Accept"], False),
        ("GET", "/graphql/", BROWSER["Accept"], False),
        ("GET", "/graphql", "*/*", False),
        ("GET", "/graphql", None, False),
        ("GET", "/graphql", "application/json, text/html;q=0.5", False),
        ("GET", "/graphql", "application/json, text/html", False),
        ("POST", "/graphql", BROWSER["Accept"], False),
        ("GET", "/offers/offer-123", BROWSER["Accept"], False),
    ],
)
def test_only_a_browser_that_opens_the_endpoint_gets_the_query_page(client, method, path, accept, page):
    before = len(client.admin("GET", "/requests")["requests"])
    answer = client.call(method, path, headers={"Accept": accept, "Authorization": "Basic sbx_x"})
    assert answer.headers.get("Content-Type", "").startswith("text/html") == page
    if page:  # a page is no exchange
        assert len(client.admin("GET", "/requests")["requests"]) == before


def test_a_plain_server_has_no_query_page():
    server = Server("--plain")
    try:
        assert requests.get(f"{server.url}/graphql", headers=BROWSER, timeout=30).status_code == 401
    finally:
        server.stop()


def test_the_wsgi_application_answers_with_the_same_page(client):
    from offer_sandbox.app import create_app
    from offer_sandbox.options import Options

    app = create_app(Options())
    for path in ("/graphql", f"{UI}/reference/sibi"):
        answer = app.test_client().get(path, headers=BROWSER, base_url=client.url)
        assert answer.get_data(as_text=True) == opened(client, path).text


def test_the_index_leads_to_the_reference(client):
    assert client.call("GET", "/").json()["reference"] == f"{UI}/reference"


def test_the_scripts_have_no_address_of_another_host():
    for path in (ROOT / "sandbox/offer_sandbox/console").rglob("*"):
        if path.suffix in (".js", ".css", ".html"):
            assert re.findall(r"(?:https?:)?//[a-z]", path.read_text()) == [], path


@pytest.mark.parametrize(
    "body", ['{"a": "\\ud800"}', "[" * 20_000, '{"query": "\\udfff"}', "\x00", '{"query": 1}']
)
def test_the_page_of_a_call_shows_any_body(client, body):
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    sent = client.call("POST", "/covent/api/v1/offers", data=body.encode(), headers=headers)
    page = opened(client, f"{UI}/calls/{sent.headers['X-Sandbox-Request-Id']}")
    assert (page.status_code, "Explanation" in page.text) == (200, True)


@pytest.mark.parametrize(
    "query", ["q=status:%C2%B2", "page=%C2%B2", "page=-1", "page=99999999999", "q=operation:no.one"]
)
def test_a_list_takes_any_search(client, query):
    assert opened(client, f"{UI}/calls?{query}").status_code == 200


def test_a_demo_without_a_workspace_in_its_address_does_not_touch_the_default_one(client):
    path = f"{UI}/presenter/demo/sibi/2"
    answer = client.call("GET", path, headers={**BROWSER, "X-Sandbox-Workspace": None}, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{path}?workspace=presenter")


def test_every_trial_shows_its_outcome(client):
    """The calls behind each Try it, in a workspace without other changes."""
    wrong = []
    rows = [row for number in range(1, 7) for row in _rows(opened(client, f"{UI}/outcomes?page={number}").text)]
    catalog = {entry["id"]: entry for entry in client.admin("GET", "/catalog")["outcomes"]}
    assert [id for id, _ in rows] == [*catalog]
    for number, (id, steps) in enumerate(rows):
        assert steps or not catalog[id]["steps"], id
        workspace = f"trial-{number}"
        if steps and (last := _walked(client, steps, workspace)) != id:
            wrong.append((id, last))
        client.call("DELETE", f"/__admin/workspaces/{workspace}")
    assert wrong == []


def _rows(page: str) -> Iterator[tuple[str, list[dict]]]:
    """The outcomes of a page with the calls of their Try it, in the order of the page."""
    for row in re.findall(r'<tr id="([^"]+)">(.*?)</tr>', page, re.DOTALL):
        found = re.search(r'data-steps="([^"]+)"', row[1])
        yield html.unescape(row[0]), json.loads(html.unescape(found[1])) if found else []


def _walked(client: Client, steps: list[dict], workspace: str) -> str:
    """Makes the calls as the page's script does, and returns the last outcome."""
    outcome = ""
    for step in steps:
        body = step["body"] if isinstance(step["body"], str) else json.dumps(step["body"])
        text = "" if step["body"] is None else body
        if step["path"].startswith("/__admin"):
            headers = {"X-Sandbox-Workspace": workspace, "Content-Type": "application/json"}
            client.call(step["method"], step["path"], data=text, headers=headers)
            continue
        own = {**step["headers"], "X-Sandbox-Workspace": workspace}
        headers = [{"name": name, "value": value} for name, value in own.items()]
        asked = {"method": step["method"], "target": step["path"], "headers": headers, "body": text}
        sent = client.admin("POST", "/send", asked)
        outcome = next((each["value"] for each in sent["headers"] if each["name"] == "X-Sandbox-Outcome"), "")
    return outcome


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ({}, {"status": 200, "outcome": "pending"}),
        ({"fault": "GATEWAY_HTML"}, {"status": 502, "fault": "GATEWAY_HTML"}),
        ({"fault": "EMPTY_RESPONSE"}, {"fault": "EMPTY_RESPONSE"}),
    ],
)
def test_a_delay_before_or_after_the_call_is_passed_over(client, phase, effect, expected):
    delay = {"type": "fixed", "milliseconds": 60_000}
    rule = {"operation": "sibi.getOffer", "phase": phase, "delay": delay, **effect}
    step = {"call": "sibi.getOffer", "expect": expected}
    client.admin("PUT", "/scenarios/slow", {"rules": [rule], "play": [step]})
    played = client.call("POST", f"{UI}/presenter/scenario/slow/1/play")
    assert (played.status_code, "banner bad" in played.text) == (200, False), played.text
