"""The shapes of the kiosk's payloads and of what is stored, in its own words."""

from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Integer,
    List,
    Nested,
    Number,
    RequestSchema,
    String,
    above,
    one_of,
    pattern,
)

PAGE_SIZE = 10


class SendOffer(RequestSchema):
    """A new offer, or what an offer is changed to."""

    amount = Number(required=True, validate=above(0))


class Offer(AnswerSchema):
    """An offer as it is shown."""

    id = String(required=True)
    amount = Number(required=True)
    status = String(required=True, validate=one_of("open", "expired"))


class ListQuery(RequestSchema):
    """Which page of the offers."""

    page = String(validate=pattern("[1-9][0-9]{0,3}", "a number from 1"))


class OfferList(AnswerSchema):
    """A page of offers."""

    offers = List(Nested(Offer), required=True)
    page = Integer(required=True)
    total = Integer(required=True)


class OfferExpired(AnswerSchema):
    """The event about an offer that has expired."""

    event = String(required=True, validate=one_of("offer.expired"))
    offer = Nested(Offer, required=True)


class Bookkeeping(AnswerSchema):
    """What the sandbox keeps beside an offer: when it expires (ms), or after how many reads; null if it never
    does."""

    due = Integer(required=True, allow_none=True)
    polls = Integer(required=True, allow_none=True)


class OfferRecord(Offer):
    """An offer as stored."""

    sandbox = Nested(Bookkeeping, required=True)


class Refusal(AnswerSchema):
    """The body of every refusal."""

    error = String(required=True)


RECORDS = {"offers": OfferRecord()}
