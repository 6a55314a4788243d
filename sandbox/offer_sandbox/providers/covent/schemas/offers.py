"""Offers: what is sent and answered (each call has its own set of fields) and what is stored."""

from marshmallow import ValidationError

from offer_sandbox.contract.lifecycle import MOST_POLLS
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    Number,
    Object,
    RequestSchema,
    String,
    above,
    in_calendar,
    one_of,
    pattern,
    within,
)
from offer_sandbox.world.clock import ClockError, parse_instant

OFFER_STATUSES = ("submitted", "accepted", "rejected", "expired")
EVENTS = ("created", "updated", "accepted", "rejected", "expired")
SECOND = pattern(
    "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
    "an instant like 2026-04-17T19:45:00Z",
)


_STATUS = {"description": "Evidence: docs; expired is inferred."}


def _calendar(text: str) -> None:
    """A pattern cannot say which days there are."""
    try:
        parse_instant(text)
    except ClockError as error:
        raise ValidationError(f"pattern:{error}") from None


class CreateOffer(RequestSchema):
    """An offer on a listing."""

    listing_id = String(required=True)
    individual_id = String(required=True)
    amount = Number(required=True, validate=above(0))
    terms = Object(required=True)
    notes = String(required=True)


class UpdateOffer(RequestSchema):
    """What may change before an offer is final; at least one of them (inferred: the page flags all required)."""

    amount = Number(validate=above(0))
    terms = Object()
    expires_at = String(metadata={"format": "date-time"})


class AcceptOffer(RequestSchema):
    """An acceptance, with the instant that the caller gives."""

    accepted_at = String(required=True, metadata={"format": "date-time"})
    notes = String(required=True)


class RejectOffer(RequestSchema):
    """A rejection."""

    reason = String(required=True)
    notes = String(required=True)


class Event(AnswerSchema):
    """One event of an offer's life; only `created` is documented."""

    type = String(
        required=True,
        validate=one_of(*EVENTS),
        metadata={"description": "Evidence: docs for created, inferred for the others."},
    )
    at = String(required=True, validate=SECOND)


class _Offer(AnswerSchema):
    id = String(required=True)
    listing_id = String(required=True)
    individual_id = String(required=True)
    amount = Number(required=True)
    status = String(required=True, validate=one_of(*OFFER_STATUSES), metadata=_STATUS)
    terms = Object(required=True)


class OfferCreated(_Offer):
    """The answer to a creation: with times, without history."""

    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)


class OfferShown(_Offer):
    """The answer to a read: with history, without times."""

    history = List(Nested(Event), required=True)


class OfferUpdated(AnswerSchema):
    """The answer to an update."""

    id = String(required=True)
    amount = Number(required=True)
    status = String(required=True, validate=one_of(*OFFER_STATUSES), metadata=_STATUS)
    terms = Object(required=True)
    updated_at = String(required=True, validate=SECOND)


class OfferAccepted(AnswerSchema):
    """The answer to an acceptance; `accepted_at` is the caller's."""

    id = String(required=True)
    status = String(required=True, validate=one_of("accepted"))
    accepted_at = String(required=True)
    updated_at = String(required=True, validate=SECOND)


class OfferRejected(AnswerSchema):
    """The answer to a rejection."""

    id = String(required=True)
    status = String(required=True, validate=one_of("rejected"))
    rejected_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)


class OfferBookkeeping(AnswerSchema):
    """What the sandbox keeps beside an offer: `fate` is how its decision ends if not accepted, `magic` that a
    listing of magic asked for it; `decision` is when it falls (ms), `polls` after how many reads."""

    fate = String(required=True, allow_none=True, validate=one_of(*OFFER_STATUSES[1:]))
    magic = Boolean(required=True)
    decision = Integer(required=True, allow_none=True, validate=in_calendar())
    polls = Integer(required=True, allow_none=True, validate=within(0, MOST_POLLS))


class OfferRecord(_Offer):
    """An offer as stored."""

    notes = String(required=True)
    expires_at = String(required=True, allow_none=True, validate=_calendar)
    accepted_at = String(required=True, allow_none=True)
    rejected_at = String(required=True, allow_none=True, validate=SECOND)
    reason = String(required=True, allow_none=True)
    history = List(Nested(Event), required=True)
    created_at = String(required=True, validate=SECOND)
    updated_at = String(required=True, validate=SECOND)
    sandbox = Nested(OfferBookkeeping, required=True)
