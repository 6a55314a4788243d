"""The control API's OpenAPI document: what it lists is what there is, and real answers are as it says."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate

from admin_document import DOCUMENT, OPERATIONS, Operation, fits, misfits
from offer_sandbox.admin import control_calls
from offer_sandbox.app import create_app
from running_server import EBAY_SEND, Client, Server

RECORD = {"provider": "sibi", "collection": "offers", "id": "offer-unknown"}
LIMITS = [
    (operation, parameter)
    for operation in OPERATIONS.values()
    for parameter in operation.parameters("query")
    if "maximum" in parameter["schema"]
]


@dataclass(frozen=True)
class Ground:
    """A workspace in which there is one of everything; `names` are what to put into an address, by tag. Workspaces
    themselves are those of a server that issues keys (`keyed`)."""

    client: Client
    keyed: Client
    names: dict[str, dict[str, str]]

    def call(self, operation: Operation, **options: Any) -> requests.Response:
        """The operation on what there is, with the body of its example unless another is given."""
        options = {"json": operation.example, **options} if "data" not in options else options
        query = {"status": "unknown"} if operation.id == "waitForStatus" else {}
        names = {**RECORD, **self.names.get(operation.tag, {}), **options.pop("names", {})}
        path = operation.path.format(**names)
        client = self.keyed if operation.tag == "workspaces" else self.client
        return client.call(operation.method, path, **{"params": query, **options})


@pytest.fixture(scope="module")
def issuing() -> Iterator[Server]:
    """A server that issues keys."""
    server = Server("--auth", "keys")
    yield server
    assert server.stop() == 0


@pytest.fixture
def ground(client: Client, issuing: Server) -> Ground:
    """A rule, a scenario, a webhook, and exchanges of every kind."""
    rule = client.admin("POST", "/rules", {"operation": "ebay.*", "match": {"query.x": "1"}, "status": 503})["id"]
    client.admin("PUT", "/scenarios/mine", {"rules": [{"operation": "*", "status": 500}]})
    webhook = client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})["id"]
    client.call("GET", "/nobodys")
    exchange = client.send().headers["X-Sandbox-Request-Id"]
    ids = {"rules": rule, "webhooks": webhook, "requests": exchange}
    names = {tag: {"id": id} for tag, id in ids.items()}
    keyed = Client(issuing.url, "one", client.session)
    keyed.call("DELETE", "/__admin/workspaces/team1")  # which the example makes
    keyed.call("POST", "/__admin/workspaces", json={"name": "one"})
    names |= {"scenarios": {"name": "mine"}, "specs": {"provider": "opendoor"}, "workspaces": {"name": "one"}}
    return Ground(client, keyed, names)


def given(operation: Operation, ground: Ground) -> dict[str, Any]:
    """The body of a call whose document has no example: what the workspace itself would show."""
    if operation.id == "loadSnapshot":
        return {"json": ground.client.admin("GET", "/snapshot")}
    if operation.id in ("replaceRecords", "addRecords"):
        return {"json": {"offers": ground.client.state("sibi/offers")[:2]}}
    if operation.id == "patchRecord":
        return {"json": {"id": RECORD["id"]}}
    if operation.id == "putRecord":
        return {"json": ground.client.admin("GET", f"/state/sibi/offers/{RECORD['id']}")}
    return {}


def every(chosen: Callable[[Operation], Any] = lambda _: True):
    """Parametrises a test by the operations that are chosen."""
    found = [operation for operation in OPERATIONS.values() if chosen(operation)]
    assert found
    return pytest.mark.parametrize("operation", found, ids=lambda operation: operation.id)


def test_the_document_is_valid_openapi():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_every_route_is_in_it_with_every_method_and_nothing_else_is():
    """HEAD and OPTIONS, which the server adds by itself, are told once for all of them."""
    own = re.compile(r"/__admin/|/health(/|$)|/(openapi\.json|metrics)?$")
    there = {
        (method, re.sub(r"<[^>]+>", "{}", rule.rule))
        for rule in create_app().url_map.iter_rules()
        if own.match(rule.rule) and rule.endpoint not in ("admin.unknown", "provider")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = [(each.method, re.sub(r"{\w+}", "{}", each.path)) for each in OPERATIONS.values()]
    assert sorted(told) == sorted(there)
    assert {("PUT", "/__admin/rules/{}"), ("GET", "/health"), ("GET", "/openapi.json")} <= there


def test_operation_ids_are_unique():
    described = [each for operations in DOCUMENT["paths"].values() for each in operations.values()]
    assert len({each["operationId"] for each in described}) == len(described)
    assert all(each["summary"].endswith(".") for each in described)


def test_summaries_are_the_views_own_words():
    wanted = {call.id: " ".join((call.view.__doc__ or "").split()) for call in control_calls()}
    found = {operation.id: operation.described for operation in OPERATIONS.values()}
    told = {id: " ".join(filter(None, (each["summary"], each.get("description")))) for id, each in found.items()}
    assert told == wanted
    assert max(len(each["summary"]) for each in found.values()) < 120


def test_it_is_served_with_this_servers_address(client: Client):
    served = client.admin("GET", "/openapi.json")
    assert served["servers"] == [{"url": client.url}]
    assert {**served, "servers": None} == {**DOCUMENT, "servers": None}


def test_the_providers_document_is_another(client: Client):
    paths = client.call("GET", "/openapi.json").json()["paths"]
    assert EBAY_SEND in paths
    assert not any(path.startswith(("/__admin", "/health", "/openapi")) for path in paths)


def test_every_named_part_is_used():
    text = json.dumps(DOCUMENT)
    for group in ("schemas", "parameters", "responses"):
        for name in DOCUMENT["components"][group]:
            assert f'"#/components/{group}/{name}"' in text, f"nothing refers to {group}/{name}"


@every(lambda operation: operation.example is not None)
def test_examples_are_as_their_schemas_say(operation: Operation):
    fits(operation.described["requestBody"]["content"]["application/json"]["schema"], operation.example)


@every(lambda operation: operation.id != "streamRequests")
def test_a_real_answer_is_as_the_document_says(operation: Operation, ground: Ground):
    answer = ground.call(operation, **given(operation, ground))
    assert answer.status_code < 300, answer.text
    operation.check(answer)
    own = "one" if operation.tag == "workspaces" else ground.client.workspace
    concerned = "team1" if operation.id == "addWorkspace" else own
    named = answer.headers.get("X-Sandbox-Workspace")
    assert named == (concerned if operation.path.startswith("/__admin") else None)


def test_the_stream_is_as_the_document_says(ground: Ground):
    operation = OPERATIONS["streamRequests"]
    id = ground.client.admin("GET", "/requests")["requests"][-1]["id"]
    with ground.call(operation, headers={"Last-Event-ID": id}, stream=True) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] in operation.content(200)
        data = next(line for line in answer.iter_lines() if line.startswith(b"data: "))
    fits({"$ref": "#/components/schemas/Exchange"}, json.loads(data.removeprefix(b"data: ")))


def test_exchanges_of_every_kind_are_as_the_document_says(client: Client):
    rule = {
        "operation": "ebay.*",
        "delay": {"type": "fixed", "milliseconds": 1},
        "fault": "GATEWAY_HTML",
        "times": 1,
    }
    client.admin("POST", "/rules", {"operation": "ebay.*", "match": {"query.x": "1"}, "status": 503})
    client.admin("POST", "/rules", rule)
    calls = [
        lambda: client.send(),
        lambda: client.send({"offeredItems": []}),
        lambda: client.ebay("POST", EBAY_SEND, data=b"\xff"),
        lambda: client.send(item={"listingId": "110000150011"}),
        lambda: client.send(headers={"X-Sandbox-Outcome": "150022"}),
        lambda: client.send(headers={"X-Sandbox-Outcome": "nothing"}),
        lambda: client.call("PATCH", EBAY_SEND),
        lambda: client.graphql("{ nothing }"),
        lambda: client.call("GET", "/nobodys?a=1&a=2"),
        lambda: client.call("POST", "/identity/v1/oauth2/token", data={"grant_type": "x"}),
    ]
    answers = [call() for call in calls]
    assert len({answer.status_code for answer in answers}) > 4
    listed = OPERATIONS["listRequests"].check(client.call("GET", "/__admin/requests"))
    assert len(listed["requests"]) == len(calls)
    for entry in listed["requests"]:
        OPERATIONS["getRequest"].check(client.call("GET", f"/__admin/requests/{entry['id']}"))
    OPERATIONS["listNearMisses"].check(client.call("GET", "/__admin/requests/unmatched/near-misses"))


@pytest.mark.parametrize("form", ["curl", "pytest", "har"])
def test_every_form_of_an_export_is_in_it(ground: Ground, form):
    OPERATIONS["exportRequest"].check(ground.call(OPERATIONS["exportRequest"], params={"as": form}))


def test_other_answers_of_the_same_calls(ground: Ground):
    """What is made, what comes in YAML, what is shown where more is asked for."""
    put, listed = OPERATIONS["putRecord"], OPERATIONS["listRules"]
    record = ground.client.admin("GET", "/state/sibi/offers/offer-unknown")
    made = ground.call(put, json={**record, "id": "offer-new"}, names={"id": "offer-new"})
    assert (made.status_code, put.check(made)["id"]) == (201, "offer-new")
    builtin = listed.check(ground.call(listed, params={"builtin": "true"}))["rules"]
    assert {"id", "builtin", "operation", "match", "outcome"} in [rule.keys() for rule in builtin]
    upload = OPERATIONS["putScenario"]
    yaml = ground.call(
        upload, data=b"scenario: other", headers={"Content-Type": "application/yaml"}, names={"name": "other"}
    )
    assert (yaml.status_code, upload.check(yaml)["started"]) == (201, False)
    events = ground.call(OPERATIONS["advanceClock"], json={"by": "P300D"})
    assert OPERATIONS["advanceClock"].check(events)["events"]


@every(lambda each: "404" in each.responses and "{" in each.path and each.id != "putScenario")  # which makes it
def test_what_does_not_exist_is_404_as_the_document_says(operation: Operation, ground: Ground):
    nobody = dict.fromkeys(re.findall(r"{(\w+)}", operation.path), "nobody")
    answer = ground.call(operation, names=nobody, **given(operation, ground))
    assert answer.status_code == 404
    operation.check(answer)


@every(lambda operation: "requestBody" in operation.described)
def test_a_body_is_required_where_the_document_says_so(operation: Operation, ground: Ground):
    answer = ground.call(operation, json=None)
    operation.check(answer)
    assert (answer.status_code >= 400) == operation.described["requestBody"]["required"]


@pytest.mark.parametrize(
    ("operation", "parameter"), LIMITS, ids=[f"{each.id}-{found['name']}" for each, found in LIMITS]
)
def test_the_limits_of_parameters_are_real(operation: Operation, parameter, ground: Ground):
    schema, name = parameter["schema"], parameter["name"]
    at_once = {"count": "0"} if operation.id == "waitForRequests" else {}
    at_once |= (
        {"status": "unknown"} if operation.id == "waitForStatus" else {"timeout": "0"} if name == "count" else {}
    )
    for value, refused in ((schema["minimum"], False), (schema["maximum"], False), (schema["maximum"] + 1, True)):
        with ground.call(operation, params={**at_once, name: str(value)}, stream=True) as answer:
            assert (answer.status_code == 422) == refused
            if refused or operation.id != "streamRequests":  # which has no end
                operation.check(answer)


@pytest.mark.parametrize(
    ("id", "options", "status"),
    [
        ("addRule", {"data": b"{"}, 400),
        ("addRule", {"json": {"operation": "ebay.nothing", "colour": 1}}, 422),
        ("addRule", {"data": b" " * 1_100_000}, 413),
        ("replaceRule", {"json": {}}, 422),
        ("listRules", {"params": {"builtin": "perhaps"}}, 422),
        ("listOutcomes", {"params": {"kind": "nothing"}}, 422),
        ("listOutcomes", {"params": {"provider": "nobody"}}, 404),
        ("getClock", {"headers": {"X-Sandbox-Workspace": "No Name"}}, 400),
        ("getClock", {"headers": {"X-Sandbox-Workspace": None, "Authorization": "Bearer SBX_x"}}, 401),
        ("getClock", {"headers": {"Host": "elsewhere.example"}}, 403),
        ("getControlOpenApi", {"headers": {"Origin": "https://elsewhere.example"}}, 403),
        ("setClock", {"json": {"mode": "slow"}}, 422),
        ("advanceClock", {"json": {"by": "-P1D"}}, 422),
        ("changeSettings", {"json": {"switches": {"sibi.nothing": True}}}, 422),
        ("loadSnapshot", {"json": {"format": "offer-sandbox/snapshot", "version": 2}}, 422),
        ("reset", {"json": {"scope": ["everything"]}}, 422),
        ("replaceRecords", {"json": {"offers": [{"id": 1}]}}, 422),
        ("putRecord", {"json": {"id": "another"}}, 422),
        ("patchRecord", {"json": {"id": "another"}}, 422),
        ("putScenario", {"names": {"name": "opendoor-slow-then-denied"}}, 409),
        ("putScenario", {"json": {"rules": [{}]}}, 422),
        ("putScenario", {"data": b"scenario: [", "headers": {"Content-Type": "text/yaml"}}, 422),
        ("removeScenario", {"names": {"name": "opendoor-slow-then-denied"}}, 409),
        ("startScenario", {"json": []}, 422),
        ("listRequests", {"params": {"since": "yesterday"}}, 422),
        ("countRequests", {"json": {"match": {"nothing": 1}}}, 422),
        ("findRequests", {"json": {"operation": "ebay.nothing"}}, 422),
        ("exportRequest", {"params": {"as": "picture"}}, 422),
        ("waitForRequests", {"params": {"count": "9", "timeout": "0"}}, 408),
        ("waitForRequests", {"params": {"operation": "ebay.nothing"}}, 422),
        ("waitForStatus", {"params": {"status": "nothing"}}, 422),
        ("waitForStatus", {"params": {}}, 422),
        ("waitForStatus", {"params": {"status": "expired", "timeout": "0"}}, 408),
        ("redeliverWebhook", {"json": {"again": True}}, 422),
        ("fireWebhook", {"json": {"provider": "ebay", "id": "1"}}, 422),
        ("fireWebhook", {"json": {"provider": "sibi", "id": "nobody"}}, 404),
        ("addWorkspace", {"json": {"name": "No Name"}}, 422),
        ("addWorkspace", {"json": {"name": "one"}}, 409),
        ("addWorkspace", {"json": {"seed": -1}}, 422),
    ],
)
def test_a_refusal_is_as_the_document_says(ground: Ground, id, options, status):
    answer = ground.call(OPERATIONS[id], **options)
    assert answer.status_code == status, answer.text
    problem = OPERATIONS[id].check(answer)
    malformed = problem["type"].rpartition(":")[2] in ("malformed-workspace", "malformed-key")
    assert ("X-Sandbox-Workspace" in answer.headers) == (not malformed)


def test_conflicts_are_as_the_document_says(ground: Ground):
    client = ground.client
    client.admin("PUT", "/scenarios/first", {"clock": {"mode": "frozen"}})
    client.admin("PUT", "/scenarios/second", {"clock": {"mode": "real"}})
    client.admin("POST", "/scenarios/first/start")
    long = client.ebay("POST", EBAY_SEND, data=b"x" * 1_100_000).headers["X-Sandbox-Request-Id"]
    refused = [
        ("startScenario", {"names": {"name": "second"}}, "conflict"),
        ("putScenario", {"names": {"name": "first"}, "json": {}}, "scenario-runs"),
        ("removeScenario", {"names": {"name": "first"}}, "scenario-runs"),
        ("exportRequest", {"names": {"id": long}}, "not-repeatable"),
    ]
    for id, options, kind in refused:
        answer = ground.call(OPERATIONS[id], **options)
        assert answer.status_code == 409, f"{id}: {answer.text}"
        assert OPERATIONS[id].check(answer)["type"] == f"urn:offer-sandbox:problem:{kind}"


def test_a_wrong_answer_does_not_fit():
    """The check of these tests can fail: it knows missing, foreign and other members."""
    schema = {"$ref": "#/components/schemas/Clock"}
    sound = {"mode": "real", "now": "2026-04-17T19:45:00.000Z"}
    assert not misfits(schema, sound)
    for wrong in ({"mode": "real"}, {**sound, "more": 1}, {**sound, "mode": "slow"}, []):
        assert misfits(schema, wrong)
    problem = {"type": "urn:x", "title": "", "status": 404, "detail": ""}
    assert not misfits({"$ref": "#/components/schemas/Problem"}, problem)
    assert misfits({"$ref": "#/components/schemas/Problem"}, {**problem, "more": 1})
