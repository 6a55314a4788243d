"""Advances a workspace's clock past many changes in steps, and stores all of them at once."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.consequences import consequences
from offer_sandbox.exchange.event import Event
from offer_sandbox.exchange.transitions import settled
from offer_sandbox.exchange.webhooks import Change, enqueue_many
from offer_sandbox.world.clock import Clock, to_ms
from offer_sandbox.world.collection import Collection, Row
from offer_sandbox.world.store import Store, Transaction, WorkspaceRow
from offer_sandbox.world.store.base import DueRow
from offer_sandbox.world.workspaces import Workspaces
from offer_sandbox.world.world import clock_to_json

_PAGE = 200  # records


@dataclass
class _Collected:
    """What becomes of the due records of one collection, of which the store has these versions."""

    provider: Provider
    kind: Collection
    versions: list[tuple[int, int]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    next_due: int | None = None


class AdvancePlan:
    """The changes of a workspace's records up to a time, computed before they are stored.

    `compute` reads the records in pages, between which other calls are answered. `fits` returns whether the store
    still has the records that were read, and `store` stores all changes. If a change would change other records,
    the plan is `entangled`: it stops there and cannot be stored, because it considers each record alone.
    """

    def __init__(self, providers: Mapping[str, Provider], workspaces: Workspaces, row: WorkspaceRow) -> None:
        self._providers = providers
        self._workspaces = workspaces
        self._row = row
        self._changes: list[_Collected] = []
        self.events: list[Event] = []
        self.entangled = False

    def compute(self, store: Store, until: int) -> Generator[None, None, None]:
        """Computes the changes that are due at an instant (ms), and yields after each page."""
        for provider in self._providers.values():
            for kind in store.collections(provider.name).values():
                if kind.timed:
                    changes = _Collected(provider, kind)
                    self._changes.append(changes)
                    yield from self._compute_collection(store, changes, until)
        self.events.sort(key=lambda event: event.at)

    def _compute_collection(self, store: Store, changes: _Collected, until: int) -> Generator[None, None, None]:
        last: DueRow | None = None
        while True:
            with store.transaction(writes=False) as transaction:
                page = transaction.due_page(self._row.id, changes.kind, until, last, _PAGE)
            if not page or self.entangled:
                return
            for each in page:
                self._add(changes, each, until)
            last = page[-1]
            yield

    def _add(self, changes: _Collected, found: DueRow, until: int) -> None:
        changes.versions.append((found.position, found.version))
        settlement = settled(changes.provider, changes.kind, found.document, until)
        if settlement.changes:
            changes.rows.append(changes.kind.row(settlement.document))
            changes.changes += settlement.changes if changes.provider.topics else []
            self.events += settlement.events
            self.entangled = self.entangled or any(
                consequences(changes.provider, self._row.settings, changes.kind.name, each.before, each.after)
                for each in settlement.changes
            )
            due = changes.kind.due(settlement.document)
            if due is not None:
                changes.next_due = due if changes.next_due is None else min(due, changes.next_due)

    def fits(self, transaction: Transaction, row: WorkspaceRow, until: int) -> bool:
        """Returns whether the changes are those of the workspace's records that are due at an instant (ms)."""
        same = (row.id, row.clock, row.settings, row.seed)
        return same == (self._row.id, self._row.clock, self._row.settings, self._row.seed) and all(
            (each.next_due is None or each.next_due > until)
            and transaction.due_versions(row.id, each.kind, until) == each.versions
            for each in self._changes
        )

    def store(self, transaction: Transaction, row: WorkspaceRow, clock: Clock) -> None:
        """Stores the clock, the records and their webhooks."""
        transaction.set_clock(row.id, clock_to_json(clock))
        moved = self._workspaces.row(transaction, row.name)
        for each in self._changes:
            world = self._workspaces.world(transaction, moved, each.provider.name)
            enqueue_many(each.provider, world, each.kind.name, each.changes)
            transaction.put_rows(row.id, each.kind, each.rows)


def number_due(transaction: Transaction, row: WorkspaceRow, until: int) -> int:
    """Returns how many records of a workspace are due at an instant (ms)."""
    kinds = [kind for kind in transaction.store.every() if kind.timed and kind.visible]
    return sum(len(transaction.due_versions(row.id, kind, until)) for kind in kinds)


def due_at(clock: Clock) -> int:
    """Returns the instant (ms) that a clock shows now."""
    return to_ms(clock.now())
