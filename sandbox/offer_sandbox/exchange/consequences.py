"""Carries out what the changes of records do to other records."""

from collections.abc import Iterable
from datetime import datetime

from offer_sandbox.contract import Consequence, Provider
from offer_sandbox.exchange.event import Event, events_of
from offer_sandbox.exchange.webhooks import enqueue
from offer_sandbox.world.collection import Document
from offer_sandbox.world.world import Change, World


def consequences(
    provider: Provider, settings: Document, collection: str, before: Document | None, after: Document
) -> list[Consequence]:
    """Returns the consequences of a change in a workspace with these settings."""
    return [
        each
        for each in provider.parts.consequences
        if each.collection == collection and each.enabled(settings) and each.follows(before, after)
    ]


def carry_out(
    provider: Provider, world: World, collection: str, before: Document | None, after: Document, at: datetime
) -> list[Event]:
    """Stores the records that a change of a record changes, one after the other, with their webhooks. Returns the
    events. A listener of the world would create the webhooks too, so there must be none."""
    assert world.watch is None
    return [
        event
        for consequence in consequences(provider, world.row.settings, collection, before, after)
        for name, record in consequence.apply(world, after, at)
        for event in _stored(provider, world, name, record, at)
    ]


def carry_out_all(provider: Provider, world: World, changes: Iterable[Change]) -> None:
    """Stores what the changes of a call change in other records."""
    for change in changes:
        carry_out(provider, world, change.collection, change.before, change.after, world.now)


def _stored(provider: Provider, world: World, name: str, record: Document, at: datetime) -> list[Event]:
    kind = world.kinds[name]
    former = world.get(name, str(record[kind.key]))
    assert former is not None, f"a consequence changes {name} that are stored"
    enqueue(provider, world, name, former, record, at)
    world.put(name, record)
    return events_of(kind, former, record, at)
