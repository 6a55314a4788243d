"""How an offer moves on by time or by reads: upsells arrive, it is sent, it expires. Pure functions."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from offer_sandbox.contract import Progression, Transition
from offer_sandbox.providers.sibi.behaviour import (
    AWAITING,
    BOUGHT_OUT,
    CANCELED,
    EXPIRED,
    GENERATING,
    ORDERED,
    PENDING,
    in_status,
)
from offer_sandbox.world.collection import Document

UPSELLS, EXPIRY = "sibi.upsells", "sibi.expiry"


def begun(offer: Document, progressions: Mapping[str, Progression], now: datetime) -> Document:
    """A new offer that moves at the pace of the progressions in force now; what is due at once happens before
    the next look at it."""
    pace = {"upsells": asdict(progressions[UPSELLS]), "expiry": asdict(progressions[EXPIRY])}
    return _planned({**offer, "sandbox": {**offer["sandbox"], "pace": pace}}, now)


def polled(offer: Document, now: datetime) -> Document:
    """An offer after one more read: under `manual` progression it moves on after that many, the one that moved it
    on counted for the status that it shows."""
    polls = offer["sandbox"]["polls"]
    if polls is None or following(offer) is None:
        return offer
    if polls > 0:
        return {**offer, "sandbox": {**offer["sandbox"], "polls": polls - 1}}
    after = moved(offer, now)
    left = after["sandbox"]["polls"]
    return {**after, "sandbox": {**after["sandbox"], "polls": left - 1}} if left else after


def moved(offer: Document, at: datetime) -> Document:
    """The offer in its next status, with what follows planned."""
    status = following(offer)
    assert status is not None, "only an offer with something planned moves"
    if offer["status"] == GENERATING:
        offer = {**offer, "sandbox": {**offer["sandbox"], "arrived": True}}
    return _planned(in_status(offer, status, at), at)


def following(offer: Document) -> str | None:
    """The status that comes next by itself, None where somebody has to act."""
    kept = offer["sandbox"]
    if offer["status"] == AWAITING:
        return kept["fate"] or EXPIRED
    if offer["status"] == GENERATING:
        return AWAITING if kept["send"] else PENDING
    if offer["status"] == PENDING and not kept["arrived"]:
        return GENERATING if kept["upsells"] else AWAITING if kept["send"] else None
    return None


def _planned(offer: Document, at: datetime) -> Document:
    """The offer with the time, or the number of reads, after which it moves on."""
    pace = offer["sandbox"]["pace"]
    if pace is None or following(offer) is None:
        return offer
    waits_for_expiry = offer["status"] == AWAITING and not offer["sandbox"]["fate"]
    due, polls = Progression(**pace["expiry" if waits_for_expiry else "upsells"]).planned(at)
    return {**offer, "sandbox": {**offer["sandbox"], "due": due, "polls": polls}}


def _transition(source: str, target: str, event: str) -> Transition:
    return Transition(
        collection="offers",
        source=source,
        event=event,
        target=target,
        apply=moved,
        when=lambda offer: following(offer) == target,
    )


TRANSITIONS = (
    _transition(PENDING, GENERATING, "upsells are being generated"),
    _transition(PENDING, AWAITING, "the offer is sent without upsells"),
    _transition(GENERATING, AWAITING, "upsells arrive and the offer is sent"),
    _transition(GENERATING, PENDING, "upsells arrive and the offer is kept back"),
    _transition(AWAITING, EXPIRED, "the customer does not answer in time"),
    _transition(AWAITING, ORDERED, "the customer accepts (asked for by their address)"),
    _transition(AWAITING, BOUGHT_OUT, "the customer takes the buyout (asked for by their address)"),
    _transition(AWAITING, CANCELED, "the offer is canceled (asked for by the customer's address)"),
)
