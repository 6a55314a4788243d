"""Who may use the control API: Host and site on the loopback, tokens elsewhere."""

import re
from base64 import b64encode

import pytest
import requests

from admin_document import OPERATIONS, Operation
from offer_sandbox.admin import control_calls
from offer_sandbox.admin.call import Concern
from offer_sandbox.app import Options
from running_server import Client, Server

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def guarded():
    """A server that asks for a token, as one bound off the loopback does."""
    server = Server("--admin-token", "let-me-in", "--host", "127.0.0.1")
    yield server
    assert server.stop() == 0


@pytest.mark.parametrize("name", ["http://x", "x:80", "*.example", "a b"])
def test_what_is_no_host_name_is_a_misuse(name):
    with pytest.raises(RuntimeError, match="not a host name"):
        Server("--allow-host", name)


def ask(server, path, **headers):
    """A control call."""
    return requests.get(f"{server.url}/__admin{path}", headers=headers, timeout=30)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:4242",
        "localhost:1",
        "[::1]",
        "[::1]:4242",
        "ebay.localhost",
        "api.ebay.com",
        "127.9.9.9",
    ],
)
def test_known_hosts(client: Client, host):
    assert client.call("GET", "/__admin/clock", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "ebay.evil.example",
        "evil.localhost",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "[::1]evil.example",
        "[::1].evil.example:80",
        "[::1",
        "192.168.1.1",
        "",
        "[::2]",
    ],
)
def test_a_foreign_host_is_refused(client: Client, host):
    answer = client.call("GET", "/__admin/clock", headers={"Host": host})
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, PROBLEM)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_is_refused(client: Client, headers):
    answer = client.call("POST", "/__admin/reset", headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, PROBLEM)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_page_of_our_own_is_not(client: Client):
    own = {"Origin": client.url, "Sec-Fetch-Site": "same-origin"}
    assert client.call("GET", "/__admin/clock", headers=own).status_code == 200


def test_a_named_host_is_let_in():
    server = Server("--allow-host", "Sandbox.Team.example")
    assert ask(server, "/clock", Host="sandbox.team.example:80").status_code == 200
    assert ask(server, "/clock", Host="other.example").status_code == 403
    assert server.stop() == 0


@pytest.mark.parametrize(
    "value", [None, "Bearer wrong", "Bearer", "let-me-in", "Basic let-me-in", "Bearer sbx_", "Bearer SBX_a"]
)
def test_without_the_token_401(guarded, value):
    headers = {"Authorization": value} if value else {}
    answer = ask(guarded, "/clock", **headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM)


def test_the_token_opens_everything(guarded):
    bearer = {"Authorization": "Bearer let-me-in"}
    assert ask(guarded, "/clock", **bearer).status_code == 200
    assert ask(guarded, "/clock", **bearer, **{"X-Sandbox-Workspace": "team"}).status_code == 200


def test_a_workspaces_key_opens_that_workspace_alone(guarded):
    key = {"Authorization": "Bearer sbx_team1"}
    assert ask(guarded, "/clock", **key).status_code == 200
    assert ask(guarded, "/clock", **key, **{"X-Sandbox-Workspace": "team1"}).status_code == 200
    for foreign in (
        ask(guarded, "/clock?workspace=team2", **key),
        ask(guarded, "/clock", **key, **{"X-Sandbox-Workspace": "team2"}),
    ):
        assert (foreign.status_code, foreign.headers["Content-Type"]) == (403, PROBLEM)


def test_a_workspaces_key_does_not_open_anothers_journal(guarded):
    find = f"{guarded.url}/sell/negotiation/v1/find_eligible_items"
    answer = requests.get(find, headers={"Authorization": "Bearer sbx_team2"}, timeout=30)
    id = answer.headers["X-Sandbox-Request-Id"]
    assert ask(guarded, f"/requests/{id}", Authorization="Bearer sbx_team1").status_code == 404
    assert ask(guarded, f"/requests/{id}", Authorization="Bearer sbx_team2").status_code == 200
    assert ask(guarded, f"/requests/{id}", Authorization="Bearer let-me-in").status_code == 200


def test_off_the_loopback_a_token_is_made():
    server = Server("--host", "0.0.0.0")
    assert server.admin_token
    assert ask(server, "/clock").status_code == 401
    assert ask(server, "/clock", Authorization=f"Bearer {server.admin_token}").status_code == 200
    assert requests.get(f"{server.url}/health", timeout=30).status_code == 200
    assert server.stop() == 0


def test_on_the_loopback_there_is_none(server):
    assert server.admin_token is None


def test_an_empty_token_opens_nothing():
    with pytest.raises(ValueError, match="open the control API to everyone"):
        Options(admin_token="")


# Whoever adds a route here says that it needs no workspace to exist.
CONCERNS = {
    ("GET", "/__admin/catalog"): Concern.ANY_WORKSPACE,
    ("GET", "/__admin/openapi.json"): Concern.SERVER,
    ("GET", "/__admin/specs/{}.json"): Concern.SERVER,
    ("GET", "/__admin/specs/{}.graphql"): Concern.SERVER,
    ("GET", "/__admin/specs/{}.postman.json"): Concern.SERVER,
    ("GET", "/__admin/workspaces"): Concern.SERVER,
    ("POST", "/__admin/workspaces"): Concern.ADMIN,
    ("GET", "/__admin/workspaces/{}"): Concern.NAMED_WORKSPACE,
    ("DELETE", "/__admin/workspaces/{}"): Concern.NAMED_WORKSPACE,
    ("POST", "/__admin/workspaces/{}/key"): Concern.NAMED_WORKSPACE,
    ("DELETE", "/__admin/workspaces/{}/key"): Concern.NAMED_WORKSPACE,
    ("GET", "/__admin/requests/{}"): Concern.EXCHANGE,
    ("GET", "/__admin/requests/{}/export"): Concern.EXCHANGE,
    ("POST", "/__admin/send"): Concern.SERVER,
    ("GET", "/__admin/coverage"): Concern.ADMIN,
    ("DELETE", "/__admin/coverage"): Concern.ADMIN,
}
CONTROL = [operation for operation in OPERATIONS.values() if operation.path.startswith("/__admin/")]


def test_every_call_concerns_a_workspace_or_is_listed_here():
    concerns = {
        (call.method, re.sub(r"{\w+}", "{}", call.path)): call.concern for call in control_calls() if not call.open
    }
    assert len(concerns) == len(CONTROL)
    assert {call: concern for call, concern in concerns.items() if concern is not Concern.WORKSPACE} == CONCERNS


@pytest.fixture(scope="module")
def keyed():
    """A server on which workspaces are made on purpose."""
    server = Server("--auth", "keys", "--admin-token", "let-me-in")
    yield server
    assert server.stop() == 0


@pytest.mark.parametrize("operation", CONTROL, ids=lambda operation: operation.id)
def test_a_call_on_a_workspace_needs_that_workspace(keyed, operation: Operation):
    """The admin token opens everything, but makes no workspace by the way."""
    path = operation.path.format(provider="covent", collection="offers", id="x", name="opendoor")
    headers = {"Authorization": "Bearer let-me-in", "X-Sandbox-Workspace": "never-made"}
    answer = requests.request(
        operation.method, f"{keyed.url}{path}", headers=headers, json=operation.example, timeout=30
    )
    concern = CONCERNS.get((operation.method, re.sub(r"{[^}]+}", "{}", operation.path)), Concern.WORKSPACE)
    missing = answer.status_code == 404 and answer.json()["detail"].startswith("there is no workspace never-made")
    assert missing == (concern is Concern.WORKSPACE), answer.text


def test_a_workspaces_key_makes_no_workspace_whatever_the_body_says(keyed):
    """Who may not make one is not told what would be wrong with it."""
    token = {"Authorization": "Bearer let-me-in"}
    made = requests.post(f"{keyed.url}/__admin/workspaces", json={"name": "own"}, headers=token, timeout=30)
    key = {"Authorization": f"Bearer {made.json()['key']}"}
    for body in ({"name": "other"}, {"name": "BAD!"}, {"colour": 1}):
        refused = requests.post(f"{keyed.url}/__admin/workspaces", json=body, headers=key, timeout=30)
        assert (refused.status_code, refused.headers["Content-Type"]) == (403, PROBLEM)
    wrong = requests.get(f"{keyed.url}/__admin/workspaces/own?x=1", headers=token, timeout=30)
    assert (wrong.status_code, wrong.headers["X-Sandbox-Workspace"]) == (422, "own")


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-Proto": "https"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 x"},
    ],
)
def test_a_forwarded_call_is_not_trusted_as_one_of_this_machine(client: Client, header):
    for path in ("/__admin/clock", "/__admin/ui/"):
        answer = client.call("GET", path, headers=header)
        assert (answer.status_code, "--admin-token" in answer.text) == (403, True)
    assert client.call("GET", "/health", headers=header).status_code == 200


def test_a_token_opens_a_forwarded_call(guarded):
    headers = {"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer let-me-in"}
    assert ask(guarded, "/clock", **headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/health",
        "/metrics",
        "/openapi.json",
        "/__admin/rules",
        "/__admin/nothing",
        "/__admin/ui/static/api.js",
        "/graphql",
        "/nobody",
        "/offers/offer-123",
        "/sell/negotiation/v1/find_eligible_items",
        "/oauth2/authorize",
    ],
)
def test_no_answer_is_sniffed(client: Client, path):
    answer = client.call("GET", path, headers={"Accept": "text/html"})
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer v^1.1#i^1#p^3#r^0",
        "Bearer App-App-PRD-0123456789ab-cdef",
        f"Basic {b64encode(b'a:PRD-0123456789ab').decode()}",
    ],
)
def test_a_real_credential_is_refused(client, authorization):
    refused = client.call("GET", "/__admin/clock", headers={"Authorization": authorization})
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:offer-sandbox:problem:live-key")
    assert "PRD" not in refused.text
