"""The base schemas of control calls, and the fields that read a value from the text of a query parameter."""

import re
from typing import Any

from marshmallow import fields

from offer_sandbox.schemas.fields import AnswerSchema, Integer, RequestSchema, String, Worded, described

EXAMPLE_TIME = "2026-04-17T19:45:00.000Z"
# The meaning of each value of enumerations that several responses have.
KIND_VALUES = {
    "success": "The plain success of the operation.",
    "state": "A success that depends on the record's status or stage.",
    "denial": "The provider denies the business request, such as an offer on a listing that has ended.",
    "error": "Any other rejection of the call.",
    "infrastructure": "An error that every operation can have, such as an exceeded rate limit.",
}
EVIDENCE_VALUES = {
    "seed": "The provider's documentation, on a page that this project began with.",
    "docs": "The provider's documentation, on another page.",
    "observed": "Seen at the provider, as a public issue or a customer's notes show. No page documents it.",
    "inferred": "A conclusion or a choice of the sandbox, because the documentation is silent.",
}


class BodySchema(AnswerSchema):
    """Base of request bodies. Undeclared members are rejected."""


class QuerySchema(AnswerSchema):
    """Base of a call's query parameters, except `workspace`. Undeclared parameters are rejected."""


class ShownSchema(RequestSchema):
    """Base of the control API's responses. A later version may add members."""


class EmptyBodySchema(BodySchema):
    """An empty body, or an object without members."""


class MagicValueSchema(ShownSchema):
    """A value in a request that triggers an outcome, and the field that holds it."""

    field = String(
        required=True,
        metadata=described("The path of the field in the request.", example="body.offeredItems.0.listingId"),
    )
    value = String(required=True, metadata=described("A value that triggers the outcome.", example="110000150022"))


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


def instant(text: str, example: str = EXAMPLE_TIME, **options: Any) -> String:
    """Returns the field for a timestamp in a response."""
    metadata = described(text, format="date-time", example=example)
    return String(required=True, metadata=metadata, **options)
