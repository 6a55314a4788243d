"""`/__admin/clock`: the workspace's own time, read, set and advanced."""

from typing import Any

from flask import Blueprint, Response

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import json_object, json_response, reject_unknown_members, unprocessable
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.exchange.scenario_runner import changed_clock
from offer_sandbox.exchange.transitions import Event
from offer_sandbox.world.clock import Clock, ClockError, parse_duration, print_instant
from offer_sandbox.world.world import clock_from_json

resource = Blueprint("clock", __name__)


@resource.get("/clock")
def show() -> Response:
    """Mode and time."""
    with workspace() as (_, row):
        return json_response(_shown(clock_from_json(row.clock)))


@resource.put("/clock")
@accepts(body=True)
def change() -> Response:
    """Sets mode, time or both; what is left out stays."""
    body = json_object()
    reject_unknown_members(body, "mode", "now")
    with workspace() as (transaction, row):
        clock = _changed(clock_from_json(row.clock), body)
        services().scenario_runner.move(transaction, row, clock)
        return json_response(_shown(clock))


@resource.post("/clock/advance")
@accepts(body=True)
def advance() -> Response:
    """Moves the time forward and tells what that brought about, in order."""
    body = json_object()
    reject_unknown_members(body, "by")
    with workspace() as (transaction, row):
        clock = clock_from_json(row.clock)
        try:
            span = parse_duration(str(body.get("by", "")), clock.now())
            later = clock.advanced(span)
        except ClockError as error:
            raise unprocessable(str(error)) from None
        events = services().scenario_runner.move(transaction, row, later)
        return json_response({"now": print_instant(later.now()), "events": [_event(event) for event in events]})


def _changed(clock: Clock, body: dict[str, Any]) -> Clock:
    if body.get("mode", clock.mode) not in ("real", "frozen"):
        raise unprocessable(f"mode is real or frozen, not {body['mode']!r}")
    try:
        return changed_clock(clock, body)
    except ClockError as error:
        raise unprocessable(str(error)) from None


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
