"""The opening of responses in an OpenAPI document: they admit further fields, while request bodies stay strict."""

from collections.abc import Iterable, Iterator
from typing import Any

_SCHEMAS = "#/components/schemas/"
_SUFFIX = "Output"
_FURTHER = "Responses can have further fields."


def with_open_responses(document: dict[str, Any]) -> dict[str, Any]:
    """Returns the document with schemas of responses that admit further fields, which a later version may add.

    A strict schema that requests use too stays as it is. Responses refer to an open copy of it, whose name ends
    with `Output`.
    """
    schemas, components = document["components"]["schemas"], document["components"]
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    answers = [*(each["responses"] for each in operations), components["responses"]]
    shown = _reached(answers, schemas)
    sent = _reached([{**each, "responses": None} for each in operations] + [components["parameters"]], schemas)
    strict = {
        name for name in shown if any(_strict(schemas[each]) for each in _reached([_reference(name)], schemas))
    }
    copies = {name: f"{name}{_SUFFIX}" for name in strict & sent}
    components["schemas"] = dict(_schemas(schemas, strict, copies))
    components["responses"] = _opened(components["responses"], copies)
    for each in operations:
        each["responses"] = _opened(each["responses"], copies)
    return document


def _schemas(
    schemas: dict[str, Any], strict: set[str], copies: dict[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields every schema by name, and the copy of a schema after it."""
    for name, schema in schemas.items():
        if name not in strict:
            yield name, schema
        elif name not in copies:
            yield name, _opened(schema, copies)
        else:
            yield name, schema
            yield copies[name], {**_opened(schema, copies), "description": f"{schema['description']} {_FURTHER}"}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"{_SCHEMAS}{name}"}


def _reached(parts: Iterable[Any], schemas: dict[str, Any]) -> set[str]:
    """Returns the names of the schemas to which the parts refer, directly or through other schemas."""
    found: set[str] = set()
    left = [*parts]
    while left:
        new = {name for name in _named(left.pop()) if name not in found}
        found |= new
        left += [schemas[name] for name in new]
    return found


def _named(value: Any) -> Iterator[str]:
    """Yields the name of each schema to which a part of the document refers."""
    for each in _objects(value):
        target = each.get("$ref")
        if isinstance(target, str) and target.startswith(_SCHEMAS):
            yield target.removeprefix(_SCHEMAS)


def _strict(schema: Any) -> bool:
    return any(each.get("additionalProperties") is False for each in _objects(schema))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yields every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(item)


def _opened(value: Any, copies: dict[str, str]) -> Any:
    """Returns part of a response without the prohibition of further fields, and with references to the copies."""
    if isinstance(value, list):
        return [_opened(item, copies) for item in value]
    if not isinstance(value, dict):
        return value
    opened = {name: _opened(item, copies) for name, item in value.items()}
    if opened.get("additionalProperties") is False:
        del opened["additionalProperties"]
    if isinstance(target := opened.get("$ref"), str):
        name = target.removeprefix(_SCHEMAS)
        opened["$ref"] = f"{_SCHEMAS}{copies[name]}" if name in copies else target
    return opened
