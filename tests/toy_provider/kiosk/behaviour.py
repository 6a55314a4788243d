"""What happens to an offer: it is open, then it expires. Pure functions."""

from datetime import datetime

from offer_sandbox.contract import Transition
from offer_sandbox.world.collection import Document


def expired(offer: Document, _: datetime) -> Document:
    """The offer past its time."""
    return {**offer, "status": "expired", "sandbox": {"due": None}}


TRANSITIONS = (
    Transition(collection="offers", source="open", event="nobody buys", target="expired", apply=expired),
)
