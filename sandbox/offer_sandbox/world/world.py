"""A provider's view of a workspace in one exchange: records, ids, randomness, settings and a fixed time."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from offer_sandbox.world.clock import Clock, to_ms
from offer_sandbox.world.collection import Collection, Document, Row
from offer_sandbox.world.keys import opens, workspace_of
from offer_sandbox.world.limits import Limits, demand_room
from offer_sandbox.world.rng import Draw, seeded_rng
from offer_sandbox.world.store import Transaction, WorkspaceRow

Watch = Callable[[str, Document | None, Document], None]


@dataclass(frozen=True)
class Change:
    """A stored record and its previous version (None for a new record)."""

    provider: str
    collection: str
    id: str
    before: Document | None
    after: Document


@dataclass
class World:
    """A provider's part of a workspace, inside one transaction.

    `now` is the workspace's time at the start of the exchange, so that all timestamps in a response agree. `kinds`
    maps names to the provider's collections. `watch` is called for every record that `put` stores, with the
    previous version. `changes` lists these records, without those that a savepoint rolled back. `read` caches the
    records that were looked up, so that each is read from the store once. Do not change them in place. The
    workspace can have up to `max_records` records. If it is `keyed`, only its own key opens it.
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
        """Returns the record with this id, or None."""
        place = collection, id
        if place not in self.read:
            self.read[place] = self.transaction.get(self.row.id, self.kinds[collection], id)
        return self.read[place]

    def put(self, collection: str, *documents: Document) -> None:
        """Adds records, or replaces those with the same id. Raises LimitReached if there is no room."""
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
        """Reads several records in one query and caches them for `get`."""
        unknown = [id for id in ids if (collection, id) not in self.read]
        if len(unknown) > 1:
            found = self.transaction.get_many(self.row.id, self.kinds[collection], unknown)
            self.read.update({(collection, id): found.get(id) for id in unknown})

    def put_unseen(self, collection: str, *documents: Document) -> None:
        """Adds or replaces records without calling `watch` or adding to `changes`. Raises LimitReached."""
        self.put_rows(collection, [*map(self.kinds[collection].row, documents)])

    def put_rows(self, collection: str, rows: Sequence[Row]) -> None:
        """Like `put_unseen`, for records of which the collection has already made the rows."""
        for row in rows:
            self.read.pop((collection, row[0]), None)
        demand_room(self.transaction.put_rows(self.row.id, self.kinds[collection], rows), self.max_records)

    def opens(self, key: str) -> bool:
        """Returns whether a key opens this workspace. If it is not `keyed`, any sandbox key does."""
        return opens(key, self.row.key) if self.keyed else workspace_of(key) is not None

    @property
    def secret(self) -> str:
        """A secret of this workspace, which changes with its key. Empty if it is not `keyed` or has no key."""
        return self.row.key.hex() if self.keyed and self.row.key else ""

    @property
    def issuer(self) -> str:
        """Identifies the key under which the workspace issues tokens. Empty like `secret`."""
        return self.secret[:16]

    def delete(self, collection: str, id: str) -> bool:
        """Removes a record. Returns False if there was none."""
        self.read.pop((collection, id), None)
        return self.transaction.delete(self.row.id, self.kinds[collection], id)

    def empty(self, collection: str) -> None:
        """Removes every record of a collection."""
        self.read.clear()
        self.transaction.empty(self.row.id, self.kinds[collection])

    def select(
        self, collection: str, limit: int = -1, offset: int = 0, order: str | None = None, **where: Any
    ) -> list[Document]:
        """Returns the records that match `where` (values, Among, Between or Containing), sorted by a column
        (`-column` for descending order) or in insertion order."""
        return self.transaction.select(self.row.id, self.kinds[collection], where, limit, offset, order)

    def page(
        self, collection: str, limit: int, offset: int, order: str | None = None, **where: Any
    ) -> tuple[list[Document], int]:
        """Returns up to `limit` of the records that `select` finds, starting at `offset`, and the total number."""
        return self.transaction.page(self.row.id, self.kinds[collection], where, limit, offset, order)

    def count(self, collection: str, **where: Any) -> int:
        """Returns how many records `select` would find."""
        return self.transaction.count(self.row.id, self.kinds[collection], where)

    def values(self, collection: str, column: str, **where: Any) -> set[Any]:
        """Returns the distinct values of a column in the records that match `where`."""
        return self.transaction.values(self.row.id, self.kinds[collection], column, where)

    def due(self, collection: str) -> list[Document]:
        """Returns the records whose due time has passed, earliest first."""
        return self.transaction.due(self.row.id, self.kinds[collection], to_ms(self.now))

    def next_ordinal(self, collection: str) -> int:
        """Returns the next ordinal of a collection, from which a record's id is derived."""
        return self.transaction.next_ordinal(self.row.id, f"{self.provider}.{collection}")

    def next_ordinals(self, collection: str, count: int) -> range:
        """Returns the next `count` ordinals of a collection."""
        return self.transaction.next_ordinals(self.row.id, f"{self.provider}.{collection}", count)

    def chance(self, *names: str | int) -> Draw:
        """Returns a generator that depends only on the workspace's seed, the provider and these names."""
        return seeded_rng(self.row.seed, self.provider, *names)

    def secret_chance(self, *names: str | int) -> Draw:
        """Like `chance`, for secrets. In a keyed workspace they depend on its secret too, so that nobody can
        compute them from the seed."""
        return self.chance(*names, *([self.secret] if self.secret else []))

    def savepoint(self) -> AbstractContextManager[None]:
        """Returns a context manager that rolls back the block's changes if it raises."""
        return _Savepoint(self)

    def setting(self, group: str, name: str, default: Any) -> Any:
        """Returns a workspace setting such as (`progressions`, `opendoor.evaluation`), or `default`."""
        return self.row.settings.get(group, {}).get(name, default)


class _Savepoint:
    """A savepoint that also restores `changes` and `read`. A class, because every call creates one."""

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
    """Returns a clock as the JSON object that the store keeps."""
    return {"mode": clock.mode, "offset": clock.offset, "at": clock.at}


def clock_from_json(stored: dict[str, Any]) -> Clock:
    """Returns the clock that `clock_to_json` wrote."""
    return Clock(**stored)
