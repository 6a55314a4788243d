"""`/__admin/clock`: reads, sets and advances a workspace's clock."""

from typing import Any

from flask import Response

from offer_sandbox.admin.call import Body, ControlCall
from offer_sandbox.admin.event_schema import EventSchema, event_to_json
from offer_sandbox.admin.fields import BodySchema, ShownSchema, instant
from offer_sandbox.admin.http import wrong
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.admin.slices import Steps, in_slices
from offer_sandbox.exchange.clock_advance import AdvancePlan, due_at, number_due
from offer_sandbox.exchange.scenario_runner import changed_clock
from offer_sandbox.rules.schema import CLOCK_VALUES
from offer_sandbox.schemas.fields import List, Nested, String, described, one_of
from offer_sandbox.world.clock import Clock, ClockError, parse_duration, print_instant
from offer_sandbox.world.json_codec import array_of, dump
from offer_sandbox.world.store import WorkspaceRow
from offer_sandbox.world.world import clock_from_json

_MODES = ("real", "frozen")
_MANY = 1_000  # changes to carry out at once
_ATTEMPTS = 4


class ClockChangeSchema(BodySchema):
    """The new mode, time or both. An omitted member keeps its value."""

    mode = String(
        validate=one_of(*_MODES), metadata=described("Whether the clock runs from now on.", values=CLOCK_VALUES)
    )
    now = String(
        metadata=described(
            "The new time: an ISO 8601 timestamp with a time zone, from 1970 to the year 9000.",
            example="2026-04-17T19:45:00Z",
        )
    )


class ClockSchema(ShownSchema):
    """A workspace's clock."""

    mode = String(
        required=True,
        validate=one_of(*_MODES),
        metadata=described("Whether the clock runs.", values=CLOCK_VALUES),
    )
    now = instant("The time that the clock shows.")


class ClockAdvanceSchema(BodySchema):
    """How far to advance the clock."""

    by = String(required=True, metadata=described("An ISO 8601 duration, from zero to `P3650D`.", example="P8D"))


class AdvancedClockSchema(ShownSchema):
    """The clock's new time, and the state changes that became due on the way."""

    now = instant("The new time.", "2026-04-25T19:45:00.000Z")
    events = List(
        Nested(EventSchema), required=True, metadata=described("The state changes, in order of their time.")
    )


@ControlCall(method="GET", path="/__admin/clock", answers={200: ClockSchema()})
def get_clock() -> Any:
    """Returns the mode and time of the workspace's clock.

    Expiry, progressions, tokens and the `ttl` of rules follow this clock. Delays and timeouts follow real time.
    """
    with workspace() as (_, row):
        return _shown(clock_from_json(row.clock))


@ControlCall(
    method="PUT",
    path="/__admin/clock",
    body=Body(shape=ClockChangeSchema(), example={"mode": "frozen", "now": "2026-04-17T19:45:00Z"}),
    answers={200: ClockSchema()},
)
def set_clock(body: dict[str, str]) -> Any:
    """Sets the mode or time of the workspace's clock, or both.

    An omitted member keeps its value. State changes that are due at the new time are carried out. The clock can
    also be set to an earlier time, but that undoes no state changes. Returns 422 for an invalid time.
    """
    with workspace() as (transaction, row):
        try:
            clock = changed_clock(clock_from_json(row.clock), body)
        except ClockError as error:
            raise wrong("now", str(error)) from None
        services().scenario_runner.move(transaction, row, clock)
        return _shown(clock)


@ControlCall(
    method="POST",
    path="/__admin/clock/advance",
    body=Body(shape=ClockAdvanceSchema(), example={"by": "P8D"}),
    answers={200: AdvancedClockSchema()},
)
def advance_clock(body: dict[str, str]) -> Response:
    """Advances the workspace's clock and returns the resulting state changes in order.

    The duration is at most 3650 days, and the clock cannot pass the year 9000. Beyond that, and for an invalid
    duration, returns 422.
    """
    return in_slices(lambda: _advanced(body["by"]))


def _advanced(by: str) -> Steps:
    """Advances the clock, in steps if many records change. If the records change meanwhile, begins again, and at
    last advances at once. Changes that change other records are carried out at once too."""
    here = services()
    entangled = False
    for attempt in range(_ATTEMPTS):
        with workspace() as (transaction, row):
            later = _later(row, by)
            few = number_due(transaction, row, due_at(later)) <= _MANY
            if few or entangled or attempt == _ATTEMPTS - 1:
                events = here.scenario_runner.move(transaction, row, later)
                break
        plan = AdvancePlan(here.providers, here.workspaces, row)
        yield from plan.compute(here.store, due_at(later))
        if entangled := plan.entangled:
            continue
        with workspace() as (transaction, row):
            later = _later(row, by)
            if plan.fits(transaction, row, due_at(later)):
                plan.store(transaction, row, later)
                events = plan.events
                break
    printed = []
    for event in events:
        printed.append(dump(event_to_json(event)))
        yield
    return {"now": print_instant(later.now()), "events": array_of(printed)}


def _later(row: WorkspaceRow, by: str) -> Clock:
    clock = clock_from_json(row.clock)
    try:
        return clock.advanced(parse_duration(by, clock.now()))
    except ClockError as error:
        raise wrong("by", str(error)) from None


def _shown(clock: Clock) -> dict[str, str]:
    return {"mode": clock.mode, "now": print_instant(clock.now())}
