"""Marshmallow fields and a base schema for JSON as it is: no coercion, stable keys for every complaint."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, fields, validate

from offer_sandbox.world.clock import LATEST, to_ms

MAX_ITEMS = 1_000
_Messages = dict[str, str | list[Any] | dict[Any, Any]]
_SCHEMA_MESSAGES = {
    "type": "type:must be an object",
    "unknown": "unknown:is not a documented field",
}


class RequestSchema(Schema):
    """Base of what clients send: unknown fields are accepted and ignored."""

    error_messages = _SCHEMA_MESSAGES

    class Meta:
        unknown = EXCLUDE


class AnswerSchema(Schema):
    """Base of what the sandbox answers and stores: a field that is not declared is a mistake."""

    error_messages = _SCHEMA_MESSAGES

    class Meta:
        unknown = RAISE


class Worded:
    """Gives every field below the same stable keys; marshmallow collects messages along the class order."""

    default_error_messages: _Messages = {
        "required": "required:is missing",
        "null": "type:must not be null",
        "validator_failed": "invalid:is invalid",
    }


class String(Worded, fields.String):
    """A JSON string; nothing else is turned into one."""

    default_error_messages: _Messages = {"invalid": "type:must be a string"}


class Integer(Worded, fields.Integer):
    """A JSON number without a fraction; `true` and `"1"` are none."""

    default_error_messages: _Messages = {"invalid": "type:must be a whole number"}

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return value


class Number(Worded, fields.Decimal):
    """A JSON number, kept exactly; `true` and `"1"` are none."""

    default_error_messages: _Messages = {"invalid": "type:must be a number"}

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
            raise self.make_error("invalid", input=value)
        return value


class Boolean(Worded, fields.Boolean):
    """`true` or `false` and nothing that merely looks like it."""

    default_error_messages: _Messages = {"invalid": "type:must be true or false"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class List(Worded, fields.List[Any]):
    """A JSON array. With `maximum`, which every array that a client sends must have, a longer one is refused as a
    whole before any of its items is judged: wording a complaint for each of a million takes minutes."""

    default_error_messages: _Messages = {"invalid": "type:must be an array"}

    def __init__(self, inner: Any, *, maximum: int | None = None, **options: Any) -> None:
        self._bounds = [] if maximum is None else [length(longest=maximum)]
        validators = options.pop("validate", None)
        super().__init__(inner, validate=[*self._bounds, *([validators] if validators else [])], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            for bound in self._bounds:
                bound(value)
        return super()._deserialize(value, attr, data, **kwargs)


class Nested(Worded, fields.Nested):
    """A JSON object described by another schema."""

    default_error_messages: _Messages = {"type": "type:must be an object"}


class Object(Worded, fields.Dict):
    """A JSON object with any members, kept as it is."""

    default_error_messages: _Messages = {"invalid": "type:must be an object"}


def one_of(*choices: str) -> validate.OneOf:
    """Exactly one of these words."""
    return validate.OneOf(choices, error="one_of:must be one of {choices}")


def pattern(expression: str, meaning: str) -> validate.Regexp:
    """Text that the expression matches as a whole; `meaning` says what it stands for.

    Classes such as `\\d` are refused: Python and the compiled schema do not mean the same characters by them.
    """
    assert not re.search(r"\\[dDsSwWbB]", expression), "spell the characters out"
    return validate.Regexp(rf"^(?:{expression})\Z", error=f"pattern:must be {meaning}")


def within(lowest: int | None = None, highest: int | None = None) -> validate.Range:
    """A number between the two ends, both included."""
    return validate.Range(min=lowest, max=highest, error=f"range:must be {_span(lowest, highest)}")


def in_calendar() -> validate.Range:
    """An instant in milliseconds that a workspace's clock can show."""
    return within(0, to_ms(LATEST))


def above(lowest: int) -> validate.Range:
    """A number greater than the end."""
    return validate.Range(min=lowest, min_inclusive=False, error=f"range:must be greater than {lowest}")


def length(shortest: int | None = None, longest: int | None = None) -> validate.Length:
    """A text or array of a length between the two, both included."""
    return validate.Length(
        min=shortest, max=longest, error=f"length:its length must be {_span(shortest, longest)}"
    )


def _span(lowest: int | None, highest: int | None) -> str:
    if lowest is None or highest is None:
        return f"at most {highest}" if lowest is None else f"at least {lowest}"
    return f"between {lowest} and {highest}"


__all__ = [
    "AnswerSchema",
    "Boolean",
    "Integer",
    "List",
    "Nested",
    "Number",
    "Object",
    "RequestSchema",
    "String",
    "Worded",
    "above",
    "in_calendar",
    "length",
    "one_of",
    "pattern",
    "within",
]


def field_at(schema: Schema | None, names: Sequence[str]) -> fields.Field[Any] | None:
    """The field that the names lead to, in a schema and those within it (an index or `*` is any item of a list);
    None where there is none."""
    current: Any = schema
    for name in names:
        if isinstance(current, fields.List) and (name == "*" or name.isdecimal()):
            current = current.inner
        else:
            current = members(current).get(name)
    return current if isinstance(current, fields.Field) else None


def members(owner: Any) -> dict[str, Any]:
    """The fields of a schema, or of one that is nested, by their names in JSON; none of anything else."""
    schema = owner.schema if isinstance(owner, fields.Nested) else owner
    if not isinstance(schema, Schema):
        return {}
    return {field.data_key or own: field for own, field in schema.fields.items()}
