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
    while (due := kind.due(document)) is not None and due <= to_ms(world.now):
        row = _row(provider, kind, document)
        if row is None:
            return  # a record inserted by hand, in a state without timed transitions
        assert row.apply is not None
        at = from_ms(due)
        before = document
        try:
            document = row.apply(before, at)
        except Exception:  # only a bad record inserted by hand, which must not block its own repair
            log.exception(
                "cannot apply the due transition of %s.%s/%s", provider.name, kind.name, before[kind.key]
            )
            return
        enqueue(provider, world, kind.name, before, document, at)
        world.put(kind.name, document)
        yield Event(
            provider=provider.name,
            kind=kind.name,
            id=document[kind.key],
            source=row.source,
            target=row.target,
            at=at,
        )


def _row(provider: Provider, kind: Collection, document: Document) -> Transition | None:
    assert kind.state is not None
    state = kind.state(document)
    rows = (
        row
        for row in provider.parts.transitions
        if row.collection == kind.name and row.source == state and row.apply
    )
    return next((row for row in rows if row.when(document)), None)
