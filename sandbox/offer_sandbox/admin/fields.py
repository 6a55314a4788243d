"""The base schemas of control calls, and the fields for what an address brings: text that stands for a value."""

import re
from typing import Any

from marshmallow import fields

from offer_sandbox.schemas.fields import AnswerSchema, Integer, RequestSchema, String, Worded


class BodySchema(AnswerSchema):
    """Base of a body: a member that is not declared is refused."""


class QuerySchema(AnswerSchema):
    """Base of a call's query arguments besides `workspace`: one that is not declared is refused."""


class ShownSchema(RequestSchema):
    """Base of what the control API answers: a later version may show more members."""


class NothingSchema(BodySchema):
    """Nothing is taken: the body is empty, or an object without members."""


class MagicValueSchema(ShownSchema):
    """A value in a request that asks for an outcome, and where it stands."""

    field = String(required=True)
    value = String(required=True)


class DescribedValue(Worded, fields.Raw):
    """A value of any kind, whose metadata have the JSON Schema that describes it as their `shape`."""


class QueryInteger(Integer):
    """A whole number of an address, in plain digits."""

    def _validated(self, value: Any) -> Any:
        if not re.fullmatch("[0-9]{1,9}", str(value)):
            raise self.make_error("invalid", input=value)
        return int(value)


class QueryNumber(Worded, fields.Float):
    """A number of an address."""

    default_error_messages = {"invalid": "type:must be a number", "special": "type:must be a number"}


class QueryBoolean(Worded, fields.Boolean):
    """`true` or `false` in an address."""

    default_error_messages = {"invalid": "type:must be true or false"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value not in ("true", "false"):
            raise self.make_error("invalid", input=value)
        return value == "true"


def instant(told: str = "", **options: Any) -> String:
    """A field for an instant that is shown."""
    metadata = {"format": "date-time", **({"description": told} if told else {})}
    return String(required=True, metadata=metadata, **options)


def described(told: str) -> dict[str, str]:
    """The metadata of a field with a description."""
    return {"description": told}
