"""The control API's OpenAPI document: descriptions and examples, calls that exist, and answers that fit it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from admin_document import DOCUMENT, OPERATIONS, Operation, fits, misfits, resolved
from offer_sandbox.admin import control_calls
from offer_sandbox.app import create_app
from running_server import EBAY_SEND, Client, Server

RECORD = {"provider": "covent", "collection": "offers", "id": "off_123"}
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
        query = {"status": "submitted"} if operation.id == "waitForStatus" else {}
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


def schemas(value: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a schema, with its place. Those that only decide which other one applies are left out."""
    if isinstance(value, dict):
        yield where, value
        for key, inner in value.get("properties", {}).items():
            yield from schemas(inner, f"{where}.{key}")
        for key in ("items", "additionalProperties", "then", "else"):
            yield from schemas(value.get(key), f"{where}.{key}")
        for key in ("anyOf", "oneOf", "allOf"):
            for number, inner in enumerate(value.get(key, [])):
                yield from schemas(inner, f"{where}.{key}[{number}]")


def every_schema() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of the document, those of parameters with the parameter's description."""
    for name, schema in DOCUMENT["components"]["schemas"].items():
        yield from schemas(schema, name)
    for operation in OPERATIONS.values():
        for place in ("path", "query", "header"):
            for parameter in operation.parameters(place):
                described = {**parameter["schema"], "description": parameter["description"]}
                yield from schemas(described, f"{operation.id}.{parameter['name']}")
        bodies = [operation.described.get("requestBody", {}), *map(resolved, operation.responses.values())]
        for body in bodies:
            for media_type, content in body.get("content", {}).items():
                yield from schemas(content["schema"], f"{operation.id}.{media_type}")


def reached(schema: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a schema, and in those to which it refers."""
    seen: set[str] = set()
    left = [(where, schema)]
    while left:
        place, part = left.pop()
        for inner, found in schemas(part, place):
            yield inner, found
            name = found.get("$ref", "")
            if name and name not in seen:
                seen.add(name)
                left.append((name, resolved(found)))


def errors(schema: dict[str, Any], value: Any) -> list[str]:
    """The errors in a value by a schema of the document."""
    whole = {**schema, "components": {"schemas": DOCUMENT["components"]["schemas"]}}
    return [error.message for error in OAS31Validator(whole).iter_errors(value)]


def every(chosen: Callable[[Operation], Any] = lambda _: True):
    """Parametrises a test by the operations that are chosen."""
    found = [operation for operation in OPERATIONS.values() if chosen(operation)]
    assert found
    return pytest.mark.parametrize("operation", found, ids=lambda operation: operation.id)


def test_the_document_is_valid_openapi():
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_every_route_is_in_it_with_every_method_and_nothing_else_is():
    """HEAD and OPTIONS, which the server adds by itself, are told once for all of them. Pages are no calls."""
    own = re.compile(r"/__admin/(?!ui(/|$))|/health(/|$)|/(openapi\.json|metrics)?$")
    there = {
        (method, re.sub(r"<[^>]+>", "{}", rule.rule))
        for rule in create_app().url_map.iter_rules()
        if own.match(rule.rule) and rule.endpoint not in ("admin.unknown", "provider", "console")
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


@every(lambda operation: "requestBody" in operation.described)
def test_every_body_has_an_example_that_fits_its_schema(operation: Operation):
    """And the examples of a call's media types are the same value."""
    for content in operation.described["requestBody"]["content"].values():
        assert content["example"] == operation.example
        fits(content["schema"], content["example"])


def test_examples_of_properties_and_parameters_fit_their_schemas():
    shown = 0
    for where, schema in every_schema():
        for example in (*schema.get("examples", []), *([schema["example"]] if "example" in schema else [])):
            shown += 1
            assert errors(schema, example) == [], where
    assert shown > 300


def test_every_property_has_a_description():
    missing = [
        f"{where}.{name}"
        for where, schema in every_schema()
        for name, inner in schema.get("properties", {}).items()
        if not inner.get("description")
    ]
    assert missing == []


def test_every_named_part_and_tag_has_a_description():
    components = DOCUMENT["components"]
    parts = [(group, name, part) for group, named in components.items() for name, part in named.items()]
    assert [(group, name) for group, name, part in parts if not part.get("description")] == []
    assert [tag["name"] for tag in DOCUMENT["tags"] if not tag["description"].endswith(".")] == []
    texts = [part["description"] for _, _, part in parts]
    texts += [
        each["description"]
        for operation in OPERATIONS.values()
        for each in operation.responses.values()
        if "description" in each
    ]
    assert [text for text in texts if len(text) < 10] == []


def test_a_description_explains_each_value_of_an_enumeration():
    unexplained = [
        (where, value)
        for where, schema in every_schema()
        for value in schema.get("enum", [])
        if value is not None
        and f"- `{value if isinstance(value, str) else json.dumps(value)}`: " not in schema.get("description", "")
    ]
    assert unexplained == []


@every()
def test_every_operation_has_a_tag_a_summary_a_description_and_described_parameters(operation: Operation):
    described = operation.described
    assert len(described["tags"]) == 1
    assert operation.tag in {tag["name"] for tag in DOCUMENT["tags"]}
    assert described["summary"].endswith(".")
    assert len(described["description"]) > 20
    assert described["description"].endswith(".")
    places = [parameter for place in ("path", "query", "header") for parameter in operation.parameters(place)]
    assert len(places) == len(described.get("parameters", []))
    for parameter in places:
        assert len(parameter["description"]) > 10, parameter["name"]
        assert parameter["schema"].keys() & {"example", "examples", "enum"}, parameter["name"]


def test_every_tag_is_used_and_none_is_listed_twice():
    names = [tag["name"] for tag in DOCUMENT["tags"]]
    assert sorted(names) == sorted({operation.tag for operation in OPERATIONS.values()})


@every()
def test_responses_admit_fields_that_are_not_documented(operation: Operation):
    assert [
        where
        for answer in map(resolved, operation.responses.values())
        for media_type, content in answer.get("content", {}).items()
        for where, schema in reached(content["schema"], media_type)
        if schema.get("additionalProperties") is False
    ] == []


@every(lambda operation: "requestBody" in operation.described)
def test_bodies_admit_no_fields_that_are_not_documented(operation: Operation):
    """An object whose members depend on its `type` is strict in each of its branches."""
    open_ones = [
        where
        for media_type, content in operation.described["requestBody"]["content"].items()
        for where, schema in reached(content["schema"], media_type)
        if "object" in schema.get("type", [])
        and "properties" in schema
        and "allOf" not in schema
        and schema.get("additionalProperties") is not False
    ]
    assert open_ones == []


def test_generators_can_read_the_schemas():
    """Arrays have items, enumerations have a type, and no limit is beyond 53 bits."""
    for where, schema in every_schema():
        types = schema.get("type", [])
        if "array" in types:
            assert "items" in schema, where
        assert "enum" not in schema or types, where
        assert all(abs(schema.get(key, 0)) < 2**53 for key in ("minimum", "maximum")), where


def test_names_differ_in_more_than_case():
    """Generators make types of all components, whatever their group."""
    names = [name.lower() for group in DOCUMENT["components"].values() for name in group]
    assert sorted(names) == sorted(set(names))
    titles = [schema["title"] for _, schema in every_schema() if "title" in schema]
    assert sorted(titles) == sorted(set(titles))


def test_errors_have_the_names_of_their_statuses():
    found = {
        (status, answer["$ref"].rpartition("/")[2])
        for operation in OPERATIONS.values()
        for status, answer in operation.responses.items()
        if "$ref" in answer
    }
    assert found == {
        ("400", "BadRequest"),
        ("401", "Unauthorized"),
        ("403", "Forbidden"),
        ("404", "NotFound"),
        ("408", "RequestTimeout"),
        ("409", "Conflict"),
        ("413", "ContentTooLarge"),
        ("415", "UnsupportedMediaType"),
        ("422", "UnprocessableContent"),
        ("429", "TooManyRequests"),
        ("501", "NotImplemented"),
        ("503", "ServiceUnavailable"),
        ("default", "Error"),
    }


@every(lambda operation: operation.id != "streamRequests")
def test_a_real_answer_is_as_the_document_says(operation: Operation, ground: Ground):
    answer = ground.call(operation)
    assert answer.status_code < 300, answer.text
    operation.check(answer)
    own = "one" if operation.tag == "workspaces" else ground.client.workspace
    concerned = {"addWorkspace": "team1", "sendRequest": "demo"}.get(operation.id, own)  # as their examples say
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
    record = ground.client.admin("GET", "/state/covent/offers/off_123")
    made = ground.call(put, json={**record, "id": "off_new"}, names={"id": "off_new"})
    assert (made.status_code, put.check(made)["id"]) == (201, "off_new")
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
    answer = ground.call(operation, names=nobody)
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
        {"status": "submitted"} if operation.id == "waitForStatus" else {"timeout": "0"} if name == "count" else {}
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
