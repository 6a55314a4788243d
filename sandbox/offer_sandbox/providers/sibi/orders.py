"""Pure functions for the orders of accepted Sibi offers, and for the decisions on their cancellation."""

from datetime import datetime
from typing import Any

from offer_sandbox.contract import Progression
from offer_sandbox.world.clock import print_seconds, to_ms
from offer_sandbox.world.collection import Document

CANCELLATION = "sibi.cancellation"
_PENDING = "pending"


def cancellation(offer: Document, order: str) -> Document | None:
    """Returns the request to cancel an order, or None if there is none."""
    return next((each for each in offer["sandbox"]["cancellations"] if each["orderId"] == order), None)


def requested(
    offer: Document, order: str, reason: str, now: datetime, pace: Progression | None, decision: str
) -> Document:
    """Returns the offer with a request to cancel one of its orders. `decision` is how the partner will decide, if
    there is a pace."""
    due, polls = pace.planned(now) if pace else (None, None)
    request: Document = {
        "orderId": order,
        "requestedAt": print_seconds(now),
        "cancellationStatus": _PENDING,
        "cancellationReason": reason,
        **({"due": due, "decision": decision} if pace else {}),
    }
    kept = {**offer["sandbox"], "cancellations": [*offer["sandbox"]["cancellations"], request]}
    return _planned({**offer, "sandbox": {**kept, "polls": kept["polls"] if polls is None else polls}})


def undecided(offer: Document) -> bool:
    """Returns whether the partner is going to decide on a cancellation."""
    return any(_is_open(each) for each in offer["sandbox"]["cancellations"])


def decided(offer: Document, at: datetime) -> Document:
    """Returns the offer after the decisions that are due."""
    requests = [_decided(each, to_ms(at)) for each in offer["sandbox"]["cancellations"]]
    return _planned({**offer, "sandbox": {**offer["sandbox"], "cancellations": requests, "polls": None}})


def is_denied(request: Document) -> bool:
    """Returns whether the partner denies a request, now or later."""
    return "denied" in (request["cancellationStatus"], request.get("decision"))


def shown(offer: Document, order: str) -> dict[str, Any]:
    """Returns an order of an offer, as webhooks have it. Its form is inferred."""
    place = offer["orderIds"].index(order)
    request = cancellation(offer, order)
    status = request["cancellationStatus"] if request else None
    return {
        "id": order,
        "offerId": offer["id"],
        "status": "canceled" if status in ("approved", "canceled") else "placed",
        "productId": offer["selectedOffering"][place]["productId"],
        "cancellationStatus": status,
        "cancellationReason": request["cancellationReason"] if request else None,
    }


def _is_open(request: Document) -> bool:
    return request["cancellationStatus"] == _PENDING and "decision" in request


def _decided(request: Document, now: int) -> Document:
    if not _is_open(request) or (request["due"] is not None and request["due"] > now):
        return request
    return {**request, "cancellationStatus": request["decision"], "due": None}


def _planned(offer: Document) -> Document:
    """Returns the offer with the time of the next decision."""
    dues = [
        each["due"] for each in offer["sandbox"]["cancellations"] if _is_open(each) and each["due"] is not None
    ]
    return {**offer, "sandbox": {**offer["sandbox"], "due": min(dues, default=None)}}
