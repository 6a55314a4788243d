"""The OpenAPI 3.0.3 form of every document: valid, and equal in meaning."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from openapi_schema_validator import OAS30Validator, OAS31Validator
from openapi_spec_validator import validate

from offer_sandbox.providers import providers
from running_server import Server

PATHS = [
    "/openapi.json",
    "/__admin/openapi.json",
    *(f"/__admin/specs/{name}.json" for name in sorted(providers())),
]
EVERY = pytest.mark.parametrize("path", PATHS)


def document(server: Server, path: str, version: str) -> dict[str, Any]:
    """A document in a version."""
    return requests.get(f"{server.url}{path}", params={"version": version}, timeout=30).json()


def examples(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example of a request or response with its schema, and where it is."""
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            for place in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media in place.get("content", {}).values():
                    for name, example in media.get("examples", {}).items():
                        yield f"{method} {path} {name}", media["schema"], example["value"]


@EVERY
def test_it_is_valid_and_has_the_same_operations(server: Server, path: str):
    new, old = document(server, path, "3.1"), document(server, path, "3.0")
    assert (new["openapi"], old["openapi"]) == ("3.1.0", "3.0.3")
    validate(old)
    validate(new)
    assert {p: [*methods] for p, methods in old["paths"].items()} == {p: [*m] for p, m in new["paths"].items()}
    assert [*old.get("x-webhooks", {})] == [*new.get("webhooks", {})]
    assert "webhooks" not in old
    assert old["components"]["schemas"].keys() == new["components"]["schemas"].keys()


@EVERY
def test_every_example_fits_both_forms(server: Server, path: str):
    new, old = document(server, path, "3.1"), document(server, path, "3.0")
    pairs = list(zip(examples(new), examples(old), strict=True))
    assert pairs or "__admin/openapi" in path
    for (where, schema, value), (_, schema_30, value_30) in pairs:
        assert value == value_30
        for validator, part, whole in ((OAS31Validator, schema, new), (OAS30Validator, schema_30, old)):
            found = [*validator({**part, "components": whole["components"]}).iter_errors(value)]
            assert found == [], (where, found[0].message)


def test_null_is_allowed_in_the_same_places(server: Server):
    """A field that may be null in one form may be null in the other."""
    for name in providers():
        new, old = (document(server, f"/__admin/specs/{name}.json", version) for version in ("3.1", "3.0"))
        for component, schema in new["components"]["schemas"].items():
            for field, inner in schema.get("properties", {}).items():
                inner_30 = old["components"]["schemas"][component]["properties"][field]
                fits = OAS31Validator({**inner, "components": new["components"]}).is_valid(None)
                fits_30 = OAS30Validator({**inner_30, "components": old["components"]}).is_valid(None)
                assert fits == fits_30, (name, component, field)


def test_another_version_is_refused(server: Server):
    refused = requests.get(f"{server.url}/openapi.json?version=2.0", timeout=30)
    assert refused.status_code == 422
    assert "must be one of 3.1, 3.0" in refused.text
