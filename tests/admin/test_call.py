"""How a control call is declared: a new resource is one file, and what is not declared is not answered."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from offer_sandbox.admin import control_calls, openapi, resources
from offer_sandbox.app import Options, create_app
from offer_sandbox.world.json_codec import dump

GREETINGS = '''
"""`/__admin/greetings`: an example."""

from offer_sandbox.admin.call import Body, ControlCall
from offer_sandbox.admin.fields import BodySchema, QueryBoolean, QuerySchema, ShownSchema
from offer_sandbox.admin.services import workspace_name
from offer_sandbox.schemas.fields import Integer, String, length, one_of, within


class GreetingSchema(ShownSchema):
    """A greeting."""

    text = String(required=True)


class HowSchema(QuerySchema):
    """How one is greeted."""

    loud = QueryBoolean(load_default=False)


class WhomSchema(BodySchema):
    """Who is greeted."""

    name = String(required=True, validate=length(1, 20))
    times = Integer(load_default=1, validate=within(1, 3))
    tongue = String(load_default="en", validate=one_of("en", "de"))


@ControlCall(method="GET", path="/__admin/greetings/{id}", query=HowSchema(), answers={200: GreetingSchema()})
def get_greeting(id, query):
    """Greets. Loudly where that is asked for."""
    text = f"hello {id} in {workspace_name()}"
    return {"text": text.upper() if query["loud"] else text}


@ControlCall(
    method="POST",
    path="/__admin/greetings",
    body=Body(shape=WhomSchema()),
    answers={201: GreetingSchema(), 200: GreetingSchema()},
)
def add_greeting(body):
    """Greets somebody."""
    greeting = {"text": " ".join(["hello" if body["tongue"] == "en" else "hallo"] * body["times"] + [body["name"]])}
    return (greeting, 200) if body["name"] == "again" else (greeting, 418) if body["name"] == "teapot" else greeting


@ControlCall(method="POST", path="/__admin/greetings/{id}/end", answers={204: None})
def end_greeting(id):
    """Ends it."""
'''


@pytest.fixture
def greeted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A server with one more file among its resources."""
    (tmp_path / "greetings.py").write_text(GREETINGS)
    monkeypatch.setattr(resources, "__path__", [*resources.__path__, str(tmp_path)])
    control_calls.cache_clear()
    yield create_app(Options()).test_client()
    control_calls.cache_clear()
    sys.modules.pop(f"{resources.__name__}.greetings", None)


def refusal(client: FlaskClient, method: str, path: str, **options) -> dict:
    """A refusal by 422."""
    answer = client.open(f"/__admin{path}", method=method, **options)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json"), answer.text
    return answer.json


def test_a_new_resource_is_one_file(greeted: FlaskClient):
    loud = greeted.get("/__admin/greetings/ada?loud=true&workspace=one")
    assert (loud.status_code, loud.json) == (200, {"text": "HELLO ADA IN ONE"})
    made = greeted.post("/__admin/greetings", json={"name": "ada", "times": 2})
    assert (made.status_code, made.json) == (201, {"text": "hello hello ada"})
    assert greeted.post("/__admin/greetings", json={"name": "again"}).status_code == 200
    ended = greeted.post("/__admin/greetings/ada/end", data=b"{}")
    assert (ended.status_code, ended.data, ended.content_type) == (204, b"", None)
    assert set(greeted.options("/__admin/greetings").headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert greeted.get("/__admin/greetings/ada", headers={"Host": "evil.example"}).status_code == 403


def test_its_document_is_made_from_it(greeted: FlaskClient):
    document = json.loads(dump(openapi.build(control_calls())))
    described = document["paths"]["/__admin/greetings/{id}"]["get"]
    assert (described["operationId"], described["tags"]) == ("getGreeting", ["greetings"])
    assert (described["summary"], described["description"]) == ("Greets.", "Loudly where that is asked for.")
    assert [each.get("name", each.get("$ref")) for each in described["parameters"]] == [
        "#/components/parameters/id",
        "loud",
        "#/components/parameters/X-Sandbox-Workspace",
        "#/components/parameters/workspace",
    ]
    posted = document["paths"]["/__admin/greetings"]["post"]
    assert posted["requestBody"]["required"] is True
    assert list(posted["responses"]) == [
        "200",
        "201",
        "400",
        "401",
        "403",
        "404",
        "409",
        "413",
        "415",
        "422",
        "default",
    ]
    whom = document["components"]["schemas"]["Whom"]
    assert (whom["additionalProperties"], whom["required"]) == (False, ["name"])
    assert whom["description"] == "Who is greeted."
    assert whom["properties"]["tongue"] == {"type": "string", "default": "en", "enum": ["en", "de"]}


def test_what_is_not_declared_is_refused_with_its_place(greeted: FlaskClient):
    wrong = refusal(greeted, "POST", "/greetings", json={"nome": "ada", "tongue": "fr", "times": 9})
    assert wrong["detail"] == "times: must be between 1 and 3"
    assert [each["field"] for each in wrong["problems"]] == ["times", "tongue", "nome", "name"]
    misspelt = refusal(greeted, "POST", "/greetings", json={"nome": "ada"})
    assert (misspelt["detail"], misspelt["known"]) == ("nome: unknown field", ["name", "times", "tongue"])
    assert refusal(greeted, "POST", "/greetings", json={"name": "a", "tongue": "fr"})["known"] == ["en", "de"]
    assert refusal(greeted, "GET", "/greetings/ada?laut=true")["known"] == ["loud", "workspace"]
    assert refusal(greeted, "GET", "/greetings/ada?loud=yes")["detail"] == "loud: must be true or false"
    assert refusal(greeted, "POST", "/greetings/ada/end?loud=true")["known"] == ["workspace"]
    assert refusal(greeted, "POST", "/greetings/ada/end", json={"now": True})["detail"] == "now: unknown field"
    twice = greeted.post("/__admin/greetings", data=b'{"name": "a", "name": "b"}')
    assert (twice.status_code, twice.json["type"]) == (400, "urn:offer-sandbox:problem:malformed-json")


def test_unknown_names_come_in_their_order_whatever_they_are(greeted: FlaskClient):
    names = ["zeta", "_schema", "alpha", "", "beta", "x" * 200]
    body = json.dumps(dict.fromkeys(["name", *names], "ada"))  # Flask's client would sort them
    wrong = refusal(greeted, "POST", "/greetings", data=body)
    assert [each["field"] for each in wrong["problems"]] == [*names[:-1], "x" * 80]
    asked = refusal(greeted, "GET", "/greetings/ada?zeta=1&_schema=2&alpha=3")
    assert [each["field"] for each in asked["problems"]] == ["zeta", "_schema", "alpha"]


def test_a_hundred_mistakes_are_told_of_any_number(greeted: FlaskClient):
    for path in ("/greetings", "/greetings/ada/end"):
        wrong = refusal(greeted, "POST", path, json=dict.fromkeys(map(str, range(5_000)), 1))
        assert len(wrong["problems"]) == 100


def test_an_answer_that_is_not_declared_is_a_mistake(greeted: FlaskClient):
    assert greeted.post("/__admin/greetings", json={"name": "teapot"}).status_code == 500


def test_two_calls_with_one_id_are_refused(tmp_path: Path, greeted: FlaskClient):
    (tmp_path / "more.py").write_text(GREETINGS.replace("/__admin/greetings", "/__admin/more"))
    control_calls.cache_clear()
    with pytest.raises(ValueError, match="the same id"):
        control_calls()
