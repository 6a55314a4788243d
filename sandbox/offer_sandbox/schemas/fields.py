"""Marshmallow fields and base schemas for JSON without coercion, with a stable key for every error."""

import re
from collections.abc import Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate, validates_schema

from offer_sandbox.world.clock import LATEST, to_ms

MAX_ITEMS = 1_000
_YEAR_MS = 366 * 24 * 60 * 60 * 1000
_Messages = dict[str, str | list[Any] | dict[Any, Any]]
_SCHEMA_MESSAGES = {
    "type": "type:must be an object",
    "unknown": "unknown:is not a documented field",
}


class RequestSchema(Schema):
    """Base schema of requests. Unknown fields are accepted and ignored."""

    error_messages = _SCHEMA_MESSAGES

    class Meta:
        unknown = EXCLUDE


class AnswerSchema(Schema):
    """Base schema of responses and stored records. A field that is not declared is an error."""

    error_messages = _SCHEMA_MESSAGES

    class Meta:
        unknown = RAISE


class Worded:
    """Gives every field below the same stable error keys. Marshmallow collects the messages along the class
    order."""

    default_error_messages: _Messages = {
        "required": "required:is missing",
        "null": "type:must not be null",
        "validator_failed": "invalid:is invalid",
    }


class String(Worded, fields.String):
    """A JSON string. Other values are not converted to strings."""

    default_error_messages: _Messages = {"invalid": "type:must be a string"}


class Integer(Worded, fields.Integer):
    """A JSON number without a fraction. `true` and `"1"` are rejected."""

    default_error_messages: _Messages = {"invalid": "type:must be a whole number"}

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return value


class Number(Worded, fields.Decimal):
    """A JSON number with its exact value. `true` and `"1"` are rejected."""

    default_error_messages: _Messages = {"invalid": "type:must be a number"}

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
            raise self.make_error("invalid", input=value)
        return value


class Boolean(Worded, fields.Boolean):
    """`true` or `false`. Values that only look like them are rejected."""

    default_error_messages: _Messages = {"invalid": "type:must be true or false"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class List(Worded, fields.List[Any]):
    """A JSON array. Every array that a client sends must have a `maximum`. A longer array is rejected as a whole
    before its items are validated, because error messages for a million items take minutes."""

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
    """A JSON object with any members, which stay unchanged."""

    default_error_messages: _Messages = {"invalid": "type:must be an object"}


def described(
    text: str, *, values: Mapping[str, str] | None = None, evidence: str = "", **more: Any
) -> dict[str, Any]:
    """Returns the metadata of a field, for the published documents.

    - `text`: a description in our own words.
    - `values`: the meaning of each value of an enumeration.
    - `evidence`: the evidence of the field if it is not that of its operation: `docs`, `observed` or `inferred`.
    - `more`: keywords of JSON Schema that do not restrict values: `example`, `default` and `format`.
      `published` has the keywords that differ in the documents, such as `{"type": "integer"}` for a number in a
      query, which arrives as text.
    """
    meanings = [f"- `{value}`: {meaning}" for value, meaning in (values or {}).items()]
    own = {"x_evidence": evidence} if evidence else {}
    return {"description": "\n".join([text, "", *meanings] if meanings else [text]), **own, **more}


class ShapedSchema(AnswerSchema):
    """Base schema of an object that has one of several `shapes`, which its class lists. Its own fields are those
    of `joined`, so that errors name them."""

    shapes: tuple[type[Schema], ...] = ()

    @validates_schema
    def _has_a_shape(self, data: dict[str, Any], **_: Any) -> None:
        errors = [shape().validate(data) for shape in self.shapes]
        if all(errors):
            raise ValidationError(min(errors, key=len))


def joined(*shapes: type[Schema]) -> dict[str, fields.Field[Any]]:
    """Returns the fields of several shapes of one object. A field that a shape lacks is not required. A field that
    the shapes validate differently has no validators."""
    found: dict[str, fields.Field[Any]] = {}
    for name in dict.fromkeys(name for shape in shapes for name in shape._declared_fields):
        those = [shape._declared_fields[name] for shape in shapes if name in shape._declared_fields]
        found[name] = copy(those[0])
        found[name].required = len(those) == len(shapes) and all(each.required for each in those)
        if len({repr(each.validators) for each in those}) > 1:
            found[name].validators = []
    return found


def one_of(*choices: str) -> validate.OneOf:
    """Returns a validator that accepts only these strings."""
    return validate.OneOf(choices, error="one_of:must be one of {choices}")


def always(value: bool) -> validate.Equal:
    """Returns a validator that accepts only this value."""
    return validate.Equal(value, error=f"one_of:must be {str(value).lower()}")


def pattern(expression: str, meaning: str) -> validate.Regexp:
    """Returns a validator for text that the expression matches as a whole. `meaning` describes valid text in the
    error message.

    Classes such as `\\d` are rejected, because they match different characters in Python and in the compiled
    schema.
    """
    assert not re.search(r"\\[dDsSwWbB]", expression), "spell the characters out"
    return validate.Regexp(rf"^(?:{expression})\Z", error=f"pattern:must be {meaning}")


def within(lowest: int | None = None, highest: int | None = None) -> validate.Range:
    """Returns a validator for a number between the two ends, which are included. None leaves an end open."""
    return validate.Range(min=lowest, max=highest, error=f"range:must be {_span(lowest, highest)}")


def in_calendar() -> validate.Range:
    """Returns a validator for a time in milliseconds that a workspace's clock can show, or that is due in the year
    after the last one."""
    return within(0, to_ms(LATEST) + _YEAR_MS)


def above(lowest: int) -> validate.Range:
    """Returns a validator for a number greater than `lowest`."""
    return validate.Range(min=lowest, min_inclusive=False, error=f"range:must be greater than {lowest}")


def length(shortest: int | None = None, longest: int | None = None) -> validate.Length:
    """Returns a validator for text or an array whose length is between the two ends, which are included. None
    leaves an end open."""
    return validate.Length(
        min=shortest, max=longest, error=f"length:its length must be {_span(shortest, longest)}"
    )


def _span(lowest: int | None, highest: int | None) -> str:
    if lowest is None or highest is None:
        return f"at most {highest}" if lowest is None else f"at least {lowest}"
    return f"between {lowest} and {highest}" if lowest < highest else str(lowest)


__all__ = [
    "AnswerSchema",
    "Boolean",
    "Integer",
    "List",
    "Nested",
    "Number",
    "Object",
    "RequestSchema",
    "ShapedSchema",
    "String",
    "Worded",
    "above",
    "always",
    "in_calendar",
    "joined",
    "length",
    "one_of",
    "pattern",
    "within",
]


def field_at(schema: Schema | None, names: Sequence[str]) -> fields.Field[Any] | None:
    """Returns the field at a path of names in a schema and its nested schemas, or None if there is no such field.
    An index or `*` stands for any item of a list."""
    current: Any = schema
    for name in names:
        if isinstance(current, fields.List) and (name == "*" or name.isdecimal()):
            current = current.inner
        else:
            current = members(current).get(name)
    return current if isinstance(current, fields.Field) else None


def members(owner: Any) -> dict[str, Any]:
    """Returns the fields of a schema or of a nested schema by their JSON names. Returns no fields for any other
    value."""
    schema = owner.schema if isinstance(owner, fields.Nested) else owner
    if not isinstance(schema, Schema):
        return {}
    return {field.data_key or own: field for own, field in schema.fields.items()}
