"""What code generators need of a document beyond its being valid, as `make test-tools` found it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from offer_sandbox.providers import providers
from offer_sandbox.publish.openapi_30 import as_30
from offer_sandbox.publish.specs import CONTROL, committed, merged

DOCUMENTS = {**{name: committed(name) for name in (*providers(), CONTROL)}, "all": merged([*providers()])}
EVERY = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())


def schemas(part: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document, schemas among them. Examples are data."""
    if isinstance(part, dict):
        yield part
        for name, item in part.items():
            if name not in ("example", "examples"):
                yield from schemas(item)
    elif isinstance(part, list):
        for item in part:
            yield from schemas(item)


def snake(name: str) -> str:
    """The name as openapi-python-client writes a variable."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@EVERY
def test_no_component_is_called_like_gos_constructor_of_another(document):
    names = document["components"]["schemas"].keys()
    assert [name for name in names if f"New{name}" in names] == []


@EVERY
def test_no_component_has_its_own_name_as_a_list(document):
    """openapi-python-client calls the object like the component, and the list like the field."""
    found = [
        name
        for name, schema in document["components"]["schemas"].items()
        for field, value in schema.get("properties", {}).items()
        if value.get("type") == "array" and snake(field) == snake(name)
    ]
    assert found == []


@EVERY
def test_no_boolean_has_a_list_of_values(document):
    """openapi-python-client leaves out what uses it."""
    found = [each for each in schemas(document) if "enum" in each and "boolean" in str(each.get("type"))]
    assert found == []


@EVERY
def test_no_reference_has_a_default(document):
    """openapi-python-client leaves out what uses it. The component has the default."""
    refer = [each for each in schemas(document) if "$ref" in each or "$ref" in str(each.get("anyOf"))]
    assert [each for each in refer if "default" in each] == []


@pytest.mark.parametrize("name", providers())
def test_every_number_has_its_precision(name):
    """Generators read a number without a format as one of seven digits, which is too few for amounts."""
    numbers = [
        each for each in schemas(committed(name)) if "number" in (each.get("type"), *(each.get("type") or ()))
    ]
    assert [each for each in numbers if each.get("format") != "double"] == []


def test_a_listing_is_one_of_two_components():
    """A choice beside a reference is lost in generated code."""
    known = committed("estateprime")["components"]["schemas"]
    assert [each["$ref"].rpartition("/")[2] for each in known["Listing"]["oneOf"]] == [
        "InternalListing",
        "ExternalListing",
    ]
    assert known["InternalListing"]["required"] == ["external", "listing_id"]
    assert set(known["ExternalListing"]["required"]) == set(known["ExternalListing"]["properties"])


def test_the_duration_of_an_offer_has_its_default():
    component = committed("ebay")["components"]["schemas"]["TimeDurationRequest"]
    assert component["default"] == {"unit": "DAY", "value": 2}


@EVERY
def test_the_older_form_has_nothing_nullable_without_a_type(document):
    old = as_30(document)
    assert [each for each in schemas(old) if each.get("nullable") is True and "type" not in each] == []
    assert [each for each in schemas(old) if {} in each.get("allOf", [])] == []


@EVERY
def test_the_older_form_has_no_exclusive_choice(document):
    """openapi-generator's Python code does not compare the values that tell two shapes apart, and finds both."""
    assert [each for each in schemas(as_30(document)) if "oneOf" in each] == []


@EVERY
def test_the_document_says_its_licence_and_what_it_is(document):
    assert document["info"]["license"]["name"] == "MIT"
    assert document["info"]["description"]
