"""The OpenAPI 3.0.3 form of a 3.1 document, for tools that cannot read 3.1."""

from collections.abc import Mapping
from typing import Any

VERSION = "3.0.3"
_OF_SCHEMAS = ("anyOf", "oneOf", "allOf")
_ALL_TYPES = {"string", "number", "boolean", "null", "array", "object"}
_UNKNOWN = (  # keywords of JSON Schema 2020-12 that 3.0 lacks; without them a schema admits more
    "$schema", "$id", "$defs", "$comment", "if", "then", "else", "patternProperties", "propertyNames",
    "prefixItems", "contains", "minContains", "maxContains", "dependentRequired", "unevaluatedProperties",
    "contentMediaType", "contentEncoding",
)  # fmt: skip


def as_30(document: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the document in the 3.0.3 form. The webhooks move to `x-webhooks`. Conditions that 3.0 cannot
    express are left out."""
    converted: dict[str, Any] = {
        name: _converted(value) for name, value in document.items() if name not in ("openapi", "webhooks")
    }
    if document.get("webhooks"):
        converted["x-webhooks"] = _converted(document["webhooks"])
    return {"openapi": VERSION, **converted}


def _converted(value: Any) -> Any:
    """Converts every schema in a part of a document. Examples stay as they are."""
    if isinstance(value, list):
        return [_converted(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _member(name, item) for name, item in value.items()}


def _member(name: str, value: Any) -> Any:
    if name == "schema":
        return _schema(value)
    if name == "schemas":
        return {each: _schema(schema) for each, schema in value.items()}
    return value if name in ("example", "examples") or name.startswith("x-") else _converted(value)


def _schema(schema: Any) -> Any:
    """Converts a schema and the schemas in it."""
    if not isinstance(schema, Mapping):
        return schema
    found = {name: _keyword(name, value) for name, value in schema.items() if name not in _UNKNOWN}
    if "$ref" in found and len(found) > 1:  # 3.0 ignores everything next to a reference
        found = {"allOf": [{"$ref": found.pop("$ref")}], **found}
    for name in ("required", "allOf"):
        if found.get(name) == []:
            del found[name]
    if "oneOf" in found:  # generators of code compare less than the schema says, and would find two matches
        found["anyOf"] = found.pop("oneOf")
    if "const" in found:
        found["enum"] = [found.pop("const")]
    if found.get("examples"):
        found.setdefault("example", found.pop("examples")[0])
    for limit, name in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if name in found:
            found[limit] = found[name]
            found[name] = True
    return _with_nullable(found)


def _keyword(name: str, value: Any) -> Any:
    if name == "properties":
        return {each: _schema(schema) for each, schema in value.items()}
    if name in _OF_SCHEMAS:
        converted = [_schema(each) for each in value]
        return [each for each in converted if each] if name == "allOf" else converted  # {} adds no condition
    return _schema(value) if name in ("items", "additionalProperties", "not") else value


def _with_nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Replaces the type `null` with `nullable`, and a list of types with alternatives."""
    types = schema.get("type")
    if isinstance(types, list):
        named = [each for each in types if each != "null"]
        null = {"nullable": True} if len(named) < len(types) else {}
        if len(named) == 1:
            schema |= {"type": named[0], **null}
        elif set(types) == _ALL_TYPES:
            for name in ("type", "items"):
                schema.pop(name, None)  # without a type any value is valid
        else:
            del schema["type"]
            listed = [{"type": each, **_items(each), **null} for each in named]
            schema["anyOf"] = [*schema.get("anyOf", []), *listed]
    elif types == "null":  # `nullable` has no effect without another type
        schema |= {"type": "string", "nullable": True, "enum": [None]}
    if None in schema.get("enum", []) and "type" in schema:
        schema["nullable"] = True
    return schema


def _items(kind: str) -> dict[str, Any]:
    """Returns the `items` that 3.0 requires of an array."""
    return {"items": {}} if kind == "array" else {}
