"""The transitions of a workspace's records, applied when they are due or on request."""

import logging
from datetime import datetime
from typing import NamedTuple

from offer_sandbox.contract import Provider, Transition
from offer_sandbox.exchange.consequences import carry_out
from offer_sandbox.exchange.event import Event, events_of
from offer_sandbox.exchange.webhooks import Change, enqueue
from offer_sandbox.world.clock import from_ms, to_ms
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.world import World

log = logging.getLogger("offer_sandbox")


def apply_due_transitions(provider: Provider, world: World) -> list[Event]:
    """Applies the transitions of the provider's records that are due by the world's `now`, and stores the records.
    Returns the events in order of time."""
    events: list[Event] = []
    for kind in world.kinds.values():
        for document in world.due(kind.name) if kind.timed else ():
            present = _present(provider, world, kind, document)
            settlement = settled(provider, kind, present, to_ms(world.now))
            events += [*settlement.events, *_store(provider, world, kind, settlement)]
    return sorted(events, key=lambda event: event.at)


def _present(provider: Provider, world: World, kind: Collection, document: Document) -> Document:
    """Returns a record that was due, as the consequences of earlier changes have left it."""
    if not provider.parts.consequences or not world.changes:
        return document
    return world.get(kind.name, str(document[kind.key])) or document


def _store(provider: Provider, world: World, kind: Collection, settlement: "Settlement") -> list[Event]:
    """Stores a record that has changed, its webhooks and the consequences. Returns the events of the
    consequences."""
    if not settlement.changes:
        return []
    for change in settlement.changes:
        enqueue(provider, world, kind.name, change.before, change.after, change.at)
    world.put(kind.name, settlement.document)
    return [
        event
        for change in settlement.changes
        for event in carry_out(provider, world, kind.name, change.before, change.after, change.at)
    ]


def request_transition(
    provider: Provider, world: World, kind: Collection, document: Document, target: str
) -> list[Event] | None:
    """Carries out a transition of a record to a state at the world's `now`, whether or not it is due. Returns the
    events, or None if the record has no such transition."""
    row = next((each for each in requestable(provider, kind, document) if each.target == target), None)
    after = None if row is None else _applied(provider, kind, row, document, world.now)
    if after is None:
        return None
    change = Change(document, after, world.now)
    own = events_of(kind, document, after, world.now)
    return [*own, *_store(provider, world, kind, Settlement([change], own, after))]


def requestable(provider: Provider, kind: Collection, document: Document) -> list[Transition]:
    """Returns the transitions to other states that the control API can request of a record."""
    state = kind.state(document) if kind.state else ""
    return [
        row
        for row in provider.parts.transitions
        if row.collection == kind.name
        and row.source == state
        and row.target != state
        and row.requestable(document)
    ]


class Settlement(NamedTuple):
    """What has become of a record by a certain time: its changes, their events and the record."""

    changes: list[Change]
    events: list[Event]
    document: Document


def settled(provider: Provider, kind: Collection, document: Document, now: int) -> Settlement:
    """Returns what becomes of a record by an instant (ms). A renewal, which does not change the state, is no
    event."""
    changes: list[Change] = []
    events: list[Event] = []
    while (due := kind.due(document)) is not None and due <= now:
        row = next_by_time(provider, kind, document)
        after = None if row is None else _applied(provider, kind, row, document, from_ms(due))
        if row is None or after is None:
            break
        changes.append(Change(document, after, from_ms(due)))
        events += events_of(kind, document, after, from_ms(due))
        document = after
    return Settlement(changes, events, document)


def _applied(
    provider: Provider, kind: Collection, row: Transition, document: Document, at: datetime
) -> Document | None:
    """Returns the record after a transition, or None if the transition fails. Only a bad record inserted by hand
    makes it fail, and that must not block its own repair."""
    assert row.apply is not None
    try:
        return row.apply(document, at)
    except Exception:
        id = document[kind.key]
        log.exception("cannot apply the transition to %s of %s.%s/%s", row.target, provider.name, kind.name, id)
        return None


def next_change(provider: Provider, kind: Collection, document: Document) -> tuple[Transition, datetime] | None:
    """Returns the next transition that time causes and its time, or None if there is none. A renewal, which does
    not change the state, is none."""
    due = kind.due(document)
    row = next_by_time(provider, kind, document) if due is not None and kind.state else None
    return None if due is None or row is None or row.target == row.source else (row, from_ms(due))


def next_by_time(provider: Provider, kind: Collection, document: Document) -> Transition | None:
    """Returns the transition that time causes next. A record inserted by hand may be in a state without one."""
    assert kind.state is not None
    state = kind.state(document)
    rows = (
        row
        for row in provider.parts.transitions
        if row.collection == kind.name and row.source == state and row.apply
    )
    return next((row for row in rows if row.when(document)), None)
