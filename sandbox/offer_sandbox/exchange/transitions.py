"""The timed transitions of a workspace's records, applied when they are due."""

import logging
from datetime import datetime
from typing import NamedTuple

from offer_sandbox.contract import Provider, Transition
from offer_sandbox.exchange.event import Event
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
            settlement = settled(provider, kind, document, to_ms(world.now))
            for change in settlement.changes:
                enqueue(provider, world, kind.name, change.before, change.after, change.at)
            if settlement.changes:
                world.put(kind.name, settlement.document)
            events += settlement.events
    return sorted(events, key=lambda event: event.at)


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
        document = after
        if row.target != row.source:
            events.append(_event(provider, kind, row, document, from_ms(due)))
    return Settlement(changes, events, document)


def _event(provider: Provider, kind: Collection, row: Transition, document: Document, at: datetime) -> Event:
    return Event(
        provider=provider.name,
        kind=kind.name,
        id=document[kind.key],
        source=row.source,
        target=row.target,
        at=at,
    )


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
        log.exception("cannot apply the due transition of %s.%s/%s", provider.name, kind.name, id)
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
