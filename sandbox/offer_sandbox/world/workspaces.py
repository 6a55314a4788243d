"""Opens workspaces: makes them on first use, puts fixtures in, drops those that nobody calls any more."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from offer_sandbox.world.clock import Clock, real_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.keys import opens, workspace_of
from offer_sandbox.world.limits import LimitReached, Limits, UnknownWorkspace
from offer_sandbox.world.store import Store, Transaction, WorkspaceHead, WorkspaceRow
from offer_sandbox.world.world import World, clock_from_json, clock_to_json

Fixtures = Callable[[str, int], dict[str, list[Document]]]
_USED_MS = 60_000  # how exactly the store knows when a workspace was used


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """How every workspace begins: its seed, the mode of its clock (at `now`, or at the moment of its first use),
    and what its settings differ in from the defaults."""

    seed: int
    mode: str = "real"
    now: datetime | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def clock(self) -> Clock:
        """The clock of a workspace that begins at this moment."""
        if self.mode == "real" and self.now is None:
            return Clock()
        return Clock().set(self.mode, self.now or Clock().now())


class Workspaces:
    """A server's workspaces. Where they are `keyed` only those can be used that were made on purpose.

    `making` is called with the name of each before it is made, `begun` with each that was, to start what is to run
    there from the beginning; `dropped` with the name of each that is no more, once that is certain.
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

    def opened_by(self, store: Store, key: str) -> str | None:
        """The workspace that a key opens: the one it names, where keys need not have been issued; None where it
        opens none."""
        name = workspace_of(key)
        if name is None or not self.keyed:
            return name
        with store.transaction(writes=False) as transaction:
            row = transaction.workspace(name)
        return name if row is not None and opens(key, row.key) else None

    def tidy(self, store: Store) -> None:
        """Drops the workspaces that nobody has called for too long, where it is time to look for them. In a
        transaction of its own: what becomes of a call has nothing to do with it."""
        if self._idle_ms is None or (now := real_ms()) < self._next_look:
            return
        self._next_look = now + self._used_ms
        with store.transaction() as transaction:
            idle = transaction.idle(now - self._idle_ms)
            for row in idle:
                transaction.drop_workspace(row.id)
        for row in idle:
            self.dropped(row.name)

    def row(self, transaction: Transaction, name: str) -> WorkspaceRow:
        """The workspace of that name, made as every workspace begins when it is new. Raises LimitReached where
        there is no room for it, UnknownWorkspace where it had to be made on purpose."""
        found = transaction.workspace(name)
        if found is None:
            if self.keyed:
                raise UnknownWorkspace(name)
            return self.add(transaction, name, self.beginning.seed)
        return self._noted(transaction, found)

    def to_be_noted(self, head: WorkspaceHead) -> bool:
        """Whether something has to be written about the workspace itself before a provider can be called there."""
        return not head.seeded or real_ms() - head.row.used >= self._used_ms

    def add(self, transaction: Transaction, name: str, seed: int) -> WorkspaceRow:
        """Makes a workspace that is not there, with that seed. Raises LimitReached."""
        if transaction.count_workspaces() >= self.limits.workspaces:
            raise LimitReached(
                f"the server has {self.limits.workspaces} workspaces, as many as it may have; DELETE"
                " /__admin/workspaces/{name} drops one, serve --max-workspaces allows more"
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
        """A provider's part of the workspace, with its fixtures in it. Raises as `row` does."""
        return self._seeded(self.world(transaction, self.row(transaction, name), provider))

    def opened(self, transaction: Transaction, head: WorkspaceHead | None, name: str, provider: str) -> World:
        """The same of a workspace that was just looked at (None: it is not there)."""
        if head is None:
            return self.open(transaction, name, provider)
        world = self.world(transaction, self._noted(transaction, head.row), provider)
        return world if head.seeded else self._seeded(world)

    def world(self, transaction: Transaction, row: WorkspaceRow, provider: str) -> World:
        """A provider's part of a workspace as it is."""
        now = clock_from_json(row.clock).now()
        kinds = transaction.store.collections(provider)
        return World(transaction, row, provider, now, kinds, max_records=self.limits.records, keyed=self.keyed)

    def _noted(self, transaction: Transaction, row: WorkspaceRow) -> WorkspaceRow:
        """The workspace, with its use noted where that was long ago."""
        now = real_ms()
        if now - row.used >= self._used_ms:
            transaction.set_used(row.id, now)
        return row

    def _seeded(self, world: World) -> World:
        """The provider's part with its fixtures in it."""
        if not world.transaction.mark_seeded(world.row.id, world.provider):
            return world
        for collection, documents in self._fixtures(world.provider, world.row.seed).items():
            # whatever the quota: a read must not be refused for what comes with it
            world.transaction.put(world.row.id, world.kinds[collection], documents)
        return world
