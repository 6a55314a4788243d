"""Validates JSON values: compiled JSON Schema accepts valid values fast, and marshmallow describes every error."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
from marshmallow import Schema, validate

from offer_sandbox.imports import IMPORTING
from offer_sandbox.schemas.fields import (
    Boolean,
    Integer,
    List,
    Nested,
    Number,
    Object,
    ShapedSchema,
    String,
    members,
)

_FIELDS = (Boolean, Integer, List, Nested, Number, Object, String)
_VALIDATORS = (validate.Equal, validate.Length, validate.OneOf, validate.Range, validate.Regexp)
_REFERENCE = "#/components/schemas/"


@dataclass(frozen=True)
class SchemaError:
    """One error in a value.

    - `path`: the names and indexes that identify the place in the value.
    - `key`: the stable name of the broken rule.
    - `text`: a description for a person.
    """

    path: tuple[str | int, ...]
    key: str
    text: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.text}"


class Validator:
    """A schema that is ready to validate values. It is compiled on first use, which takes some milliseconds, and
    the result is kept permanently."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def accepts(self, value: Any) -> bool:
        """Returns whether the schema accepts the value. The compiled schema decides. Marshmallow decides if the
        schema has a field, validator or hook whose meaning JSON Schema cannot express."""
        if self._compiled is None:
            return not self.schema.validate(value)
        return bool(self._compiled.is_valid(value))

    def issues(self, value: Any) -> list[SchemaError]:
        """Returns all errors in the value, in the order of the schema's fields."""
        return [] if self.accepts(value) else self.exact_issues(value)

    def exact_issues(self, value: Any) -> list[SchemaError]:
        """Returns the same errors from marshmallow alone, which is slower. Use it for a value that may contain a
        Decimal such as `3.0`. JSON Schema accepts it as a whole number, but the code behind an Integer field does
        not."""
        return sorted(_flatten(self.schema.validate(value)), key=self._rank)

    @cached_property
    def _compiled(self) -> Any:
        return jsonschema_rs.validator_for(json_schema(self.schema)) if translatable(self.schema) else None

    @cached_property
    def _names(self) -> list[str]:
        return [*members(self.schema)]

    def _rank(self, issue: SchemaError) -> int:
        names = self._names
        return names.index(str(issue.path[0])) if issue.path and issue.path[0] in names else len(names)


@cache
def validator_for(schema: Schema) -> Validator:
    """Returns the validator of a schema that exists permanently. It is made once."""
    return Validator(schema)


def translatable(schema: Schema) -> bool:
    """Returns whether JSON Schema can express the whole schema. Such a schema has no hooks but the choice of a
    shape, and only fields and validators that are known to translate."""
    hooks = [name for found in schema._hooks.values() for name, *_ in found]
    if isinstance(schema, ShapedSchema):
        return hooks == ["_has_a_shape"] and all(translatable(shape()) for shape in schema.shapes)
    return not hooks and all(_carries_over(field) for field in schema.fields.values())


def _carries_over(field: Any) -> bool:
    if type(field) not in _FIELDS or any(type(each) not in _VALIDATORS for each in field.validators):
        return False
    inner = getattr(field, "inner", None)
    if isinstance(field, Nested):
        return translatable(field.schema)
    return inner is None or _carries_over(inner)


def json_schema(schema: Schema) -> dict[str, Any]:
    """Returns the schema as a self-contained JSON Schema (2020-12), with all references inside it."""
    with IMPORTING:  # only compiling a schema needs it
        from apispec import APISpec
        from apispec.ext.marshmallow import MarshmallowPlugin

    plugin = MarshmallowPlugin()
    spec = APISpec(title="", version="", openapi_version="3.1.0", plugins=[plugin])
    assert plugin.converter is not None
    adapt(plugin.converter)
    spec.components.schema(type(schema).__name__, schema=schema)
    document = spec.to_dict()
    add_shapes(document, plugin.converter)
    components = document["components"]["schemas"]
    return {"$ref": f"{_REFERENCE}{type(schema).__name__}", "components": {"schemas": components}}


def adapt(converter: Any) -> None:
    """Extends an apispec converter with two translations that it lacks: patterns that end at the end of the text,
    and ranges that exclude their lower end."""
    converter.add_attribute_function(_pattern)
    converter.add_attribute_function(_open_range)


def add_shapes(document: dict[str, Any], converter: Any) -> None:
    """Replaces each component whose schema class has `shapes` by a choice of these, with a component for each."""
    for key, name in list(converter.refs.items()):
        if issubclass(key[0], ShapedSchema):
            listed = [converter.resolve_nested_schema(each) for each in key[0].shapes]
            document["components"]["schemas"][name] = {"oneOf": listed}


def _pattern(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    if "pattern" in ret:
        return {"pattern": ret["pattern"].replace(r"\Z", "$")}
    return {}


def _open_range(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    ranges = [each for each in field.validators if isinstance(each, validate.Range)]
    bounds = [each.min for each in ranges if not each.min_inclusive]
    if not bounds:
        return {}
    ret.pop("minimum", None)  # apispec includes the end
    return {"exclusiveMinimum": bounds[0]}


def _flatten(messages: Any, path: tuple[str | int, ...] = ()) -> Iterator[SchemaError]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flatten(inner, path if name == "_schema" else (*path, name))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        key, found, text = str(message).partition(":")
        yield SchemaError(path, key if found else "invalid", text if found else str(message))
