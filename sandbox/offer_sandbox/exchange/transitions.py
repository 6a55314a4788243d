"""The timed transitions of a workspace's records, applied when they are due."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from offer_sandbox.contract import Provider, Transition
from offer_sandbox.exchange.webhooks import enqueue
from offer_sandbox.world.clock import from_ms, to_ms
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.world import World

log = logging.getLogger("offer_sandbox")


@dataclass(frozen=True, kw_only=True)
class Event:
    """A record's change from one state to another, at a time of the workspace's clock."""

    provider: str
    kind: str
    id: str
    source: str
    target: str
    at: datetime


def apply_due_transitions(provider: Provider, world: World) -> list[Event]:
    """Applies the transitions of the provider's records that are due by the world's `now`, and stores the records.
    Returns the events in order of time."""
    events = [
        event
        for kind in world.kinds.values()
        if kind.timed
        for document in world.due(kind.name)
        for event in _settle_record(provider, world, kind, document)
    ]
    return sorted(events, key=lambda event: event.at)


def _settle_record(provider: Provider, world: World, kind: Collection, document: Document) -> Iterator[Event]:
    """Yields the events of one record, and stores it after its last change. A renewal, which does not change the
    state, is no event."""
    stored = document
    while (due := kind.due(document)) is not None and due <= to_ms(world.now):
        row = next_by_time(provider, kind, document)
        after = None if row is None else _applied(provider, kind, row, document, from_ms(due))
        if row is None or after is None:
            break
        enqueue(provider, world, kind.name, document, after, from_ms(due))
        document = after
        if row.target != row.source:
            yield Event(
                provider=provider.name,
                kind=kind.name,
                id=document[kind.key],
                source=row.source,
                target=row.target,
                at=from_ms(due),
            )
    if document is not stored:
        world.put(kind.name, document)


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
