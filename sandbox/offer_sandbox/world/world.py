"""One workspace as one exchange sees it: records, minted ids, chance, settings, a clock that stands still."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from offer_sandbox.world.clock import Clock, to_ms
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.keys import opens, workspace_of
from offer_sandbox.world.limits import Limits, demand_room
from offer_sandbox.world.rng import Draw, seeded_rng
from offer_sandbox.world.store import Transaction, WorkspaceRow

Watch = Callable[[str, Document | None, Document], None]


@dataclass(frozen=True)
class Change:
    """A record that was put, with its former self (None: there was none)."""

    provider: str
    collection: str
    id: str
    before: Document | None
    after: Document


@dataclass
class World:
    """A provider's part of a workspace, inside one transaction.

    `now` is the workspace's time at the beginning of the exchange, so that every time printed by it agrees.
    `kinds` are the provider's collections by name. `watch` is told of every record that is put, with its former
    self; `changes` lists them, without those that a savepoint took back. `read` are the records that were looked
    up: each is read from the store once, and is not to be changed in place. The workspace may have `max_records`;
    where it is `keyed` only its own key opens it.
    """

    transaction: Transaction
    row: WorkspaceRow
    provider: str
    now: datetime
    kinds: Mapping[str, Collection]
    watch: Watch | None = None
    changes: list[Change] = field(default_factory=list)
    read: dict[tuple[str, str], Document | None] = field(default_factory=dict)
    max_records: int = Limits().records
    keyed: bool = False

    @property
    def name(self) -> str:
        """The workspace's name."""
        return self.row.name

    def get(self, collection: str, id: str) -> Document | None:
        """The record with that id."""
        place = collection, id
        if place not in self.read:
            self.read[place] = self.transaction.get(self.row.id, self.kinds[collection], id)
        return self.read[place]

    def put(self, collection: str, *documents: Document) -> None:
        """Adds records, or replaces those with the same id. Raises LimitReached where there is no room."""
        kind = self.kinds[collection]
        self._look_up(collection, [str(document[kind.key]) for document in documents])
        for document in documents:
            id = str(document[kind.key])
            former = self.get(collection, id)
            self.changes.append(Change(self.provider, collection, id, former, document))
            if self.watch is not None:
                self.watch(collection, former, document)
        self.put_unseen(collection, *documents)

    def _look_up(self, collection: str, ids: list[str]) -> None:
        """Reads several records at once, which `get` then knows."""
        unknown = [id for id in ids if (collection, id) not in self.read]
        if len(unknown) > 1:
            found = self.transaction.get_many(self.row.id, self.kinds[collection], unknown)
            self.read.update({(collection, id): found.get(id) for id in unknown})

    def put_unseen(self, collection: str, *documents: Document) -> None:
        """Adds or replaces records by hand: nobody is told, and nothing is listed. Raises LimitReached."""
        kind = self.kinds[collection]
        for document in documents:
            self.read.pop((collection, str(document[kind.key])), None)
        demand_room(self.transaction.put(self.row.id, kind, documents), self.max_records)

    def opens(self, key: str) -> bool:
        """Whether a text is a key to this workspace; where it is not `keyed`, to whatever workspace."""
        return opens(key, self.row.key) if self.keyed else workspace_of(key) is not None

    @property
    def secret(self) -> str:
        """What only this workspace knows, until it gets another key; empty where keys are no secret."""
        return self.row.key.hex() if self.keyed and self.row.key else ""

    def delete(self, collection: str, id: str) -> bool:
        """Removes a record; False when there was none."""
        self.read.pop((collection, id), None)
        return self.transaction.delete(self.row.id, self.kinds[collection], id)

    def empty(self, collection: str) -> None:
        """Removes every record of a collection."""
        self.read.clear()
        self.transaction.empty(self.row.id, self.kinds[collection])

    def select(
        self, collection: str, limit: int = -1, offset: int = 0, order: str | None = None, **where: Any
    ) -> list[Document]:
        """Records that `where` describes (values, Between, Containing), by a column (`-column`: the greatest
        first) or in order of insertion."""
        return self.transaction.select(self.row.id, self.kinds[collection], where, limit, offset, order)

    def page(
        self, collection: str, limit: int, offset: int, order: str | None = None, **where: Any
    ) -> tuple[list[Document], int]:
        """A part of what `select` finds, and how many records that is as a whole."""
        return self.transaction.page(self.row.id, self.kinds[collection], where, limit, offset, order)

    def count(self, collection: str, **where: Any) -> int:
        """How many records `select` would find."""
        return self.transaction.count(self.row.id, self.kinds[collection], where)

    def values(self, collection: str, column: str, **where: Any) -> set[Any]:
        """The values of a column in the records that `where` describes."""
        return self.transaction.values(self.row.id, self.kinds[collection], column, where)

    def due(self, collection: str) -> list[Document]:
        """Records that time has to change by now, earliest first."""
        return self.transaction.due(self.row.id, self.kinds[collection], to_ms(self.now))

    def next_ordinal(self, collection: str) -> int:
        """The next ordinal of a collection, from which its ids are drawn."""
        return self.transaction.next_ordinal(self.row.id, f"{self.provider}.{collection}")

    def next_ordinals(self, collection: str, count: int) -> range:
        """The next ordinals of a collection, as many as are wanted."""
        return self.transaction.next_ordinals(self.row.id, f"{self.provider}.{collection}", count)

    def chance(self, *names: str | int) -> Draw:
        """A generator that depends on the workspace's seed, the provider and these names only."""
        return seeded_rng(self.row.seed, self.provider, *names)

    def savepoint(self) -> AbstractContextManager[None]:
        """A block that leaves no trace when it raises."""
        return _Savepoint(self)

    def setting(self, group: str, name: str, default: Any) -> Any:
        """A value of the workspace's settings, such as (`progressions`, `opendoor.evaluation`)."""
        return self.row.settings.get(group, {}).get(name, default)


class _Savepoint:
    """A class, since every call has one."""

    __slots__ = ("_block", "_listed", "_world")

    def __init__(self, world: World) -> None:
        self._world = world
        self._listed = len(world.changes)
        self._block = world.transaction.savepoint()

    def __enter__(self) -> None:
        self._block.__enter__()

    def __exit__(self, *raised: Any) -> None:
        if raised[0] is not None:
            del self._world.changes[self._listed :]
            self._world.read.clear()
        self._block.__exit__(*raised)


def clock_to_json(clock: Clock) -> dict[str, Any]:
    """A clock as the store keeps it."""
    return {"mode": clock.mode, "offset": clock.offset, "at": clock.at}


def clock_from_json(stored: dict[str, Any]) -> Clock:
    """The clock that `clock_to_json` wrote."""
    return Clock(**stored)
