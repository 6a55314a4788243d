"""An event: a record's change from one state to another, as the clock and the journal report it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """A record's change from one state to another, at a time of the workspace's clock."""

    provider: str
    kind: str
    id: str
    source: str
    target: str
    at: datetime
