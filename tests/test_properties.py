"""Hostile bytes and JSON never yield a 500, an HTML page, a changed world, or a body that the spec refuses."""

import json
import string
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_steps import CALLS, plain
from offer_sandbox.resources import bundled
from running_server import Client

FEW = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
EVERY_OPERATION = pytest.mark.parametrize(
    ("provider", "operation"), CALLS, ids=lambda value: getattr(value, "name", "")
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(
        ["110000000001", "EBAY_US", "USD", "90.00", "10", "DAY", 2, -1, 0, "<b>", "\x00", "{ __typename }"]
    )
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
HEADER_TEXT = st.text(string.printable[:95], max_size=40)


@cache
def spec(provider: str) -> Any:
    """A committed spec."""
    return json.loads((bundled("specs") / f"{provider}.json").read_text())


@cache
def fixtures(provider) -> Any:
    """The committed world."""
    return json.loads((bundled("fixtures") / f"{provider.name}.json").read_text())


def seeded(provider) -> Any:
    """The provider's part of a workspace in which nothing has happened, as `world` gives it at the reference."""
    world = fixtures(provider)
    return [world.get(kind.name, []) for kind in provider.collections if kind.visible]


def freeze(client: Client) -> None:
    """A clock that stands still at the moment for which the committed worlds are made."""
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})


@pytest.fixture(autouse=True)
def _frozen(client: Client) -> None:
    freeze(client)


@cache
def shape(provider: str, path: str, method: str, status: int) -> Any:
    """The compiled schema that the spec gives for an answer, None where it lists no such status."""
    document = spec(provider)
    response = document["paths"][path][method.lower()]["responses"].get(str(status))
    if response is None or "content" not in response:
        return None
    schema = {**response["content"]["application/json"]["schema"], "components": document["components"]}
    return jsonschema_rs.validator_for(schema)


def changed(value: Any) -> st.SearchStrategy[Any]:
    """The value with one part of it replaced by something else, or something extra put in."""
    if isinstance(value, dict) and value:
        within = st.sampled_from(sorted(value)).flatmap(
            lambda name: changed(value[name]).map(lambda part: {**value, name: part})
        )
        extra = st.dictionaries(st.text(max_size=8), JSON, max_size=2).map(lambda more: {**more, **value})
        less = st.sampled_from(sorted(value)).map(lambda gone: {k: v for k, v in value.items() if k != gone})
        return within | extra | less | JSON
    if isinstance(value, list) and value:
        return changed(value[0]).map(lambda part: [part, *value[1:]]) | st.just(value * 2) | JSON
    return JSON


def judge(provider, operation, client: Client, answer: requests.Response) -> None:
    """What must hold for any answer."""
    assert answer.status_code < 500, answer.text
    assert answer.headers["X-Sandbox-Outcome"].startswith(f"{provider.name}.")
    if answer.content:
        assert answer.headers["Content-Type"].endswith("json")
        schema = shape(provider.name, operation.path, operation.method, answer.status_code)
        assert schema is not None, f"the spec lists no {answer.status_code}"
        assert schema.is_valid(answer.json()), answer.text
    refused = answer.status_code >= 400 or "errors" in (answer.json() if answer.content else {})
    if refused:
        assert client.world(provider.name) == seeded(provider)
        assert answer.headers["X-Sandbox-Reason"].isascii()
    else:
        client.admin("POST", "/reset")
        freeze(client)


@EVERY_OPERATION
@FEW
@given(body=st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body(provider, operation, client: Client, body):
    step = plain(provider.name, operation.name)["steps"][-1]
    answer = client.call(step["method"], step["path"], headers=step["headers"], data=body)
    judge(provider, operation, client, answer)


@EVERY_OPERATION
@FEW
@given(data=st.data())
def test_a_valid_body_with_a_part_replaced(provider, operation, client: Client, data):
    step = plain(provider.name, operation.name)["steps"][-1]
    if not isinstance(step["body"], dict):
        return
    body = json.dumps(data.draw(changed(step["body"]))).encode()
    answer = client.call(step["method"], step["path"], headers=step["headers"], data=body)
    judge(provider, operation, client, answer)


@EVERY_OPERATION
@FEW
@given(
    name=st.sampled_from(["Authorization", "Content-Type", "Accept", "X-EBAY-C-MARKETPLACE-ID"]), text=HEADER_TEXT
)
def test_any_header(provider, operation, client: Client, name, text):
    step = plain(provider.name, operation.name)["steps"][-1]
    body = step["body"] if isinstance(step["body"], str | None) else json.dumps(step["body"])
    headers = {**step["headers"], name: text.strip()}
    answer = client.call(step["method"], step["path"], headers=headers, data=body)
    judge(provider, operation, client, answer)


@FEW
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"]),
    path=st.lists(st.text(string.ascii_letters + "/.%~-_0123456789é ", max_size=12), max_size=4).map("/".join),
    root=st.sampled_from(["/", "/sell/", "/ebay/", "/graphql", "/opendoor/", "/__admin/", "/identity/v1/"]),
)
def test_any_path(client: Client, method, path, root):
    answer = client.session.request(
        method,
        requests.Request(method, f"{client.url}{root}{path}").prepare().url,
        timeout=30,
        allow_redirects=False,
    )
    assert answer.status_code < 500
    if method == "GET" and answer.url.endswith(("/__admin", "/__admin/")):  # the console
        return
    assert not 300 <= answer.status_code < 400
    assert "html" not in answer.headers.get("Content-Type", "")


QUERY_VALUES = st.text(max_size=8) | st.sampled_from(["0", "1", "-1", "999", "9" * 17, "9" * 19, "abc", "", "a:b"])


@pytest.mark.parametrize(
    ("provider", "operation"),
    [each for each in CALLS if each[1].query is not None],
    ids=lambda value: getattr(value, "name", ""),
)
@FEW
@given(data=st.data())
def test_any_query(provider, operation, client: Client, data):
    """The documented parameters and others, with any values, more than once."""
    names = st.sampled_from([*operation.query.fields, "__code", "__outcome", "x"])
    query = data.draw(st.lists(st.tuples(names, QUERY_VALUES), max_size=4))
    step = plain(provider.name, operation.name)["steps"][-1]
    body = step["body"] if isinstance(step["body"], str | None) else json.dumps(step["body"])
    path = step["path"].partition("?")[0]
    answer = client.call(step["method"], path, headers=step["headers"], params=query, data=body)
    forced = any(name.startswith("__") for name, _ in query)
    assert answer.status_code < 500 or forced
    assert "html" not in answer.headers.get("Content-Type", "")


@FEW
@given(document=st.text('{}()[]:!$@"#.,|&_=-\n abcquerymutationfragmenton0123456789', max_size=200))
def test_any_graphql_text(client: Client, document):
    before = client.world()
    answer = client.graphql(document)
    assert answer.status_code in (200, 400)
    assert answer.headers["Content-Type"] == "application/json"
    assert client.world() == before


@FEW
@given(data=st.data(), path=st.sampled_from(["/clock", "/clock/advance", "/settings", "/reset"]))
def test_the_control_api_refuses_in_its_own_form(client: Client, data, path):
    method = "POST" if path in ("/clock/advance", "/reset") else "PUT"
    names = st.sampled_from(
        ["mode", "now", "by", "scope", "progressions", "contracts", "opendoor.evaluation", "ebay"]
    )
    body = data.draw(st.dictionaries(names, st.dictionaries(names, JSON, max_size=2) | JSON, max_size=3) | JSON)
    answer = client.call(method, f"/__admin{path}", data=json.dumps(body).encode())
    assert answer.status_code in (200, 400, 422)
    if answer.status_code != 200:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]
