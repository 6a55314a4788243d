"""The buyers who answer offers, and what an acceptance does to the listing and its other offers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from offer_sandbox.contract import Consequence, Progression, Transition, never
from offer_sandbox.world.clock import print_instant, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.world import World

BUYERS, ANSWER = "ebay.buyers", "ebay.buyer_answer"
PENDING, ACCEPTED, DECLINED, CANCELLED = "PENDING", "ACCEPTED", "DECLINED", "CANCELLED"
ANSWERS = {"accept": ACCEPTED, "decline": DECLINED}


def planned(expiry: datetime, now: datetime, pace: Progression | None, answer: str) -> Document:
    """Returns what the sandbox stores with a new offer: when it expires, or when its buyer answers before that.

    `answer` is the status after the answer. Without a pace, and under `manual`, buyers only answer on request.
    """
    due, _ = pace.planned(now) if pace else (None, None)
    if due is None or due >= to_ms(expiry):
        return {"due": to_ms(expiry)}
    return {"due": due, "answer": answer}


def ended(offer: Document, status: str, at: datetime) -> Document:
    """Returns an offer with its last status."""
    return {**offer, "offerStatus": status, "lastModifiedDate": print_instant(at), "sandbox": {"due": None}}


def _accepted(offer: Document, at: datetime) -> Document:
    return ended(offer, ACCEPTED, at)


def _declined(offer: Document, at: datetime) -> Document:
    return ended(offer, DECLINED, at)


def _cancelled(offer: Document, at: datetime) -> Document:
    return ended(offer, CANCELLED, at)


def _answers(status: str, offer: Document) -> bool:
    return bool(offer["sandbox"].get("answer") == status)


def _item(offer: Document) -> Document:
    item: Document = offer["offeredItems"][0]
    return item


def _is_sale(before: Document | None, after: Document) -> bool:
    was = before["offerStatus"] if before else ""
    return bool(was == PENDING and after["offerStatus"] == ACCEPTED)


def _sold(world: World, offer: Document, at: datetime) -> Iterator[tuple[str, Document]]:
    """Yields the listing with what is left of it, and the open offers that no longer fit, as cancelled."""
    item = _item(offer)
    listing = world.get("listings", item["listingId"])
    if listing is None:  # deleted by hand
        return
    left = max(listing["quantity"] - item["quantity"], 0)
    yield "listings", {**listing, "quantity": left}
    for other in world.select("offers", listingId=item["listingId"], offerStatus=PENDING):
        if _item(other)["quantity"] > left:
            yield "offers", _cancelled(other, at)


def is_renewed(offer: Document) -> bool:
    """Returns whether an offer is renewed when it expires, because a magic listing promises an open one."""
    return offer["sandbox"].get("renews", False) is True


def is_final(offer: Document) -> bool:
    """Returns whether an offer ends when it expires or a buyer answers it, because it is not renewed."""
    return not is_renewed(offer)


def _row(event: str, target: str, **declared: Any) -> Transition:
    return Transition(
        collection="offers", source=PENDING, event=event, target=target, on_request=is_final, **declared
    )


TRANSITIONS = (
    _row("the buyer accepts", ACCEPTED, apply=_accepted, when=lambda offer: _answers(ACCEPTED, offer)),
    _row("the buyer declines", DECLINED, apply=_declined, when=lambda offer: _answers(DECLINED, offer)),
    _row("too few items are left", CANCELLED, apply=_cancelled, when=never),
)
CONSEQUENCES = (Consequence(collection="offers", follows=_is_sale, apply=_sold),)
