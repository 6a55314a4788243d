"""What a web page can do to a server on the loopback, in a real browser: one of another origin, a rebound one, our
own."""

import json
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest

from chromium import FOREIGN, OWN, chromium, pages
from running_server import Client, Server

SEND = "ebay.sendOfferToInterestedBuyers"
CONSENT = "/oauth2/authorize?client_id=app&redirect_uri=ru&response_type=code"

# Each is a function of an address, run inside a page; it gives what the page could read of the answer.
STREAM = """address => new Promise(done => {
  const stream = new EventSource(address);
  const end = text => { stream.close(); done(text) };
  stream.onopen = () => end('open');
  stream.onerror = () => end('');
})"""
EMBED = """address => new Promise(done => {
  const element = document.createElement('TAG');
  element.onload = element.onerror = () => done(element.contentDocument?.body?.innerText ?? '');
  element.src = address;
  document.body.append(element);
})"""
FORM = """address => new Promise(done => {
  const frame = document.createElement('iframe'), form = document.createElement('form');
  frame.name = form.target = 'answer';
  Object.assign(form, {method: 'POST', enctype: 'text/plain', action: address});
  document.body.append(frame, form);
  frame.onload = () => done(frame.contentDocument?.body?.innerText ?? '');
  form.submit();
})"""
BEACON = "address => { navigator.sendBeacon(address, '{}'); return '' }"
LEAVE = "address => { location = address; return '' }"


def fetch(**options) -> str:
    """Fetches the address; the page reads a text, or nothing."""
    return f"address => fetch(address, {json.dumps(options)}).then(answer => answer.text()).catch(() => '')"


def post(media_type: str, body: dict, **options) -> str:
    """Posts JSON under a media type that a browser sends without asking the server first."""
    return fetch(method="POST", headers={"Content-Type": media_type}, body=json.dumps(body), **options)


@dataclass(frozen=True)
class Attempt:
    """One way to call the control API from a page. `reads` and `changes`: what our own page gets by it; `asked`:
    a browser asks first whether a foreign page may."""

    name: str
    method: str
    path: str
    script: str
    reads: bool = False
    changes: bool = False
    asked: bool = False


FORM_TYPE = "application/x-www-form-urlencoded"
RULE = {"operation": SEND, "outcome": "150025"}
FROZEN = {"mode": "frozen", "now": "2031-01-01T00:00:00Z"}
ATTEMPTS = [
    Attempt("fetch-snapshot", "GET", "/snapshot", fetch(), reads=True),
    Attempt("fetch-snapshot-opaque", "GET", "/snapshot", fetch(mode="no-cors"), reads=True),
    Attempt("fetch-requests", "GET", "/requests", fetch(), reads=True),
    Attempt("fetch-requests-opaque", "GET", "/requests", fetch(mode="no-cors"), reads=True),
    Attempt("fetch-header", "GET", "/clock", fetch(headers={"X-Sandbox-Workspace": "a"}), reads=True, asked=True),
    Attempt("stream", "GET", "/requests/stream", STREAM, reads=True),
    Attempt("image", "GET", "/snapshot", EMBED.replace("TAG", "img")),
    Attempt("script", "GET", "/snapshot", EMBED.replace("TAG", "script")),
    Attempt("frame", "GET", "/snapshot", EMBED.replace("TAG", "iframe"), reads=True),
    Attempt("navigation", "GET", "/snapshot", LEAVE),
    Attempt("reset-text", "POST", "/reset", post("text/plain", {}), changes=True),
    Attempt("reset-form-type", "POST", "/reset", post(FORM_TYPE, {}), changes=True),
    Attempt("reset-opaque", "POST", "/reset", post("text/plain", {}, mode="no-cors"), changes=True),
    Attempt("reset-form", "POST", "/reset", FORM, changes=True),
    Attempt("reset-beacon", "POST", "/reset", BEACON, changes=True),
    Attempt("rule-text", "POST", "/rules", post("text/plain", RULE), changes=True),
    Attempt("rule-form-type", "POST", "/rules", post(FORM_TYPE, RULE, mode="no-cors"), changes=True),
    Attempt("clock", "PUT", "/clock", fetch(method="PUT", body=json.dumps(FROZEN)), changes=True, asked=True),
    Attempt("disarm", "DELETE", "/rules", fetch(method="DELETE"), changes=True, asked=True),
]
CHANGES = [attempt for attempt in ATTEMPTS if attempt.changes]
EVERY_ATTEMPT = pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
EVERY_CHANGE = pytest.mark.parametrize("attempt", CHANGES, ids=lambda attempt: attempt.name)


@pytest.fixture(scope="module")
def tab():
    """One for the module: a browser takes a second to start, a page of its own a tenth."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def port():
    """Where the foreign pages are."""
    with pages() as served:
        yield served


@pytest.fixture(params=["127.0.0.1:{}/", FOREIGN + ":{}/", "127.0.0.1:{}/opaque"], ids=["port", "name", "opaque"])
def foreign(request, port):
    """A page on another port, under another name, of no origin at all."""
    return "http://" + request.param.format(port)


@pytest.fixture(scope="module")
def named():
    """A server that is called by a name: over plain HTTP a browser then sends no Sec-Fetch-Site, and plain GETs do
    not tell which page they are of; only the browser keeps their answers from it."""
    server = Server("--allow-host", OWN)
    yield server
    assert server.stop() == 0


def used(client: Client) -> Client:
    """The client, once something is in its workspace that a call could read, change or take away."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
    client.admin("POST", "/rules", {"operation": SEND, "outcome": "150022", "skip": 1})
    assert client.send().status_code == 200
    return client


def everything(client: Client) -> list:
    """The workspace as it is, and its journal."""
    return [client.admin("GET", "/snapshot"), client.admin("GET", "/requests")]


def address(client: Client, path: str, host: str = "127.0.0.1") -> str:
    """Of a control call on the client's workspace, whose name a page may know."""
    return f"http://{host}:{urlsplit(client.url).port}/__admin{path}?workspace={client.workspace}"


def refused(attempt: Attempt) -> list[tuple[str, int]]:
    """How the server answers a foreign page. Where the browser asks first, the call is never sent."""
    return [("OPTIONS", 403)] if attempt.asked else [(attempt.method, 403)]


@EVERY_ATTEMPT
def test_our_own_page_may(tab, client, attempt):
    """So what the tests below try would do something."""
    before, target = everything(used(client)), address(client, attempt.path)
    tab.open(f"{client.url}/health")
    read = tab.run(attempt.script, target)
    answers = tab.answered(target)
    assert [method for method, status in answers if status in (200, 201, 204)] == [attempt.method]
    assert read or not attempt.reads
    assert (everything(client) != before) == attempt.changes


@EVERY_ATTEMPT
def test_a_foreign_page_reads_and_changes_nothing(tab, foreign, client, attempt):
    before, target = everything(used(client)), address(client, attempt.path)
    tab.open(foreign)
    assert tab.run(attempt.script, target) == ""
    assert tab.answered(target) == refused(attempt)
    assert everything(client) == before


def test_nor_by_way_of_a_redirect(tab, port, client):
    before, target = everything(used(client)), address(client, "/reset")
    onward = f"http://{FOREIGN}:{port}/onward?to={quote(target)}"
    tab.open(f"http://{FOREIGN}:{port}/")
    assert tab.run(post("text/plain", {}, mode="no-cors"), onward) == ""
    assert tab.answered(target) == [("POST", 403)]
    assert everything(client) == before


def test_nor_does_the_sandbox_under_another_of_its_names(tab, client):
    """Another name is another origin."""
    before, target = everything(used(client)), address(client, "/reset")
    tab.open(client.url.replace("127.0.0.1", "ebay.localhost") + "/health")
    assert tab.run(post("text/plain", {}), target) == ""
    assert tab.answered(target) == [("POST", 403)]
    assert everything(client) == before


@EVERY_CHANGE
def test_where_the_browser_names_no_site_the_origin_tells(tab, port, named, session, attempt):
    client = used(Client(named.url, f"named-{attempt.name}", session))
    before, target = everything(client), address(client, attempt.path, OWN)
    tab.open(f"http://{FOREIGN}:{port}/")
    assert tab.run(attempt.script, target) == ""
    assert tab.answered(target) == refused(attempt)
    assert everything(client) == before


@EVERY_ATTEMPT
def test_a_rebound_page_is_refused(tab, client, attempt):
    """Its name was led to the loopback, so for the browser it is of the sandbox's own origin."""
    before, target = everything(used(client)), address(client, attempt.path, FOREIGN)
    tab.open(target.partition("/__admin")[0] + "/health")
    read = tab.run(attempt.script, target)
    assert tab.answered(target) == [(attempt.method, 403)]
    assert "--allow-host" in read or read == ""
    assert everything(client) == before


def test_a_rebound_name_is_told_how_to_be_let_in(tab, client):
    answer = tab.open(address(client, "/clock", FOREIGN))
    problem = answer.json()
    assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")
    assert problem["type"] == "urn:offer-sandbox:problem:foreign-host"
    assert "--allow-host" in problem["detail"]


OPEN = {
    "metrics": ("/metrics", fetch()),
    "metrics-opaque": ("/metrics", fetch(mode="no-cors")),
    "health": ("/health", fetch()),
    "document": ("/openapi.json", fetch()),
    "page": (CONSENT, fetch()),
    "page-framed": (CONSENT, EMBED.replace("TAG", "iframe")),
    "call": ("/graphql", post("text/plain", {}, credentials="omit")),  # else the browser asks a person
    "call-with-key": ("/listings", fetch(headers={"Authorization": "Bearer sbx_team1"})),
}


def test_what_is_open_to_all_clients_is_not_read_by_foreign_pages(tab, foreign, client):
    """Provider paths too: they let no other origin in."""
    tab.open(foreign)
    for name, (path, script) in OPEN.items():
        assert tab.run(script, client.url + path) == "", name
        assert tab.answered(client.url + path), name


def test_but_by_our_own(tab, client):
    """The consent page lets nobody frame it."""
    tab.open(f"{client.url}/health")
    read = {name for name, (path, script) in OPEN.items() if tab.run(script, client.url + path)}
    assert read == OPEN.keys() - {"page-framed"}


def test_a_foreign_page_creates_no_workspace_with_images(tab, port, client):
    before = client.admin("GET", "/workspaces")
    tab.open(f"http://{FOREIGN}:{port}/")
    for number in range(3):
        target = (
            f"{client.url}/oauth2/authorize?response_type=code&redirect_uri=http://a/&client_id=sbx_img{number}"
        )
        tab.run(EMBED.replace("TAG", "img"), target)
        assert tab.answered(target) == [("GET", 403)]
    assert client.admin("GET", "/workspaces") == before


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_rebound_page_reaches_no_named_workspace(tab, client, method):
    before = everything(used(client))
    origin = f"http://{FOREIGN}:{urlsplit(client.url).port}"
    tab.open(f"{origin}/health")
    key = {"Authorization": f"Bearer sbx_{client.workspace}"}
    read = tab.run(fetch(method=method, headers=key), f"{origin}/api/v1/offers/off_123")
    assert "off_123" not in read
    assert tab.answered(f"{origin}/api/v1/offers/off_123") == [(method, 403 if method == "GET" else 405)]
    assert everything(client) == before
