"""The shapes of the kiosk's payloads and of what is stored, in its own words."""

from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Integer,
    Nested,
    Number,
    RequestSchema,
    String,
    above,
    one_of,
)


class CreateOffer(RequestSchema):
    """A new offer."""

    amount = Number(required=True, validate=above(0))


class Offer(AnswerSchema):
    """An offer as it is shown."""

    id = String(required=True)
    amount = Number(required=True)
    status = String(required=True, validate=one_of("open", "expired"))


class Bookkeeping(AnswerSchema):
    """What the sandbox keeps beside an offer: when it expires (ms), null if it never does."""

    due = Integer(required=True, allow_none=True)


class OfferRecord(Offer):
    """An offer as stored."""

    sandbox = Nested(Bookkeeping, required=True)


class Refusal(AnswerSchema):
    """The body of every refusal."""

    error = String(required=True)


RECORDS = {"offers": OfferRecord()}
