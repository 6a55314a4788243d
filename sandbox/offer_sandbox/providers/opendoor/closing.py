"""Pure functions for the life of an offer after it was made: handover, underwriting, contract, closing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from offer_sandbox.contract import Progression, Transition, never
from offer_sandbox.providers.opendoor.stages import (
    CLOSED,
    ENTERED_CONTRACT,
    EXPIRED,
    HANDOVER,
    OFFERED,
    UNDERWRITING_COMPLETED,
    WITHDRAWN,
    changed,
    stage_of,
)
from offer_sandbox.world.clock import print_instant, to_ms
from offer_sandbox.world.collection import Document

CLOSING = "opendoor.closing"
REPAIR_CENTS = 450_000  # what the underwriting finds
_ESCROW = timedelta(days=30)  # from the contract to the planned closing
_AT_ONCE = Progression(progression="immediate")
_NEXT = {
    OFFERED: HANDOVER,
    HANDOVER: UNDERWRITING_COMPLETED,
    UNDERWRITING_COMPLETED: ENTERED_CONTRACT,
    ENTERED_CONTRACT: CLOSED,
}
_OPEN = (OFFERED, HANDOVER, UNDERWRITING_COMPLETED)  # the stages in which an offer can expire
_EVENTS = {
    HANDOVER: "the seller opens the offer",
    UNDERWRITING_COMPLETED: "the underwriting is completed",
    ENTERED_CONTRACT: "the seller enters into a contract",
    CLOSED: "the sale closes",
    WITHDRAWN: "the offer is withdrawn",
    EXPIRED: "the offer expires",
}


def with_pace(record: Document, pace: Progression | None) -> Document:
    """Returns a submitted request that keeps the pace of the steps after its offer. Without a pace there are none,
    unless the offer is to be withdrawn, which then happens at once."""
    if pace is None and not is_to_be_withdrawn(record):
        return record
    pace = pace or _AT_ONCE
    kept = {"progression": pace.progression, "seconds": pace.seconds, "polls": pace.polls}
    return changed(record, closing={**kept, "due": None})


def is_to_be_withdrawn(record: Document) -> bool:
    """Returns whether the fate of a request is that its offer is withdrawn."""
    return record["sandbox"]["fate"].get("withdrawn", False) is True


def scheduled(record: Document, at: datetime) -> Document:
    """Returns a request with an offer that has reached its stage at this time, and the time of its next change: a
    step or the expiry, whichever is earlier."""
    stage = stage_of(record)
    expiry = _expiry(record) if stage in _OPEN else None
    pace = record["sandbox"].get("closing")
    if pace is None:
        return changed(record, due=expiry, polls=None)
    due, polls = _pace(pace).planned(at) if _next(record) else (None, None)
    if due is not None and expiry is not None and due >= expiry:
        due = None
    times = [each for each in (due, expiry) if each is not None]
    return changed(record, due=min(times, default=None), polls=polls, closing={**pace, "due": due})


def stepped(record: Document, at: datetime) -> Document:
    """Returns a request after the next step of its offer."""
    return _STEPS[_next(record)](record, at)


def awaits_reads(record: Document) -> bool:
    """Returns whether reads bring the next step."""
    return bool(record["sandbox"].get("closing")) and _next(record) != ""


def shown(record: Document, stage: str, at: datetime) -> Document:
    """Returns a request with an offer in a later stage, for a read that forces it."""
    way = [HANDOVER, WITHDRAWN] if stage == WITHDRAWN else list(_NEXT.values())
    for each in way[: way.index(stage) + 1]:
        record = _STEPS[each](record, at)
    return record


def without_later(record: Document) -> Document:
    """Returns a request as it was before anything happened to its offer."""
    return {**record, "handoverAt": None}


def has_data(record: Document) -> bool:
    """Returns whether a request has the data of its offer."""
    return record["offerData"] is not None


def expired(record: Document, at: datetime) -> Document:
    """Returns a request whose offer has expired. An offer that would expire later, expires now."""
    over = changed(record, stage=EXPIRED, due=None, polls=None)
    expiry = _expiry(record)
    if expiry is None or expiry <= to_ms(at):
        return over
    now = print_instant(at)
    return {**over, "offerData": {**record["offerData"], **expiring(now)}}


def expiring(at: str) -> Document:
    """Returns the members of OfferData that tell when the offer expires."""
    return {"expiresAt": at, "expirationAt": at, "expirationAtDisplayDate": at[:10]}


def _pace(kept: Document) -> Progression:
    return Progression(progression=kept["progression"], seconds=kept["seconds"], polls=kept["polls"])


def _expiry(record: Document) -> int | None:
    at = record["offerData"] and record["offerData"]["expirationAt"]
    return to_ms(datetime.fromisoformat(at)) if at else None


def _next(record: Document) -> str:
    """Returns the stage to which the next step leads, or an empty string after the last one, and for an offer
    whose data somebody has removed by hand."""
    stage = stage_of(record) if has_data(record) else ""
    return WITHDRAWN if stage == HANDOVER and is_to_be_withdrawn(record) else _NEXT.get(stage, "")


def _is_next(stage: str, record: Document) -> bool:
    """Returns whether the next change of a request by time is the step to a stage: the step, not the expiry, is
    next if it is due when the request is."""
    due = (record["sandbox"].get("closing") or {}).get("due")
    return due is not None and due == record["sandbox"]["due"] and _next(record) == stage


def _day(at: datetime) -> str:
    """Returns a time as Opendoor prints these: the beginning of the day in UTC."""
    return print_instant(at.replace(hour=0, minute=0, second=0, microsecond=0))


def _with(record: Document, at: datetime, **data: Any) -> Document:
    return scheduled({**record, "offerData": {**record["offerData"], **data}}, at)


def _handed_over(record: Document, at: datetime) -> Document:
    return scheduled({**record, "handoverAt": _day(at)}, at)


def _underwritten(record: Document, at: datetime) -> Document:
    """Returns the request after the underwriting: the offer is no longer preliminary, so it has no range."""
    ranges = {"headlineValuationRangeStart": None, "headlineValuationRangeEnd": None}
    return _with(record, at, underwritingCompletedAt=_day(at), repairCostCents=REPAIR_CENTS, **ranges)


def _in_contract(record: Document, at: datetime) -> Document:
    return _with(record, at, enteredContractAt=_day(at), coeDate=_day(at + _ESCROW))


def _closed(record: Document, at: datetime) -> Document:
    return _with(record, at, closedAt=_day(at), coeDate=_day(at))


def _withdrawn(record: Document, at: datetime) -> Document:
    return _with(record, at, withdrawnAt=_day(at))


_STEPS: dict[str, Callable[[Document, datetime], Document]] = {
    HANDOVER: _handed_over,
    UNDERWRITING_COMPLETED: _underwritten,
    ENTERED_CONTRACT: _in_contract,
    CLOSED: _closed,
    WITHDRAWN: _withdrawn,
}


def _row(source: str, target: str, apply: Callable[[Document, datetime], Document], **declared: Any) -> Transition:
    return Transition(
        collection="offerRequests",
        source=source,
        event=_EVENTS[target],
        target=target,
        apply=apply,
        on_request=has_data,
        **declared,
    )


def _step(source: str, target: str) -> Transition:
    return _row(source, target, _STEPS[target], when=lambda record: _is_next(target, record))


TRANSITIONS = (
    *(_step(source, target) for source, target in _NEXT.items()),
    _step(HANDOVER, WITHDRAWN),
    *(
        _row(source, WITHDRAWN, _withdrawn, when=never)
        for source in (OFFERED, UNDERWRITING_COMPLETED, ENTERED_CONTRACT)
    ),
    *(_row(source, EXPIRED, expired) for source in _OPEN),
)
