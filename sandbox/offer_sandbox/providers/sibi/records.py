"""The shape of what the sandbox stores of an offer; names that are not Sibi's are the sandbox's own."""

from offer_sandbox.providers.sibi.product_schemas import Cancellation
from offer_sandbox.providers.sibi.schemas import Offer
from offer_sandbox.wire.fields import AnswerSchema, Boolean, Integer, List, Nested, String, in_calendar


class StoredCancellation(Cancellation):
    """A request to cancel an order."""

    orderId = String(required=True)


class Step(AnswerSchema):
    """After how much time or how many reads an offer moves on; one of them is null."""

    seconds = Integer(required=True, allow_none=True)
    polls = Integer(required=True, allow_none=True)


class Pace(AnswerSchema):
    """How fast an offer moves."""

    upsells = Nested(Step, required=True)
    expiry = Nested(Step, required=True)


class OfferBookkeeping(AnswerSchema):
    """What the sandbox keeps beside an offer.

    `sku` and `addons` are what was asked for; `upsells` says that upsells were wanted, `arrived` that they are
    there; `send` that the offer goes out by itself; `credit` is in cents. `pace` is null for an offer that never
    moves by itself; `due` is the next change by time (ms), `polls` that by reads.
    """

    sku = String(required=True)
    addons = List(String(), required=True)
    upsells = Boolean(required=True)
    arrived = Boolean(required=True)
    send = Boolean(required=True)
    credit = Integer(required=True, allow_none=True)
    pace = Nested(Pace, required=True, allow_none=True)
    due = Integer(required=True, allow_none=True, validate=in_calendar())
    polls = Integer(required=True, allow_none=True)
    createdAt = String(required=True)
    updatedAt = String(required=True)
    cancellations = List(Nested(StoredCancellation), required=True)


class OfferRecord(Offer):
    """An offer as stored; what may be absent on the wire is null here."""

    sandbox = Nested(OfferBookkeeping, required=True)
