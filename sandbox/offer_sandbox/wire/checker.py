"""Judges a JSON value by a marshmallow schema: compiled JSON Schema says yes fast, marshmallow words every no."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs
from marshmallow import Schema

_REFERENCE = "#/components/schemas/"


@dataclass(frozen=True)
class Flaw:
    """`path` leads to the value (names and indexes), `key` names the broken rule, `text` says it in words."""

    path: tuple[str | int, ...]
    key: str
    text: str


class Checker:
    """One schema, ready to judge. Compiled on first use (some milliseconds), kept for good."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def accepts(self, value: Any) -> bool:
        """Whether the compiled schema takes the value; equal to marshmallow's verdict."""
        return bool(self._compiled.is_valid(value))

    def flaws(self, value: Any) -> list[Flaw]:
        """Everything wrong with the value, in the order of the schema's fields."""
        if self.accepts(value):
            return []
        return sorted(_flatten(self.schema.validate(value)), key=self._rank)

    @cached_property
    def _compiled(self) -> Any:
        return jsonschema_rs.validator_for(json_schema(self.schema))

    def _rank(self, flaw: Flaw) -> int:
        names = list(self.schema.fields)
        return names.index(str(flaw.path[0])) if flaw.path and flaw.path[0] in names else len(names)


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
    """Teaches an apispec converter what it does not carry over by itself: patterns end where the text ends."""
    converter.add_attribute_function(_pattern)


def _pattern(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
    if "pattern" in ret:
        return {"pattern": ret["pattern"].replace(r"\Z", "$")}
    return {}


def _flatten(messages: Any, path: tuple[str | int, ...] = ()) -> Iterator[Flaw]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flatten(inner, path if name == "_schema" else (*path, name))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        key, found, text = str(message).partition(":")
        yield Flaw(path, key if found else "invalid", text if found else str(message))
