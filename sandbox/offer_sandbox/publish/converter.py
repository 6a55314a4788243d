"""The translation of marshmallow fields to the schemas of published documents."""

from collections.abc import Collection
from inspect import cleandoc
from typing import Any

from apispec.ext.marshmallow.common import make_schema_key
from marshmallow import Schema

from offer_sandbox.schemas.fields import Nested
from offer_sandbox.schemas.optional_nulls import is_null_absent
from offer_sandbox.schemas.validator import adapt

_EXACT = 2**53  # numbers up to here are exact in JavaScript


def publishing(converter: Any, bodies: Collection[type[Schema]] = ()) -> None:
    """Extends an apispec converter for documents that people and generators read. `bodies` are the schemas of
    request bodies whose optional fields may be null."""

    def nullable(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
        if type(field.parent) not in bodies or not is_null_absent(field):
            return {}
        shown = dict(ret)
        ret.clear()
        text, mark, values = shown.pop("description", "").partition("\n\n- ")
        kept = ("default", "example", "x-evidence")
        about: dict[str, Any] = {name: shown.pop(name) for name in kept if name in shown}
        description = f"{text} `null` is read as absent (inferred).".strip() + mark + values
        return {**_or_null(shown), **about, "description": description}

    adapt(converter)
    for function in (_published, _large, _double, _boolean, _object_default, nullable):
        converter.add_attribute_function(function)


def describe_schemas(document: dict[str, Any], converter: Any) -> None:
    """Describes each schema component of the document by the docstring of its class. A component that one field
    refers to has that field's default."""
    components = document["components"]["schemas"]
    for key, name in converter.refs.items():
        components[name]["description"] = cleandoc(key[0].__doc__ or "")
        for field in key[0]._declared_fields.values():
            if isinstance(field, Nested) and "default" in field.metadata:
                components[converter.refs[make_schema_key(field.schema)]]["default"] = field.metadata["default"]


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns a schema that allows null too."""
    if not isinstance(schema.get("type"), str):
        return {"anyOf": [schema, {"type": "null"}]}
    values = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [schema["type"], "null"], **values}


def _published(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    """Replaces the keywords of a field that differ in the document, such as the type of a number in a query."""
    published: dict[str, Any] = field.metadata.get("published", {})
    if "type" in published:
        ret.pop("pattern", None)
    return published


def _large(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    """Names the format of 64-bit integers instead of their limits, which many generators cannot read."""
    limits = [name for name in ("minimum", "maximum") if abs(ret.get(name) or 0) >= _EXACT]
    for name in limits:
        del ret[name]
    return {"format": "int64"} if limits else {}


def _object_default(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    """Removes the default of an object, which many generators cannot read beside a reference. `describe_schemas`
    adds it to the component."""
    if isinstance(field, Nested):
        ret.pop("default", None)
    return {}


def _double(_: Any, __: Any, ret: dict[str, Any], **___: Any) -> dict[str, Any]:
    """Names the format of numbers, which some generators otherwise read with seven digits."""
    kinds = ret.get("type")
    return {"format": "double"} if "number" in (kinds if isinstance(kinds, list) else [kinds]) else {}


def _boolean(_: Any, __: Any, ret: dict[str, Any], **___: Any) -> dict[str, Any]:
    """Removes an enumeration of booleans, which many generators cannot read. The description lists the values."""
    if ret.get("type") == "boolean":
        ret.pop("enum", None)
    return {}
