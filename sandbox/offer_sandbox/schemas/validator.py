"""Judges a JSON value by a marshmallow schema: compiled JSON Schema says yes fast, marshmallow words every no."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
from marshmallow import Schema, validate

from offer_sandbox.schemas.fields import Boolean, Integer, List, Nested, Number, Object, String, members

_FIELDS = (Boolean, Integer, List, Nested, Number, Object, String)
_VALIDATORS = (validate.Equal, validate.Length, validate.OneOf, validate.Range, validate.Regexp)
_REFERENCE = "#/components/schemas/"


@dataclass(frozen=True)
class SchemaError:
    """`path` leads to the value (names and indexes), `key` names the broken rule, `text` says it in words."""

    path: tuple[str | int, ...]
    key: str
    text: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}: {self.text}"


class Validator:
    """One schema, ready to judge. Compiled on first use (some milliseconds), kept for good."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def accepts(self, value: Any) -> bool:
        """Whether the schema takes the value: the compiled verdict, or marshmallow's where the schema has a
        field, validator or hook whose meaning JSON Schema does not carry."""
        if self._compiled is None:
            return not self.schema.validate(value)
        return bool(self._compiled.is_valid(value))

    def issues(self, value: Any) -> list[SchemaError]:
        """Everything wrong with the value, in the order of the schema's fields."""
        return [] if self.accepts(value) else self.exact_issues(value)

    def exact_issues(self, value: Any) -> list[SchemaError]:
        """The same by marshmallow alone, which is slower: for a value that may hold a Decimal such as `3.0`, to
        JSON Schema a whole number, to the code behind an Integer none."""
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
    """The checker of a schema that lives for good, made once."""
    return Validator(schema)


def translatable(schema: Schema) -> bool:
    """Whether JSON Schema can say all that the schema says: only fields and validators known to carry over,
    and no hooks."""
    return not any(schema._hooks.values()) and all(_carries_over(field) for field in schema.fields.values())


def _carries_over(field: Any) -> bool:
    if type(field) not in _FIELDS or any(type(each) not in _VALIDATORS for each in field.validators):
        return False
    inner = getattr(field, "inner", None)
    if isinstance(field, Nested):
        return translatable(field.schema)
    return inner is None or _carries_over(inner)


def json_schema(schema: Schema) -> dict[str, Any]:
    """The schema as a self-contained JSON Schema (2020-12), references resolved inside it."""
    from apispec import APISpec  # only where something is compiled
    from apispec.ext.marshmallow import MarshmallowPlugin

    plugin = MarshmallowPlugin()
    spec = APISpec(title="", version="", openapi_version="3.1.0", plugins=[plugin])
    assert plugin.converter is not None
    adapt(plugin.converter)
    spec.components.schema(type(schema).__name__, schema=schema)
    components = spec.to_dict()["components"]["schemas"]
    return {"$ref": f"{_REFERENCE}{type(schema).__name__}", "components": {"schemas": components}}


def adapt(converter: Any) -> None:
    """Teaches an apispec converter what it does not carry over by itself: patterns end where the text ends,
    and a range may leave its end out."""
    converter.add_attribute_function(_pattern)
    converter.add_attribute_function(_open_range)


def _pattern(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    if "pattern" in ret:
        return {"pattern": ret["pattern"].replace(r"\Z", "$")}
    return {}


def _open_range(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    ranges = [each for each in field.validators if isinstance(each, validate.Range)]
    bounds = [each.min for each in ranges if not each.min_inclusive]
    return {"minimum": bounds[0], "exclusiveMinimum": bounds[0]} if bounds else {}


def _flatten(messages: Any, path: tuple[str | int, ...] = ()) -> Iterator[SchemaError]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flatten(inner, path if name == "_schema" else (*path, name))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        key, found, text = str(message).partition(":")
        yield SchemaError(path, key if found else "invalid", text if found else str(message))
