"""The shape of what the sandbox stores of an offer; names that are not Sibi's are the sandbox's own."""

from offer_sandbox.contract.lifecycle import MAX_POLLS, MAX_SECONDS
from offer_sandbox.providers.sibi.behaviour import FATES
from offer_sandbox.providers.sibi.schemas import Cancellation, Offer
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Boolean,
    Integer,
    List,
    Nested,
    String,
    in_calendar,
    one_of,
    within,
)


class StoredCancellation(Cancellation):
    """A request to cancel an order."""

    orderId = String(required=True)


class Step(AnswerSchema):
    """How fast an offer takes a step."""

    progression = String(required=True, validate=one_of("immediate", "time", "manual"))
    seconds = Integer(required=True, validate=within(0, MAX_SECONDS))
    polls = Integer(required=True, validate=within(0, MAX_POLLS))


class KeptAddon(AnswerSchema):
    """An add-on that was asked for."""

    id = String(required=True)
    quantity = Integer(required=True, validate=within(lowest=1))


class Pace(AnswerSchema):
    """How fast an offer moves."""

    upsells = Nested(Step, required=True)
    expiry = Nested(Step, required=True)


class OfferBookkeeping(AnswerSchema):
    """What the sandbox keeps beside an offer.

    `sku` and `addons` are what was asked for, `fate` what the customer's address asks for; `upsells` says that
    upsells were wanted, `arrived` that they are there; `send` that the offer goes out by itself; `credit` is in
    cents. `pace` is null for an offer that never moves by itself; `due` is the next change by time (ms), `polls`
    that by reads.
    """

    sku = String(required=True)
    addons = List(Nested(KeptAddon), required=True)
    fate = String(required=True, allow_none=True, validate=one_of(*FATES))
    upsells = Boolean(required=True)
    arrived = Boolean(required=True)
    send = Boolean(required=True)
    credit = Integer(required=True, allow_none=True)
    pace = Nested(Pace, required=True, allow_none=True)
    due = Integer(required=True, allow_none=True, validate=in_calendar())
    polls = Integer(required=True, allow_none=True, validate=within(0, MAX_POLLS))
    cancellations = List(Nested(StoredCancellation), required=True)


class OfferRecord(Offer):
    """An offer as stored; what may be absent on the wire is null here."""

    sandbox = Nested(OfferBookkeeping, required=True)
