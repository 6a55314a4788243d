"""The conformance suite: what holds for every provider, found by discovery; a new folder inherits it whole."""

import base64
import json
import subprocess
import sys
from typing import get_args

import pytest
import requests
from openapi_spec_validator import validate

from catalog_steps import CALLS, CATALOG, plain, sender
from offer_sandbox.contract import INFRASTRUCTURE
from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.exchange.routing import Router
from offer_sandbox.providers import providers
from offer_sandbox.publish import fixtures
from offer_sandbox.publish.examples import walk
from offer_sandbox.resources import bundled
from offer_sandbox.schemas.validator import Validator
from offer_sandbox.world.rng import DEFAULT_SEED
from running_server import Client, outcome

EVERY = pytest.mark.parametrize("provider", providers().values(), ids=lambda provider: provider.name)
EVERY_OPERATION = pytest.mark.parametrize(
    ("provider", "operation"), CALLS, ids=lambda value: getattr(value, "name", "")
)
PROBLEM = "application/problem+json"
UNREADABLE = {
    "empty": b"",
    "null": b"null",
    "array": b"[]",
    "no JSON": b"{not json",
    "a key twice": b'{"a": 1, "a": 2}',
    "NaN": b'{"a": NaN}',
    "no UTF-8": b"\xff\xfe\x00",
    "lone surrogate": b'{"a": "\\ud800"}',
    "65 deep": b"[" * 65 + b"]" * 65,
    "100,000 deep, unclosed": b"[" * 100_000,
    "objects 70 deep": b'{"a":' * 70 + b"1" + b"}" * 70,
    "huge exponent": b'{"a": 1e999999999}',
    "5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "2 MiB": b"x" * (2 * 1024 * 1024),
}


def spec_of(provider):
    """The committed OpenAPI document."""
    return json.loads((bundled("specs") / f"{provider.name}.json").read_text())


def last_step(provider, operation):
    """The operation's plain success call."""
    return plain(provider.name, operation.name)["steps"][-1]


def send_step(client: Client, step, **changes) -> requests.Response:
    """Sends a step with changes; a header given as None is left out."""
    headers = {**step["headers"], **changes.pop("headers", {})}
    body = changes.pop("body", step["body"])
    data = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
    return client.call(step["method"], changes.pop("path", step["path"]), headers=headers, data=data, **changes)


def assert_in_dialect(provider, answer: requests.Response, operation=None) -> None:
    """The answer is JSON in the provider's own error shape, never the sandbox's or a framework's."""
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type.endswith("json")
    assert media_type != PROBLEM
    shapes = [provider.parts.dialect.error, *([operation.error] if operation and operation.error else [])]
    assert any(Validator(shape).accepts(answer.json()) for shape in shapes), answer.text


@EVERY
def test_fixtures_obey_the_schemas_and_are_fresh(provider):
    text = (bundled("fixtures") / f"{provider.name}.json").read_text()
    assert fixtures.complaints(provider, json.loads(text)) == []
    assert fixtures.texts([provider], DEFAULT_SEED)[f"{provider.name}.json"] == text


@EVERY
def test_another_seed_makes_another_world_of_the_same_shape(provider):
    ours, other = provider.parts.fixtures(DEFAULT_SEED), provider.parts.fixtures(7)
    assert other == provider.parts.fixtures(7)
    assert other != ours
    assert fixtures.complaints(provider, other) == []
    assert list(other) == list(ours)
    for kind, records in ours.items():  # what offers point at depends on them
        assert 0.75 * len(records) <= len(other[kind]) <= 1.25 * len(records)


@EVERY
def test_the_committed_spec_is_valid_openapi(provider):
    validate(spec_of(provider))


@EVERY
def test_the_spec_tells_the_evidence_of_every_operation_and_outcome(provider):
    told = {}
    for operations in spec_of(provider)["paths"].values():
        for operation in operations.values():
            assert operation["x-evidence"] in get_args(Evidence)
            for response in operation["responses"].values():
                told.update(response["x-outcomes"])
    wanted = {
        f"{provider.name}.{each.operation}.{each.name}": each.evidence
        for each in provider.parts.outcomes
        if each.operation != "unmatched" or provider.protocol == "graphql"
    }
    assert {id: each["evidence"] for id, each in told.items()} == wanted


@EVERY
def test_every_operation_has_outcomes_and_the_plain_success_is_the_first(provider):
    for operation in provider.parts.operations:
        own = [outcome for outcome in provider.parts.outcomes if outcome.operation == operation.name]
        assert own, f"{operation.name} has no outcomes"
        first = own[0]
        assert first.status < 400, f"the first outcome of {operation.name} is {first.name}, no success"
        assert first.steps, f"the plain success of {operation.name} has no steps"


@EVERY
def test_the_card_names_the_webhooks(provider):
    assert list(dict.fromkeys(webhook.topic for webhook in provider.parts.webhooks)) == list(provider.topics)
    for webhook in provider.parts.webhooks:
        assert webhook.collection in [kind.name for kind in provider.collections]


@EVERY
def test_settings_are_named_after_the_provider(provider):
    for name in (*provider.progressions, *provider.switches):
        assert name.startswith(f"{provider.name}.")


@EVERY
def test_every_operation_has_the_infrastructure_outcomes(provider):
    for operation in provider.parts.operations:
        for name in INFRASTRUCTURE:
            assert provider.outcomes[operation.name, name].kind == "infrastructure"


@EVERY
def test_an_unknown_path_is_refused_in_the_dialect(provider, client: Client):
    root = provider.roots[0]
    for path, host in (
        (f"{root}/no/such", None),
        (f"/{provider.name}{root}/no/such", None),
        ("/zzz", f"{provider.name}.localhost"),
    ):
        answer = client.call("GET", path, headers={"Host": host, "Authorization": None})
        assert (answer.status_code, outcome(answer)) == (404, "not_found")
        assert_in_dialect(provider, answer)


@EVERY_OPERATION
def test_a_wrong_method_is_refused_in_the_dialect(provider, operation, client: Client):
    answer = client.call("DELETE", operation.path)
    assert (answer.status_code, outcome(answer)) == (405, "method_not_allowed")
    assert operation.method in answer.headers["Allow"]
    assert_in_dialect(provider, answer)


@EVERY_OPERATION
def test_options_tells_the_methods(provider, operation, client: Client):
    answer = client.call("OPTIONS", operation.path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert operation.method in answer.headers["Allow"]


@EVERY_OPERATION
def test_the_same_call_is_answered_at_the_root_below_the_prefix_and_by_host(provider, operation, fresh):
    step = last_step(provider, operation)
    path = step["path"].removeprefix(f"/{provider.name}")
    elsewhere = {"Host": f"{provider.name}.localhost"}
    answers = [
        send_step(fresh(), step, path=path),
        send_step(fresh(), step),
        send_step(fresh(), step, path=path, headers=elsewhere),
    ]
    assert {answer.headers["X-Sandbox-Outcome"] for answer in answers} == {answers[0].headers["X-Sandbox-Outcome"]}
    assert all(answer.status_code < 400 for answer in answers)


@EVERY_OPERATION
def test_answers_explain_themselves(provider, operation, client: Client):
    answer = send_step(client, last_step(provider, operation))
    assert answer.headers["X-Sandbox-Workspace"] == client.workspace
    assert answer.headers["X-Sandbox-Outcome"].startswith(f"{provider.name}.{operation.name}.")
    assert "X-Sandbox-Reason" not in answer.headers
    id = answer.headers["X-Sandbox-Request-Id"]
    assert answer.headers["Link"] == f'</__admin/requests/{id}>; rel="describedby"'
    entry = client.admin("GET", f"/requests/{id}")
    assert entry["outcome"] == answer.headers["X-Sandbox-Outcome"]
    assert entry["request"]["headers"]["authorization"] == "(redacted)"


@EVERY_OPERATION
def test_a_refusal_says_why(provider, operation, client: Client):
    answer = send_step(client, last_step(provider, operation), headers={"X-Sandbox-Outcome": "rate_limited"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["X-Sandbox-Reason"]
    assert_in_dialect(provider, answer, operation)


@EVERY_OPERATION
def test_a_missing_credential_is_refused_in_the_dialect(provider, operation, client: Client):
    answer = send_step(client, last_step(provider, operation), headers={"Authorization": None})
    assert answer.status_code in (400, 401)
    assert answer.headers["X-Sandbox-Reason"]
    assert_in_dialect(provider, answer, operation)


@EVERY_OPERATION
@pytest.mark.parametrize("key", ["sbx", "sbx_", "SBX_demo", "sbx_Demo", "sbx_-x", "sbx-demo", "sbx_" + "a" * 64])
def test_a_malformed_sandbox_key_is_unauthorized(provider, operation, key, client: Client):
    scheme, _, value = last_step(provider, operation)["headers"]["Authorization"].partition(" ")
    if value != "sbx_demo":  # a Basic pair of client id and secret
        key = base64.b64encode(f"{key}:sbx_demo".encode()).decode()
    before = client.world(provider.name)
    answer = send_step(client, last_step(provider, operation), headers={"Authorization": f"{scheme} {key}"})
    assert (answer.status_code, outcome(answer)) == (401, "unauthorized")
    assert "sbx_<workspace>" in answer.headers["X-Sandbox-Reason"]
    assert_in_dialect(provider, answer, operation)
    assert client.world(provider.name) == before


@EVERY_OPERATION
def test_the_credential_chooses_the_workspace(provider, operation, client: Client):
    step = last_step(provider, operation)
    answer = send_step(client, step, headers={"X-Sandbox-Workspace": None})
    assert answer.headers["X-Sandbox-Workspace"] == "demo"
    client.call("POST", "/__admin/reset", headers={"X-Sandbox-Workspace": "demo"})


@EVERY_OPERATION
@pytest.mark.parametrize("name", ["UPPER", "-x", "a" * 64, "a b", "ä"])
def test_a_malformed_workspace_is_the_sandboxs_own_400(provider, operation, name, client: Client):
    answer = send_step(client, last_step(provider, operation), headers={"X-Sandbox-Workspace": name.encode()})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM)


@EVERY_OPERATION
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Sandbox-Outcome": "no_such"},
        {"X-Sandbox-Outcome": ""},
        {"X-Sandbox-Outcome": "other.operation.success"},
        {"Prefer": "code=abc"},
        {"Prefer": "code=599"},
        {"Prefer": "example=no_such"},
        {"X-Sandbox-Delay": "-1"},
        {"X-Sandbox-Delay": "soon"},
        {"X-Sandbox-Delay": "600001"},
    ],
)
def test_a_trigger_that_means_nothing_is_400_and_names_the_known_ones(
    provider, operation, headers, client: Client
):
    before = client.world(provider.name)
    answer = send_step(client, last_step(provider, operation), headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM)
    id = answer.headers["X-Sandbox-Request-Id"]
    assert client.admin("GET", f"/requests/{id}")["reason"] == answer.json()["detail"]
    assert answer.headers["X-Sandbox-Workspace"] == client.workspace
    assert answer.headers["X-Sandbox-Reason"]
    known = answer.json().get("known")
    assert "X-Sandbox-Delay" in headers or known or "code=abc" in headers.values()
    assert client.world(provider.name) == before


@EVERY_OPERATION
def test_a_preference_that_was_not_applied_is_not_said_to_be(provider, operation, client: Client):
    headers = {"Prefer": f"example={plain(provider.name, operation.name)['outcome']}", "Authorization": None}
    answer = send_step(client, last_step(provider, operation), headers=headers)
    assert answer.status_code in (400, 401)
    assert "Preference-Applied" not in answer.headers


@EVERY_OPERATION
def test_a_credentials_word_is_magic_beside_a_header_too(provider, operation, client: Client):
    word = provider.outcomes[operation.name, "forbidden"].steps[-1].headers["Authorization"]
    forced = plain(provider.name, operation.name)["outcome"]
    headers = {"Authorization": word, "X-Sandbox-Outcome": forced}
    answer = send_step(client, last_step(provider, operation), headers=headers)
    assert (outcome(answer), answer.headers["X-Sandbox-Trigger"]) == ("forbidden", "magic")


@EVERY_OPERATION
@pytest.mark.parametrize("live", ["v^1.1#i^1#r^0", "Some-App-PRD-1234abcd"])
def test_a_credential_that_looks_live_is_refused_wherever_it_goes(provider, operation, live, client: Client):
    scheme, _, value = last_step(provider, operation)["headers"]["Authorization"].partition(" ")
    if value != "sbx_demo":  # a Basic pair of client id and secret
        live = base64.b64encode(f"{live}:secret".encode()).decode()
    answer = send_step(client, last_step(provider, operation), headers={"Authorization": f"{scheme} {live}"})
    assert (answer.status_code, outcome(answer)) == (401, "unauthorized")
    assert "live" in answer.headers["X-Sandbox-Reason"]


@EVERY_OPERATION
def test_prefer_and_query_force_like_the_header(provider, operation, fresh):
    step = last_step(provider, operation)
    joint = "&" if "?" in step["path"] else "?"
    preferred = send_step(fresh(), step, headers={"Prefer": "respond-async, example=unavailable"})
    coded = send_step(fresh(), step, headers={"Prefer": "code=503"})
    queried = send_step(fresh(), step, path=f"{step['path']}{joint}__outcome=unavailable")
    by_code = send_step(fresh(), step, path=f"{step['path']}{joint}__code=503")
    for answer in (preferred, coded, queried, by_code):
        assert (answer.status_code, outcome(answer)) == (503, "unavailable")
        assert answer.headers["X-Sandbox-Trigger"] == "header"
    assert preferred.headers["Preference-Applied"] == "example=unavailable"
    assert coded.headers["Preference-Applied"] == "code=503"
    assert "Preference-Applied" not in queried.headers


@EVERY_OPERATION
def test_the_header_wins_over_prefer_and_that_over_the_query(provider, operation, client: Client):
    step = last_step(provider, operation)
    joint = "&" if "?" in step["path"] else "?"
    path = f"{step['path']}{joint}__outcome=unavailable"
    both = send_step(client, step, path=path, headers={"Prefer": "example=forbidden"})
    assert outcome(both) == "forbidden"
    all_three = send_step(
        client, step, path=path, headers={"Prefer": "example=forbidden", "X-Sandbox-Outcome": "rate_limited"}
    )
    assert outcome(all_three) == "rate_limited"
    assert "Preference-Applied" not in all_three.headers


@EVERY_OPERATION
def test_other_preferences_are_ignored(provider, operation, client: Client):
    step = last_step(provider, operation)
    header = 'x="a,example=unavailable", return=minimal; example=unavailable'
    answer = send_step(client, step, headers={"Prefer": header})
    assert answer.status_code < 400
    assert "Preference-Applied" not in answer.headers


@EVERY_OPERATION
def test_what_forced_an_outcome_is_told(provider, operation, client: Client):
    step = last_step(provider, operation)
    answer = send_step(client, step, headers={"X-Sandbox-Outcome": "unavailable"})
    assert answer.headers["X-Sandbox-Reason"] == "unavailable is forced by the header X-Sandbox-Outcome"


@EVERY_OPERATION
def test_the_full_id_of_an_outcome_works_too(provider, operation, client: Client):
    id = f"{provider.name}.{operation.name}.unavailable"
    answer = send_step(client, last_step(provider, operation), headers={"X-Sandbox-Outcome": id})
    assert answer.headers["X-Sandbox-Outcome"] == id


READERS = pytest.mark.parametrize(
    ("provider", "operation"),
    [each for each in CALLS if each[1].body or each[0].protocol == "graphql"],
    ids=lambda value: getattr(value, "name", ""),
)


@READERS
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_cannot_be_read_changes_nothing(provider, operation, name, client: Client):
    """What is no JSON object is refused; what merely lacks something may be a documented call."""
    step = last_step(provider, operation)
    before = client.world(provider.name)
    answer = send_step(client, step, body=UNREADABLE[name])
    if name == "2 MiB":
        assert (answer.status_code, outcome(answer)) == (413, "payload_too_large")
    elif answer.status_code < 400:
        assert operation.method == "GET", "whose body is optional"
        assert name in ("empty", "null")
    else:
        assert answer.status_code in (400, 422)
        assert_in_dialect(provider, answer, operation)
    assert client.world(provider.name) == before
    assert send_step(client, step).status_code < 400, "the next call is unaffected"


@EVERY_OPERATION
def test_a_forced_refusal_stores_nothing(provider, operation, client: Client):
    """The five infrastructure outcomes and every error of the operation, on its plain success call."""
    before = client.world(provider.name)
    names = [name for owner, name in provider.outcomes if owner == operation.name]
    for name in names:
        if provider.outcomes[operation.name, name].immediate:
            answer = send_step(client, last_step(provider, operation), headers={"X-Sandbox-Outcome": name})
            assert outcome(answer) == name
    assert client.world(provider.name) == before


@EVERY_OPERATION
def test_the_same_calls_mint_the_same_ids_in_fresh_workspaces(provider, operation, fresh):
    bodies = []
    for _ in range(2):
        client = fresh()
        client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
        reached = walk(plain(provider.name, operation.name), client.workspace, sender(client))
        bodies.append(json.dumps(reached.body).replace(f"sbx_{client.workspace}.", "sbx_WORKSPACE."))
    assert bodies[0] == bodies[1]


@EVERY
def test_reset_brings_the_seeded_world_back(provider, client: Client):
    frozen = {"mode": "frozen", "now": "2026-04-17T19:45:00Z"}
    client.admin("PUT", "/clock", frozen)
    before = client.world(provider.name)
    for operation in provider.parts.operations:
        walk(plain(provider.name, operation.name), client.workspace, sender(client))
    client.admin("POST", "/reset")
    assert client.admin("GET", "/clock")["mode"] == "real"
    client.admin("PUT", "/clock", frozen)
    assert client.world(provider.name) == before


def test_roots_hosts_and_names_are_disjoint():
    """No path, Host or prefix belongs to two providers, nor to the sandbox itself."""
    reserved = ["/__admin", "/health", "/metrics", "/openapi.json"]
    owners = [root for provider in providers().values() for root in provider.roots]
    prefixes = [f"/{name}" for name in providers()]
    assert len({*owners, *prefixes, *reserved}) == len([*owners, *prefixes, *reserved])
    hosts = [host for provider in providers().values() for host in provider.hosts]
    assert len(hosts) == len(set(hosts))
    addresses = Router(list(providers().values()))
    for provider in providers().values():
        for host in provider.hosts:
            assert addresses.by_host(host.replace("*", "any")) is provider


def test_a_path_nobody_owns_is_a_problem_document(client: Client):
    answer = client.call("POST", "/sel/negotiation/v1/send_offer_to_interested_buyers")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, PROBLEM)
    assert f"POST {'/sell/negotiation/v1/send_offer_to_interested_buyers'}" in answer.json()["nearest"]


def test_finding_the_providers_loads_none_of_them():
    """The cards are light, and the default seed needs no Faker: a start pays for nothing it does not use."""
    program = (
        "import sys; from offer_sandbox.providers import providers; providers();"
        "print([name for name in ('marshmallow', 'graphql', 'faker', 'apispec') if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_the_default_seed_imports_no_faker():
    program = (
        "import sys; from offer_sandbox.app import create_app; client = create_app().test_client();"
        "client.get('/__admin/state/ebay/listings'); client.get('/__admin/state/opendoor/offerRequests');"
        "client.get('/__admin/catalog'); print('faker' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "False"


def test_every_outcome_says_where_it_is_documented():
    for entry in CATALOG:
        assert entry["evidence"] in get_args(Evidence)
        assert entry["source"]
        assert entry["title"]
        assert entry["kind"] in ("success", "state", "denial", "error", "infrastructure")
