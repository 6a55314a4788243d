"""How records change by themselves: progressions, transitions and the webhooks of changes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Document

MAX_SECONDS = 315_360_000
MAX_POLLS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Progression:
    """How an asynchronous step moves on: `immediate`, `time` (`seconds` on the clock) or `manual` (`polls`)."""

    progression: Literal["immediate", "time", "manual"]
    seconds: int = 0
    polls: int = 0

    def planned(self, now: datetime) -> tuple[int | None, int | None]:
        """When a step that begins now moves on: at what time (ms) or after how many reads, the other None. What
        is due at once (`immediate`) happens before the next look at the record."""
        if self.progression == "manual":
            return None, self.polls
        seconds = self.seconds if self.progression == "time" else 0
        return to_ms(now + timedelta(seconds=seconds)), None


def after_read(
    record: Document, now: datetime, moves: Callable[[Document, datetime], Document] | None
) -> Document:
    """A record after one more read. Under `manual` progression reads are counted down in its `sandbox.polls`, and
    the one after the last moves the record on; that read counts for the state which it shows, too. `moves` is what
    becomes of it then (None: it is in a state that reads do not end)."""
    polls = record["sandbox"]["polls"]
    if moves is None or polls is None:
        return record
    if polls > 0:
        return _with_polls(record, polls - 1)
    after = moves(record, now)
    left = after["sandbox"]["polls"]
    return _with_polls(after, left - 1) if left else after


def _with_polls(record: Document, polls: int) -> Document:
    return {**record, "sandbox": {**record["sandbox"], "polls": polls}}


def _always(_: Document) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A record of `collection` goes from state `source` to `target` by an `event`.

    Where it goes by itself, when its due time comes or after as many reads, the event is told in words, `apply`
    makes the new document from the old one and the instant of the change, and `when` chooses between rows with the
    same source. The due time itself is the collection's. Where a call changes it, the event is the operation's
    name, and there is nothing to apply; `source` is empty where the call makes the record.
    """

    collection: str
    source: str
    event: str
    target: str
    apply: Callable[[Document, datetime], Document] | None = None
    when: Callable[[Document], bool] = _always


def by_call(collection: str, operation: str, changes: Iterable[tuple[str, str]]) -> tuple[Transition, ...]:
    """The transitions that an operation makes, each from a state (empty: none yet) to another."""
    return tuple(
        Transition(collection=collection, source=source, event=operation, target=target)
        for source, target in changes
    )


if TYPE_CHECKING:  # schemas are the provider's; this layer stays with the standard library
    from marshmallow import Schema

BACKOFF = (10, 60, 300, 1800, 7200)


@dataclass(frozen=True, kw_only=True, eq=False)
class Webhook:
    """A kind of event.

    `triggers` says whether the change of a record of `collection` (its former self, None for a new one, and the
    present one) is told; `render` makes the JSON body of a record, with the workspace's switches; `body` is
    its schema. `headers` go along. `backoff` are the seconds on the workspace's clock between one failed try
    and the next; after the last it is given up.
    """

    topic: str
    collection: str
    summary: str
    evidence: Evidence
    source: str
    body: "Schema"
    triggers: Callable[[Document | None, Document], bool]
    render: Callable[[Document, Mapping[str, str | bool]], Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    backoff: tuple[int, ...] = BACKOFF
