"""What happens to an offer: it is open, then it expires. Pure functions."""

from datetime import datetime

from offer_sandbox.contract import Progression, Transition, after_read, by_call
from offer_sandbox.world.collection import Document

OPEN, EXPIRED = "open", "expired"


def create(id: str, amount: float, expiry: Progression, now: datetime) -> Document:
    """An open offer, which expires after a time or, under `manual` progression, after so many reads."""
    due, polls = expiry.planned(now)
    return {"id": id, "amount": amount, "status": OPEN, "sandbox": {"due": due, "polls": polls}}


def polled(offer: Document, now: datetime) -> Document:
    """An offer after one more read, which may be the one that it expires by."""
    return after_read(offer, now, expired if offer["status"] == OPEN else None)


def expired(offer: Document, _: datetime) -> Document:
    """The offer past its time."""
    return {**offer, "status": EXPIRED, "sandbox": {"due": None, "polls": None}}


TRANSITIONS = (
    Transition(collection="offers", source=OPEN, event="nobody buys", target=EXPIRED, apply=expired),
    *by_call("offers", "createOffer", [("", OPEN)]),
)
