"""The schemas that validate the webhooks in a snapshot against the format of the outbox."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from offer_sandbox.contract.lifecycle import MAX_SECONDS
from offer_sandbox.rules.schema import WEBHOOK_FAULTS
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Integer,
    List,
    Nested,
    Number,
    String,
    in_calendar,
    length,
    one_of,
    within,
)
from offer_sandbox.world.clock import LATEST, to_ms
from offer_sandbox.world.outbox import DELIVERED, FAILED, KEPT, PENDING

_LAST_TRY = to_ms(LATEST) + MAX_SECONDS * 1000


class Attempt(AnswerSchema):
    """One attempt. `status` is null without a complete response, and `error` is empty with one."""

    at = String(required=True)
    status = Integer(required=True, allow_none=True)
    error = String(required=True)
    milliseconds = Number(required=True, validate=within(lowest=0))


class WebhookRecord(AnswerSchema):
    """A stored webhook. `due` and `claimed` are in ms, `backoff` is in seconds. `due` is set exactly while the
    webhook is pending."""

    id = String(required=True, validate=length(shortest=1))
    provider = String(required=True)
    topic = String(required=True)
    collection = String(required=True)
    record = String(required=True)
    redelivers = String(required=True, allow_none=True)
    fault = String(validate=one_of(*WEBHOOK_FAULTS))
    rule = String()
    headers = fields.Dict(keys=String(), values=String(), required=True)
    body = String(required=True)
    backoff = List(Integer(validate=within(0, MAX_SECONDS)), required=True)
    at = String(required=True)
    url = String(required=True, allow_none=True)
    status = String(required=True, validate=one_of(PENDING, KEPT, DELIVERED, FAILED))
    attempts = List(Nested(Attempt), required=True)
    due = Integer(required=True, allow_none=True, validate=within(0, _LAST_TRY))
    claimed = Integer(required=True, allow_none=True, validate=in_calendar())

    @validates_schema
    def _due_while_pending(self, data: dict[str, Any], **_: Any) -> None:
        if (data["status"] == PENDING) != (data["due"] is not None):
            raise ValidationError({"due": [f"invalid:must be set if the status is {PENDING}, and null otherwise"]})
