"""Pure functions for Covent offers: creation, change, decision and expiry."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from offer_sandbox.contract import Consequence, Progression, Source, Transition, after_read, always, by_call, never
from offer_sandbox.world.clock import parse_instant, print_instant, print_seconds, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.world import World

SUBMITTED, ACCEPTED, REJECTED, EXPIRED = "submitted", "accepted", "rejected", "expired"
ON_ACCEPTANCE = "covent.on_acceptance"
NOTHING, REJECT_OTHERS, CLOSE_LISTING = "nothing", "reject_others", "close_listing"
FATES = {"lst_accepts": ACCEPTED, "lst_rejects": REJECTED, "lst_expires": EXPIRED}


def create(id: str, body: Document, now: datetime, fate: str | None = None) -> Document:
    """Returns a submitted offer. `fate` is the status that its decision will have, if one is fixed."""
    return {
        "id": id,
        "listing_id": body["listing_id"],
        "individual_id": body["individual_id"],
        "amount": body["amount"],
        "status": SUBMITTED,
        "terms": body["terms"],
        "notes": body["notes"],
        "expires_at": None,
        "accepted_at": None,
        "rejected_at": None,
        "reason": None,
        "history": [{"type": "created", "at": print_seconds(now)}],
        "created_at": print_seconds(now),
        "updated_at": print_seconds(now),
        "sandbox": {"fate": fate, "magic": fate is not None, "decision": None, "polls": None},
    }


def awaiting_decision(offer: Document, progression: Progression | None, now: datetime) -> Document:
    """Returns a new offer with its decision scheduled by the progression.

    Without a progression, only an offer with a fate is decided, and this happens immediately.
    """
    if progression is None:
        return _kept(offer, decision=to_ms(now)) if offer["sandbox"]["fate"] else offer
    decision, polls = progression.planned(now)
    return _kept(offer, decision=decision, polls=polls)


def polled(offer: Document, now: datetime) -> Document:
    """Returns the offer after one more read, which may be the read that decides it."""
    return after_read(offer, now, decided if offer["status"] == SUBMITTED else None)


def decided(offer: Document, at: datetime) -> Document:
    """Returns the offer after its decision. It is accepted unless its fate is another status."""
    return ended(offer, offer["sandbox"]["fate"] or ACCEPTED, at)


def updated(offer: Document, body: Document, now: datetime) -> Document:
    """Returns the offer with a changed amount, terms or expiry."""
    changes: Document = {name: body[name] for name in ("amount", "terms") if name in body}
    if "expires_at" in body:
        changes["expires_at"] = _whole(parse_instant(body["expires_at"]))
    return _logged({**offer, **changes}, "updated", now)


def accepted(offer: Document, body: Document, now: datetime) -> Document:
    """Returns the offer as accepted at the caller's timestamp."""
    return {**_by_hand(ended(offer, ACCEPTED, now)), "accepted_at": body["accepted_at"]}


def rejected(offer: Document, body: Document, now: datetime) -> Document:
    """Returns the offer as rejected with a reason."""
    return {**_by_hand(ended(offer, REJECTED, now)), "reason": body["reason"]}


def ended(offer: Document, status: str, at: datetime) -> Document:
    """Returns the offer in a final status since `at`."""
    after = _logged(_kept({**offer, "status": status}, decision=None, polls=None), status, at)
    instants = {ACCEPTED: "accepted_at", REJECTED: "rejected_at"}
    return {**after, instants[status]: print_seconds(at)} if status in instants else after


def shown_as(offer: Document, status: str, now: datetime) -> Document:
    """Returns a consistent offer in another status, for a read with a forced status. Nothing is stored."""
    if offer["status"] == status:
        return offer
    open_still = {
        **offer,
        "status": SUBMITTED,
        "history": [each for each in offer["history"] if each["type"] not in (ACCEPTED, REJECTED, EXPIRED)],
    }
    return open_still if status == SUBMITTED else ended(open_still, status, now)


def source_of(offer: Document) -> Source:
    """Returns the cause of the offer's status: `magic` for a magic listing, otherwise `natural`."""
    by_magic = offer["sandbox"]["magic"] and offer["status"] == offer["sandbox"]["fate"]
    return "magic" if by_magic else "natural"


def _whole(instant: datetime) -> str:
    """Formats a timestamp in whole seconds, or with milliseconds if it has a fraction."""
    return print_instant(instant) if instant.microsecond else print_seconds(instant)


def _logged(offer: Document, event: str, at: datetime) -> Document:
    history = [*offer["history"], {"type": event, "at": print_seconds(at)}]
    return {**offer, "history": history, "updated_at": print_seconds(at)}


def _kept(offer: Document, **changes: Any) -> Document:
    """Returns the offer with changes to the sandbox's internal data."""
    return {**offer, "sandbox": {**offer["sandbox"], **changes}}


def _by_hand(offer: Document) -> Document:
    return _kept(offer, fate=None, magic=False)


def _next(offer: Document) -> str:
    """Returns the status that time causes next: that of the decision, or expired if the expiry is earlier."""
    decision, expires = offer["sandbox"]["decision"], offer["expires_at"]
    if decision is None or (expires and to_ms(parse_instant(expires)) < decision):
        return EXPIRED
    return offer["sandbox"]["fate"] or ACCEPTED


def _transition(status: str, event: str) -> Transition:
    return Transition(
        collection="offers",
        source=SUBMITTED,
        event=event,
        target=status,
        apply=lambda offer, at: ended(offer, status, at),
        when=lambda offer: _next(offer) == status,
        on_request=always,
    )


def _is_acceptance(before: Document | None, after: Document) -> bool:
    was = before["status"] if before else ""
    return bool(was == SUBMITTED and after["status"] == ACCEPTED)


def _on_acceptance(settings: Document) -> str:
    return str(settings.get("switches", {}).get(ON_ACCEPTANCE, NOTHING))


def _outdone(offer: Document, at: datetime) -> Document:
    """Returns an offer that is rejected because another one on its listing was accepted."""
    return {**_by_hand(ended(offer, REJECTED, at)), "reason": "another offer on the listing was accepted"}


def _listing_is_taken(world: World, offer: Document, at: datetime) -> Iterator[tuple[str, Document]]:
    """Yields the other open offers on the listing of an accepted offer, as rejected, and the listing as a draft if
    the switch closes it."""
    for other in world.select("offers", listing_id=offer["listing_id"], status=SUBMITTED):
        yield "offers", _outdone(other, at)
    listing = world.get("listings", offer["listing_id"])
    if listing is not None and _on_acceptance(world.row.settings) == CLOSE_LISTING:
        yield "listings", {**listing, "status": "draft", "updated_at": print_seconds(at)}


TRANSITIONS = (
    _transition(ACCEPTED, "the seller accepts"),
    _transition(REJECTED, "the seller rejects"),
    _transition(EXPIRED, "the offer expires"),
    Transition(
        collection="offers",
        source=SUBMITTED,
        event="another offer on the listing is accepted",
        target=REJECTED,
        apply=_outdone,
        when=never,
    ),
    *by_call("offers", "createOffer", [("", SUBMITTED)]),
    *by_call("offers", "acceptOffer", [(SUBMITTED, ACCEPTED)]),
    *by_call("offers", "rejectOffer", [(SUBMITTED, REJECTED)]),
)
CONSEQUENCES = (
    Consequence(
        collection="offers",
        follows=_is_acceptance,
        apply=_listing_is_taken,
        enabled=lambda settings: _on_acceptance(settings) != NOTHING,
    ),
)
