"""How an offer moves on by time or by reads: upsells arrive, it is sent, it expires. Pure functions."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from offer_sandbox.contract import Progression, Transition
from offer_sandbox.providers.sibi.behaviour import AWAITING, EXPIRED, GENERATING, PENDING, in_status
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Document

UPSELLS, EXPIRY = "sibi.upsells", "sibi.expiry"


def begun(offer: Document, progressions: Mapping[str, Progression], now: datetime) -> Document:
    """A new offer that moves at the pace of the progressions in force now; what is due at once happens before
    the next look at it."""
    pace = {"upsells": _steps(progressions[UPSELLS]), "expiry": _steps(progressions[EXPIRY])}
    return _planned({**offer, "sandbox": {**offer["sandbox"], "pace": pace}}, now)


def polled(offer: Document, now: datetime) -> Document:
    """An offer after one more read: under `manual` progression it moves on after that many."""
    polls = offer["sandbox"]["polls"]
    if polls is None:
        return offer
    return {**offer, "sandbox": {**offer["sandbox"], "polls": polls - 1}} if polls > 0 else moved(offer, now)


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
        return EXPIRED
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
    step = pace["expiry" if offer["status"] == AWAITING else "upsells"]
    due = None if step["seconds"] is None else to_ms(at + timedelta(seconds=step["seconds"]))
    return {**offer, "sandbox": {**offer["sandbox"], "due": due, "polls": step["polls"]}}


def _steps(progression: Progression) -> Document:
    """`immediate` is a time of no length."""
    manual = progression.progression == "manual"
    seconds = progression.seconds if progression.progression == "time" else 0
    return {"seconds": None if manual else seconds, "polls": progression.polls if manual else None}


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
)
