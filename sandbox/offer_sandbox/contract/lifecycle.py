"""The changes of records: progressions, transitions and the webhooks that report changes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.world.clock import LATEST, to_ms
from offer_sandbox.world.collection import Document

MAX_SECONDS = 315_360_000
_NEVER_SHOWN = to_ms(LATEST) + 1  # no clock of a workspace gets there
MAX_POLLS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Progression:
    """The pace of an asynchronous step.

    - `progression`: `immediate`, `time` (after some time on the workspace's clock) or `manual` (after a number of
      reads).
    - `seconds`: the time until a `time` step moves on, in seconds. The default is 0.
    - `polls`: the number of reads that a `manual` step waits for. The next read moves the record on. The default
      is 0.
    """

    progression: Literal["immediate", "time", "manual"]
    seconds: int = 0
    polls: int = 0

    def planned(self, now: datetime) -> tuple[int | None, int | None]:
        """Returns when a step that begins now moves on: the time in milliseconds and the number of reads. One of
        them is always None. An `immediate` step is due now, so it happens before the record is read again."""
        if self.progression == "manual":
            return None, self.polls
        seconds = self.seconds if self.progression == "time" else 0
        return min(to_ms(now + timedelta(seconds=seconds)), _NEVER_SHOWN), None


def after_read(
    record: Document, now: datetime, moves: Callable[[Document, datetime], Document] | None
) -> Document:
    """Returns the record after one more read.

    Under `manual` progression, the record's `sandbox.polls` counts down the reads. The read after the last one
    moves the record on, and already counts as a read of the new state. `moves` returns the record in its new
    state. It is None if reads do not end the present state.
    """
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


def always(_: Document) -> bool:
    """The condition of what concerns every record."""
    return True


def never(_: Document) -> bool:
    """The `when` of a transition that neither time nor reads cause: only another record's change, or a request."""
    return False


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A change of a record from one state to another.

    A record changes by itself (when its due time arrives, or after a number of reads), or because of a call. The
    collection computes the due time (`Collection.due`).

    - `collection`: the name of the record's collection.
    - `source`: the state before. Empty if a call creates the record.
    - `event`: the cause. A short description if the record changes by itself, otherwise the name of the operation.
    - `target`: the state after.
    - `apply`: returns the new document from the old one and the time of the change. None (the default) if a call
      changes the record.
    - `when`: returns whether the transition applies to a document. It chooses between transitions with the same
      source. The default is always True.
    - `on_request`: returns whether the control API can request the transition of a document. None (the default) is
      the same as `when`.
    """

    collection: str
    source: str
    event: str
    target: str
    apply: Callable[[Document, datetime], Document] | None = None
    when: Callable[[Document], bool] = always
    on_request: Callable[[Document], bool] | None = None

    def requestable(self, document: Document) -> bool:
        """Returns whether the control API can request the transition of a record in the state before."""
        return self.apply is not None and (self.on_request or self.when)(document)


def by_call(collection: str, operation: str, changes: Iterable[tuple[str, str]]) -> tuple[Transition, ...]:
    """Returns the transitions that an operation makes, one for each pair of source and target state. An empty
    source means that the operation creates the record."""
    return tuple(
        Transition(collection=collection, source=source, event=operation, target=target)
        for source, target in changes
    )


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What the change of a record does to other records of the same provider.

    It follows a change by a call, by time or on request, but not an edit through the state API. The changes that
    it makes have no consequences.

    - `collection`: the name of the changed record's collection.
    - `follows`: returns whether a change has the consequence. Its arguments are the record before (None for a new
      record) and after the change.
    - `apply`: returns the other records after the consequence, each with its collection's name. Its arguments are
      the world, the changed record and the time of the change. It stores nothing itself: each record is stored
      before the next one is asked for.
    - `enabled`: returns whether the workspace's settings turn it on. The default is always True.
    """

    collection: str
    follows: Callable[[Document | None, Document], bool]
    apply: Callable[["World", Document, datetime], Iterable[tuple[str, Document]]]
    enabled: Callable[[Document], bool] = always


if TYPE_CHECKING:  # providers bring the schemas, so this layer does not import marshmallow when it runs
    from marshmallow import Schema

    from offer_sandbox.world.world import World

BACKOFF = (10, 60, 300, 1800, 7200)


@dataclass(frozen=True, kw_only=True, eq=False)
class Webhook:
    """A type of event that a provider sends.

    - `topic`: the name of the event, which `Provider.topics` lists too.
    - `collection`: the name of the collection whose changes the event reports.
    - `summary`: a short description for the OpenAPI document.
    - `evidence`, `source`: how far the event is documented, and where. See Outcome.
    - `body`: the schema of the JSON body.
    - `triggers`: returns whether a change sends the event. Its arguments are the record before (None for a new
      record) and after the change.
    - `render`: returns the JSON body for a record and the workspace's switches.
    - `applies`: returns whether a record can have such an event at all. The default is always True.
    - `headers`: additional headers of the request. Empty by default.
    - `backoff`: the seconds on the workspace's clock between one failed attempt and the next. The webhook is
      abandoned if the attempt after the last wait fails. The default is BACKOFF.
    """

    topic: str
    collection: str
    summary: str
    evidence: Evidence
    source: str
    body: "Schema"
    triggers: Callable[[Document | None, Document], bool]
    render: Callable[[Document, Mapping[str, str | bool]], Any]
    applies: Callable[[Document], bool] = always
    headers: Mapping[str, str] = field(default_factory=dict)
    backoff: tuple[int, ...] = BACKOFF
