"""The schemas of stored offer requests. The API's own types are in `specs/opendoor.graphql`."""

from datetime import datetime

from marshmallow import ValidationError, fields

from offer_sandbox.contract.lifecycle import MAX_POLLS, MAX_SECONDS
from offer_sandbox.providers.opendoor.denials import DENIALS
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    Nested,
    Number,
    String,
    in_calendar,
    one_of,
    pattern,
    within,
)

INSTANT = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", "a UTC time")
STATUSES = ("PENDING", "EVALUATING_REQUEST", "DENIED", "OFFERED")
STAGES = (*STATUSES, "OFFER_EXPIRED")


def _exists(text: str) -> None:
    """Validates that a time exists in the calendar, which a pattern cannot do."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(f"pattern:{error}") from None


class DenialInfoRecord(AnswerSchema):
    """DenialInfo as stored."""

    code = String(required=True, validate=one_of(*DENIALS))
    explanation = String(required=True)
    deniedAt = String(required=True, validate=INSTANT)


class OfferDataRecord(AnswerSchema):
    """OfferData as stored. Amounts are in whole cents."""

    headlinePriceCents = Integer(required=True, validate=within(lowest=0))
    headlineValuationRangeStart = Integer(required=True, allow_none=True)
    headlineValuationRangeEnd = Integer(required=True, allow_none=True)
    feeCostCents = Integer(required=True)
    feeCostPercent = Number(required=True)
    estimatedClosingCostCents = Integer(required=True)
    estimatedClosingCostPercent = Number(required=True)
    repairCostCents = Integer(required=True, allow_none=True)
    url = String(required=True)
    authenticatedDashboardUrl = String(required=True, allow_none=True)
    expiresAt = String(required=True, allow_none=True, validate=(INSTANT, _exists))
    offerSource = String(required=True, allow_none=True)
    sentAt = String(required=True, allow_none=True, validate=INSTANT)
    expirationAt = String(required=True, allow_none=True, validate=(INSTANT, _exists))
    expirationAtDisplayDate = String(required=True, allow_none=True)
    underwritingCompletedAt = String(required=True, allow_none=True)
    underwritingState = String(required=True, allow_none=True)
    enteredContractAt = String(required=True, allow_none=True)
    coeDate = String(required=True, allow_none=True)
    closedAt = String(required=True, allow_none=True)
    withdrawnAt = String(required=True, allow_none=True)
    priceAlert = String(required=True, allow_none=True)


class ProductFatesRecord(AnswerSchema):
    """The code for which a product is denied, or null if it is priced."""

    direct = String(required=True, allow_none=True, validate=one_of(*DENIALS))
    cnml = String(required=True, allow_none=True, validate=one_of(*DENIALS))


class FateRecord(AnswerSchema):
    """The fate that a magic value or a forced outcome sets. `seconds` is -1 for an endless evaluation. `products`
    is there if the products of the request have different fates."""

    code = String(required=True, allow_none=True, validate=one_of(*DENIALS))
    seconds = Integer(required=True, allow_none=True, validate=within(-1, MAX_SECONDS))
    expired = Boolean(required=True)
    withdrawn = Boolean()
    products = Nested(ProductFatesRecord)
    magic = Boolean(required=True)


class ClosingRecord(AnswerSchema):
    """The pace of the steps after an offer was made, and when the next of them is due (ms)."""

    progression = String(required=True, validate=one_of("immediate", "time", "manual"))
    seconds = Integer(required=True, validate=within(0, MAX_SECONDS))
    polls = Integer(required=True, validate=within(0, MAX_POLLS))
    due = Integer(required=True, allow_none=True, validate=in_calendar())


class OfferRequestBookkeeping(AnswerSchema):
    """Internal data that the sandbox stores with an offer request.

    `due` is the time of the next change (ms). `polls` is the number of reads left before the evaluation ends, or
    before the next step of the offer.
    """

    stage = String(required=True, validate=one_of(*STAGES))
    due = Integer(required=True, allow_none=True, validate=in_calendar())
    polls = Integer(required=True, allow_none=True, validate=within(lowest=0))
    fate = Nested(FateRecord, required=True)
    closing = Nested(ClosingRecord)
    address = fields.Dict(keys=fields.String(), required=True)
    answers = fields.Dict(keys=fields.String(), required=True)
    priceCents = Integer(required=True, allow_none=True, validate=within(lowest=0))
    createdAt = String(required=True, validate=INSTANT)
    submittedAt = String(required=True, allow_none=True, validate=INSTANT)


class OfferRequestRecord(AnswerSchema):
    """An offer request as stored."""

    opendoorOfferRequestId = String(required=True)
    offerStatus = String(required=True, validate=one_of(*STATUSES))
    denialInfo = Nested(DenialInfoRecord, required=True, allow_none=True)
    offerData = Nested(OfferDataRecord, required=True, allow_none=True)
    handoverAt = String(required=True, allow_none=True)
    sandbox = Nested(OfferRequestBookkeeping, required=True)


RECORDS = {"offerRequests": OfferRequestRecord()}
