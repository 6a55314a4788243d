"""Health, catalogue, state, requests, reset and specs: what the control API shows, and its refusals."""

import base64
import json

import pytest
from openapi_spec_validator import validate

from catalog_steps import CATALOG
from ebay_calls import INITIAL
from offer_sandbox import __version__
from offer_sandbox.providers import providers
from offer_sandbox.resources import bundled
from running_server import Client

PROBLEM = "application/problem+json"


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_health_needs_nothing(client: Client, path):
    answer = client.call("GET", path, headers={"Host": "anything.example"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": __version__})


def test_the_root_says_where_things_are(client: Client):
    found = client.call("GET", "/").json()
    for path in (found["catalog"], found["openapi"], found["health"]):
        assert client.call("GET", path).status_code == 200


def test_the_catalogue_is_the_committed_one(client: Client):
    served = client.admin("GET", "/catalog")
    assert served == {"outcomes": CATALOG} == json.loads((bundled("specs") / "catalog.json").read_text())


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("provider=ebay", "provider", "ebay"),
        ("operation=offerRequest", "operation", "offerRequest"),
        ("operation=opendoor.offerRequest", "operation", "offerRequest"),
        ("kind=denial", "kind", "denial"),
        ("evidence=inferred", "evidence", "inferred"),
    ],
)
def test_the_catalogue_can_be_filtered(client: Client, query, name, value):
    found = client.admin("GET", f"/catalog?{query}")["outcomes"]
    assert found == [entry for entry in CATALOG if entry[name] == value]
    assert found


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("colour=red", 422),
        ("kind=errors", 422),
        ("evidence=x", 422),
        ("provider=nope", 404),
        ("operation=nope", 404),
    ],
)
def test_a_filter_that_means_nothing_is_refused(client: Client, query, status):
    answer = client.call("GET", f"/__admin/catalog?{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)


@pytest.mark.parametrize("path", ["/", "/health", "/openapi.json", "/__admin/catalog", "/__admin/clock"])
def test_options_on_the_sandboxs_own_paths(client: Client, path):
    answer = client.call("OPTIONS", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "GET" in answer.headers["Allow"]
    assert "TRACE" not in answer.headers["Allow"]


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "POST"])
def test_a_method_that_a_control_path_does_not_take(client: Client, method):
    answer = client.call(method, "/__admin/clock")
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, PROBLEM)
    assert answer.headers["Allow"] == "GET, HEAD, PUT, OPTIONS"
    assert client.call(method, "/__admin/nothing").status_code == 404
    assert client.call(method, "/__admin/clock", headers={"Host": "evil.example"}).status_code == 403


def test_state_shows_one_record_and_all(client: Client):
    listed = client.admin("GET", "/state/ebay/listings")
    assert list(listed) == ["listings"]
    one = client.admin("GET", "/state/ebay/listings/110000000001")
    assert one == listed["listings"][0]


@pytest.mark.parametrize(
    "path",
    [
        "/state/ebay/nothing",
        "/state/nobody/offers",
        "/state/ebay/listings/1",
        "/state/ebay/tokens",
        "/nothing",
        "/requests/0",
        "/specs/nobody.json",
        "/specs/ebay.graphql",
    ],
)
def test_what_does_not_exist_is_404(client: Client, path):
    answer = client.call("GET", f"/__admin{path}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/rule", "GET /__admin/rules"),
        ("POST", "/rulez", "POST /__admin/rules"),
        ("GET", "/rule/rule_1", "GET /__admin/rules/{id}"),
        ("POST", "/clock/advanced", "POST /__admin/clock/advance"),
        ("GET", "/request/req_1/export", "GET /__admin/requests/{id}/export"),
        ("GET", "/state/ebay/listings/1/status/wait", "GET /__admin/state/{provider}/{collection}/{id}/wait"),
        ("PATCH", "/" + "x" * 5000, None),
    ],
)
def test_an_unknown_path_names_the_nearest_calls(client: Client, method, path, wanted):
    answer = client.call(method, f"/__admin{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:offer-sandbox:problem:unknown-path")
    assert len(answer.json()["nearest"]) == 3
    assert wanted in (None, answer.json()["nearest"][0])


def test_resetting_by_scope(client: Client):
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
    id = client.send().headers["X-Sandbox-Request-Id"]
    client.admin("POST", "/reset", {"scope": ["state"]})
    assert len(client.state("ebay/offers")) == len(INITIAL)
    assert client.admin("GET", "/clock")["mode"] == "frozen"
    assert client.admin("GET", f"/requests/{id}")["id"] == id
    client.admin("POST", "/reset", {"scope": ["journal", "clock"]})
    assert client.call("GET", f"/__admin/requests/{id}").status_code == 404
    assert client.admin("GET", "/clock")["mode"] == "real"
    client.admin("POST", "/reset")
    client.admin("POST", "/reset", {"scope": []})


@pytest.mark.parametrize("given", [{"scope": ["all"]}, {"scope": "state"}, {"scope": [["state"]]}, {"scopes": []}])
def test_an_unknown_scope_resets_nothing(client: Client, given):
    client.send()
    answer = client.call("POST", "/__admin/reset", json=given)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)
    assert len(client.state("ebay/offers")) == len(INITIAL) + 3


def test_the_workspace_by_header_query_credential_and_default(client: Client):
    client.send()
    none = {"X-Sandbox-Workspace": None}
    path = "/__admin/state/ebay/offers"
    by_query = client.call("GET", f"{path}?workspace={client.workspace}", headers=none)
    by_key = client.call("GET", path, headers={**none, "Authorization": f"Bearer sbx_{client.workspace}"})
    assert len(by_query.json()["offers"]) == len(by_key.json()["offers"]) == len(INITIAL) + 3
    answer = client.call("GET", path, headers={"X-Sandbox-Workspace": "Not-A-Name"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM)
    for pair in (f"sbx_{client.workspace}", base64.b64encode(f"sbx_{client.workspace}:x".encode()).decode()):
        by_basic = client.call("GET", path, headers={**none, "Authorization": f"Basic {pair}"})
        assert len(by_basic.json()["offers"]) == len(INITIAL) + 3
    malformed = client.call("GET", path, headers={**none, "Authorization": "Bearer SBX_x"})
    assert (malformed.status_code, malformed.headers["Content-Type"]) == (401, PROBLEM)


@pytest.mark.parametrize("name", list(providers()))
def test_specs_are_served_with_this_servers_address(client: Client, name):
    served = client.admin("GET", f"/specs/{name}.json")
    assert served["servers"] == [{"url": client.url}]
    committed = json.loads((bundled("specs") / f"{name}.json").read_text())
    assert {**served, "servers": None} == {**committed, "servers": None}


def test_all_specs_in_one(client: Client):
    whole = client.call("GET", "/openapi.json").json()
    validate(whole)
    assert {"/graphql", "/sell/negotiation/v1/send_offer_to_interested_buyers"} <= whole["paths"].keys()
    assert whole["servers"] == [{"url": client.url}]
