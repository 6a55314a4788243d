"""`/__admin/clock`: the workspace's own time, read, set and advanced."""

from typing import Any

from flask import Blueprint, Response

from offer_sandbox.control.answers import answer
from offer_sandbox.control.body import json_object, misunderstood, only
from offer_sandbox.control.site import site, workspace
from offer_sandbox.exchange.settling import Event, settle
from offer_sandbox.world.clock import Clock, ClockError, parse_duration, parse_instant, print_instant
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import clock_from_json, clock_to_json

resource = Blueprint("clock", __name__)


@resource.get("/clock")
def show() -> Response:
    """Mode and time."""
    with workspace() as (_, row):
        return answer(_shown(clock_from_json(row.clock)))


@resource.put("/clock")
def change() -> Response:
    """Sets mode, time or both; what is left out stays."""
    given = json_object()
    only(given, "mode", "now")
    with workspace() as (transaction, row):
        clock = _changed(clock_from_json(row.clock), given)
        _move(transaction, row, clock)
        return answer(_shown(clock))


@resource.post("/clock/advance")
def advance() -> Response:
    """Moves the time forward and tells what that brought about, in order."""
    given = json_object()
    only(given, "by")
    with workspace() as (transaction, row):
        clock = clock_from_json(row.clock)
        try:
            span = parse_duration(str(given.get("by", "")), clock.now())
            later = clock.advanced(span)
        except ClockError as error:
            raise misunderstood(str(error)) from None
        events = _move(transaction, row, later)
        return answer({"now": print_instant(later.now()), "events": [_event(event) for event in events]})


def _changed(clock: Clock, given: dict[str, Any]) -> Clock:
    mode = given.get("mode", clock.mode)
    if mode not in ("real", "frozen"):
        raise misunderstood(f"mode is real or frozen, not {mode!r}")
    if "now" not in given:
        return clock if mode == clock.mode else clock.set(mode, clock.now())
    try:
        return clock.set(mode, parse_instant(str(given["now"])))
    except ClockError as error:
        raise misunderstood(str(error)) from None


def _move(transaction: Transaction, row: WorkspaceRow, clock: Clock) -> list[Event]:
    """Stores the clock and carries out what is due by its time, all providers together."""
    transaction.set_clock(row.id, clock_to_json(clock))
    events = []
    for provider in site().providers.values():
        world = site().workspaces.open(transaction, row.name, provider.name)
        events += settle(provider, world)
    return sorted(events, key=lambda event: event.at)


def _shown(clock: Clock) -> dict[str, str]:
    return {"mode": clock.mode, "now": print_instant(clock.now())}


def _event(event: Event) -> dict[str, str]:
    return {
        "provider": event.provider,
        "kind": event.kind,
        "id": event.id,
        "from": event.source,
        "to": event.target,
        "at": print_instant(event.at),
    }
