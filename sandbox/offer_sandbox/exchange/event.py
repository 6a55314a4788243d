"""An event: a record's change from one state to another, as the clock and the journal report it."""

from dataclasses import dataclass
from datetime import datetime

from offer_sandbox.world.collection import Collection, Document


@dataclass(frozen=True, kw_only=True)
class Event:
    """A record's change from one state to another, at a time of the workspace's clock."""

    provider: str
    kind: str
    id: str
    source: str
    target: str
    at: datetime


def events_of(kind: Collection, before: Document, after: Document, at: datetime) -> list[Event]:
    """Returns the event of a change, or nothing if the record has the same state as before."""
    if kind.state is None or (source := kind.state(before)) == (target := kind.state(after)):
        return []
    id = str(after[kind.key])
    return [Event(provider=kind.provider, kind=kind.name, id=id, source=source, target=target, at=at)]
