"""The base schemas of control calls, and the fields that read a value from the text of a query parameter."""

import re
from typing import Any

from marshmallow import fields

from offer_sandbox.schemas.fields import AnswerSchema, Integer, RequestSchema, String, Worded


class BodySchema(AnswerSchema):
    """Base of request bodies. Undeclared members are rejected."""


class QuerySchema(AnswerSchema):
    """Base of a call's query parameters, except `workspace`. Undeclared parameters are rejected."""


class ShownSchema(RequestSchema):
    """Base of the control API's responses. A later version may add members."""


class NothingSchema(BodySchema):
    """An empty body, or an object without members."""


class MagicValueSchema(ShownSchema):
    """A value in a request that triggers an outcome, and the field that holds it."""

    field = String(required=True)
    value = String(required=True)


class DescribedValue(Worded, fields.Raw):
    """A value of any kind. The `shape` in its metadata is the JSON Schema that describes it."""


class QueryInteger(Integer):
    """A whole number in a query parameter, in plain digits."""

    def _validated(self, value: Any) -> Any:
        if not re.fullmatch("[0-9]{1,9}", str(value)):
            raise self.make_error("invalid", input=value)
        return int(value)


class QueryNumber(Worded, fields.Float):
    """A number in a query parameter."""

    default_error_messages = {"invalid": "type:must be a number", "special": "type:must be a number"}


class QueryBoolean(Worded, fields.Boolean):
    """`true` or `false` in a query parameter."""

    default_error_messages = {"invalid": "type:must be true or false"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value not in ("true", "false"):
            raise self.make_error("invalid", input=value)
        return value == "true"


def instant(told: str = "", **options: Any) -> String:
    """Returns the field for a timestamp in a response."""
    metadata = {"format": "date-time", **({"description": told} if told else {})}
    return String(required=True, metadata=metadata, **options)


def described(told: str) -> dict[str, str]:
    """Returns the metadata of a field with a description."""
    return {"description": told}
