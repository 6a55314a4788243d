"""The providers' OpenAPI documents have what people and generators need: descriptions, tags, examples, open answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from offer_sandbox.providers import providers
from running_server import ROOT

DOCUMENTS = {name: json.loads((ROOT / "specs" / f"{name}.json").read_text()) for name in sorted(providers())}
EVERY = pytest.mark.parametrize("name", DOCUMENTS)


def operations(name: str) -> Iterator[dict[str, Any]]:
    """Every operation of a document, webhooks too."""
    for group in ("paths", "webhooks"):
        for methods in DOCUMENTS[name].get(group, {}).values():
            yield from methods.values()


def schemas(value: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a part of a document that is one or has some, with its place."""
    if isinstance(value, dict):
        yield where, value
        for key, inner in value.get("properties", {}).items():
            yield from schemas(inner, f"{where}.{key}")
        for key in ("items", "additionalProperties"):
            yield from schemas(value.get(key), f"{where}.{key}")
        for key in ("anyOf", "oneOf", "allOf"):
            for number, inner in enumerate(value.get(key, [])):
                yield from schemas(inner, f"{where}.{key}[{number}]")


def components(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema below the components."""
    for schema, value in DOCUMENTS[name]["components"]["schemas"].items():
        yield from schemas(value, schema)


@EVERY
def test_every_property_has_a_description(name: str):
    missing = [
        f"{where}.{key}"
        for where, schema in components(name)
        for key, inner in schema.get("properties", {}).items()
        if not inner.get("description")
    ]
    assert missing == []


@EVERY
def test_every_schema_and_tag_has_a_description(name: str):
    document = DOCUMENTS[name]
    assert [
        key for key, schema in document["components"]["schemas"].items() if not schema.get("description")
    ] == []
    assert [tag["name"] for tag in document["tags"] if not tag["description"].endswith(".")] == []


@EVERY
def test_a_description_explains_each_value_of_an_enumeration(name: str):
    places = [*components(name)]
    places += [(p["name"], {**p["schema"], **p}) for each in operations(name) for p in each.get("parameters", [])]
    unexplained = [
        (where, value)
        for where, schema in places
        for value in schema.get("enum", [])
        if value is not None and f"- `{shown(value)}`: " not in schema.get("description", "")
    ]
    assert unexplained == []


@EVERY
def test_every_operation_has_a_known_tag_a_description_and_described_parameters(name: str):
    tags = {tag["name"] for tag in DOCUMENTS[name]["tags"]}
    for operation in operations(name):
        where = operation["operationId"]
        assert len(operation["tags"]) == 1, where
        assert set(operation["tags"]) <= tags, where
        assert operation["summary"], where
        assert len(operation["description"]) > 20, where
        assert "security" in operation, where
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (where, parameter["name"])


@EVERY
def test_every_request_has_an_example_that_fits_its_schema(name: str):
    """And the response's example of the same name is there."""
    for operation in operations(name):
        if operation["operationId"].startswith("webhook."):
            continue
        for parameter in operation.get("parameters", []):
            if parameter.get("required"):
                assert parameter["examples"] or "const" in parameter["schema"], parameter["name"]
            for example in parameter.get("examples", {}).values():
                assert errors(name, parameter["schema"], example["value"]) == []
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if operation["requestBody"]["required"]:
                assert content["examples"], operation["operationId"]
            for key, example in content.get("examples", {}).items():
                assert errors(name, content["schema"], example["value"]) == []
                shown = [
                    media.get("examples", {})
                    for response in operation["responses"].values()
                    for media in response.get("content", {}).values()
                ]
                assert not any(shown) or any(key in each for each in shown), (operation["operationId"], key)


@EVERY
def test_responses_admit_fields_that_are_not_documented(name: str):
    assert [where for where, schema in components(name) if schema.get("additionalProperties") is False] == []


@EVERY
def test_generators_can_read_the_schemas(name: str):
    """Arrays say what their items are, names differ in more than case, and no limit is beyond 53 bits."""
    for where, schema in components(name):
        if "array" in (schema.get("type") or []):
            assert "items" in schema, where
        assert all(abs(schema.get(key, 0)) < 2**53 for key in ("minimum", "maximum")), where
    names = [*DOCUMENTS[name]["components"]["schemas"]]
    assert len({each.lower() for each in names}) == len(names)


def shown(value: Any) -> str:
    """A value of an enumeration, as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def errors(name: str, schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value by a schema of a document."""
    whole = {**schema, "components": DOCUMENTS[name]["components"]}
    return [each.message for each in OAS31Validator(whole).iter_errors(value)]
