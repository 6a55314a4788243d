"""Creates workspaces on first use, adds their fixtures, and deletes idle workspaces."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from offer_sandbox.world.clock import Clock, real_ms, stopwatch
from offer_sandbox.world.collection import Document
from offer_sandbox.world.keys import opens, workspace_of
from offer_sandbox.world.limits import LimitReached, Limits, UnknownWorkspace
from offer_sandbox.world.store import Store, Transaction, WorkspaceHead, WorkspaceRow
from offer_sandbox.world.world import World, clock_from_json, clock_to_json

Fixtures = Callable[[str, int, datetime], dict[str, list[Document]]]
_MAX_TOUCHED = 10_000
_JUMP_MS = 10_000
_USED_MS = 60_000  # precision of the last use that the store records


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The initial state of every workspace: its seed, the mode of its clock and the settings that differ from the
    defaults. The clock starts at `now`, or at the time of the first use."""

    seed: int
    mode: str = "real"
    now: datetime | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def clock(self) -> Clock:
        """Returns the clock of a workspace that is created at this moment."""
        if self.mode == "real" and self.now is None:
            return Clock()
        return Clock().set(self.mode, self.now or Clock().now())


class Workspaces:
    """A server's workspaces. If they are `keyed`, a call can use only workspaces that were created explicitly.

    `making` is called with a workspace's name before it is created. `begun` is called with each new workspace, and
    again after a reset of its rules, to start the server's scenario there. `dropped` is called with a workspace's
    name after its deletion is committed.
    """

    def __init__(
        self, beginning: Beginning, fixtures: Fixtures, limits: Limits | None = None, *, keyed: bool = False
    ) -> None:
        self.beginning = beginning
        self.limits = limits or Limits()
        self.keyed = keyed
        self.begun: Callable[[Transaction, WorkspaceRow], None] = lambda _, __: None
        self.making: Callable[[str], None] = lambda _: None
        self.dropped: Callable[[str], None] = lambda _: None
        self._fixtures = fixtures
        idle = self.limits.idle_seconds
        self._idle_ms = None if idle is None else int(idle * 1000)
        self._used_ms = _USED_MS if idle is None else min(_USED_MS, int(idle * 100))
        self._next_look = 0
        self._looked = real_ms(), stopwatch()
        self._spared_until = 0
        self._touched: dict[str, int] = {}

    def opened_by(self, store: Store, key: str) -> str | None:
        """Returns the workspace that a key opens, or None. If keys need not have been issued, a key opens the
        workspace that it names."""
        name = workspace_of(key)
        if name is None or not self.keyed:
            return name
        with store.transaction(writes=False) as transaction:
            row = transaction.workspace(name)
        return name if row is not None and opens(key, row.key) else None

    def tidy(self, store: Store) -> None:
        """Deletes the workspaces that have been idle for too long, if the next check is due. Uses its own
        transaction, because the result of a call must not affect it.

        The time during which the machine was suspended does not count. If its clock jumps, nothing is deleted for
        as long as a workspace may be idle.
        """
        if self._idle_ms is None or (now := real_ms()) < self._next_look:
            return
        self._next_look = now + self._used_ms
        if self._jumped(now):
            self._spared_until = now + self._idle_ms
        if now < self._spared_until:
            return
        with store.transaction() as transaction:
            idle = transaction.idle(now - self._idle_ms)
            for row in idle:
                transaction.drop_workspace(row.id)
        for row in idle:
            self.dropped(row.name)

    def _jumped(self, now: int) -> bool:
        """Returns whether the machine's clock has advanced further than time has passed since the last call."""
        (clock, passed), self._looked = self._looked, (now, stopwatch())
        return now - clock - (self._looked[1] - passed) * 1000 > _JUMP_MS

    def row(self, transaction: Transaction, name: str) -> WorkspaceRow:
        """Returns the workspace with this name, and creates it if it does not exist. Raises LimitReached if there
        is no room for it, UnknownWorkspace if it must be created explicitly."""
        found = transaction.workspace(name)
        if found is None:
            if self.keyed:
                raise UnknownWorkspace(name)
            return self.add(transaction, name, self.beginning.seed)
        return self._noted(transaction, found)

    def to_be_noted(self, head: WorkspaceHead) -> bool:
        """Returns whether a call must first write to the workspace: its fixtures or the time of its last use."""
        return not head.seeded or real_ms() - head.row.used >= self._used_ms

    def add(self, transaction: Transaction, name: str, seed: int) -> WorkspaceRow:
        """Creates a workspace that does not exist yet, with this seed. Raises LimitReached."""
        if not transaction.has_room(self.limits.workspaces):
            raise LimitReached(
                f"the server can have at most {self.limits.workspaces} workspaces (make room with DELETE"
                " /__admin/workspaces/{name}, or allow more with serve --max-workspaces)"
            )
        self.making(name)
        clock = clock_to_json(self.beginning.clock())
        made = transaction.add_workspace(name, seed, clock, real_ms())
        transaction.set_settings(made.id, self.beginning.settings)
        self.begun(transaction, replace(made, settings=self.beginning.settings))
        found = transaction.workspace(name)
        assert found is not None
        return found

    def open(self, transaction: Transaction, name: str, provider: str) -> World:
        """Returns a provider's part of the workspace, with its fixtures. Raises the same exceptions as `row`."""
        return self._seeded(self.world(transaction, self.row(transaction, name), provider))

    def opened_by_row(self, transaction: Transaction, row: WorkspaceRow, provider: str) -> World:
        """Like `open`, for a workspace that was just read. Writes only if the provider's fixtures are missing."""
        world = self.world(transaction, row, provider)
        return world if provider in transaction.seeded(row.id) else self._seeded(world)

    def touch(self, store: Store, name: str) -> None:
        """Stores that a workspace is in use, if the stored time of its last use is too old. Does nothing for a
        workspace that does not exist, and if no workspace is ever deleted."""
        now = real_ms()
        if self._idle_ms is None or now - self._touched.get(name, 0) < self._used_ms:
            return
        if len(self._touched) > _MAX_TOUCHED:
            self._touched.clear()
        self._touched[name] = now
        with store.transaction() as transaction:
            row = transaction.workspace(name)
            if row is not None:
                self._noted(transaction, row)

    @property
    def watch_seconds(self) -> float | None:
        """How often a workspace must be touched to stay in use, in seconds. None if none is ever deleted."""
        return None if self._idle_ms is None else self._used_ms / 1000

    def opened(self, transaction: Transaction, head: WorkspaceHead | None, name: str, provider: str) -> World:
        """Like `open`, for a workspace whose head was just read (None: it does not exist)."""
        if head is None:
            return self.open(transaction, name, provider)
        world = self.world(transaction, self._noted(transaction, head.row), provider)
        return world if head.seeded else self._seeded(world)

    def world(self, transaction: Transaction, row: WorkspaceRow, provider: str) -> World:
        """Returns a provider's part of a workspace without adding fixtures."""
        now = clock_from_json(row.clock).now()
        kinds = transaction.store.collections(provider)
        return World(transaction, row, provider, now, kinds, max_records=self.limits.records, keyed=self.keyed)

    def _noted(self, transaction: Transaction, row: WorkspaceRow) -> WorkspaceRow:
        """Returns the workspace, and stores the time of this use if the stored one is too old."""
        now = real_ms()
        if now - row.used >= self._used_ms:
            transaction.set_used(row.id, now)
        return row

    def _seeded(self, world: World) -> World:
        """Returns the provider's part, and adds its fixtures if they are missing."""
        if not world.transaction.mark_seeded(world.row.id, world.provider):
            return world
        for collection, documents in self._fixtures(world.provider, world.row.seed, world.now).items():
            # ignores the record limit: a read must not be refused because of the fixtures that it adds
            world.transaction.put(world.row.id, world.kinds[collection], documents)
        return world
