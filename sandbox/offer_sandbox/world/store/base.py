"""The interface of the store: the protocols `Store` and `Transaction`, their rows and exceptions."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from offer_sandbox.world.collection import Collection, Document, Row


class StoreError(Exception):
    """The store cannot be opened, read or written. The message is one sentence for the operator."""


class ReadOnlyTransaction(Exception):
    """A write was attempted in a read-only transaction. Nothing was written."""


@dataclass(frozen=True)
class WorkspaceRow:
    """A workspace as stored.

    `clock` and `settings` are JSON objects. `made` is the time of its creation, and `used` the approximate time of
    its last call, both in ms of real time. `records` is the number of its records. `key` is the SHA-256 of its
    key, or None.
    """

    id: int
    name: str
    seed: int
    clock: dict[str, Any]
    settings: dict[str, Any]
    made: int = 0
    used: int = 0
    records: int = 0
    key: bytes | None = None


class DueRow(NamedTuple):
    """A document that is due, with its place in the store and its version."""

    due: int
    position: int
    version: int
    document: Document


@dataclass(frozen=True)
class WorkspaceHead:
    """A workspace with the facts that decide whether a call must write before it can start.

    `seeded` is true if the workspace has the provider's fixtures. `next_due` is the earliest due time (ms) of the
    provider's records (None: never). `present` is true if documents match the `kind` and filters passed to `head`.
    """

    row: WorkspaceRow
    seeded: bool
    next_due: int | None
    present: bool


class Transaction(Protocol):
    """The statements of one transaction. Workspaces are identified by number, and times are in ms. A document is a
    JSON object that belongs to a collection."""

    @property
    def store(self) -> "Store":
        """The store of this transaction."""

    @property
    def changed(self) -> bool:
        """Whether this transaction has written anything since it began or was last rolled back as a whole."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Returns a context manager for a nested transaction, which is rolled back if its block raises."""

    # workspaces

    def workspace(self, name: str) -> WorkspaceRow | None:
        """Returns the workspace with this name, or None."""

    def head(self, name: str, provider: str, kind: Collection, where: dict[str, Any]) -> WorkspaceHead | None:
        """Returns the workspace with this name and the facts that a provider's call needs, or None.

        One query reads them all. `present` is true if `select` would find documents of `kind` for `where`. The
        head may be cached. A cached `next_due` may be too early, but is never too late.
        """

    def look_again(self, workspace: int) -> None:
        """Makes the next `head` of a workspace read the store again, because the due changes were applied."""

    def workspaces(self) -> list[WorkspaceRow]:
        """Returns every workspace in order of creation."""

    def count_workspaces(self) -> int:
        """Returns the number of workspaces."""

    def has_room(self, maximum: int) -> bool:
        """Returns whether this transaction may add a workspace, of which there may be `maximum`."""

    def add_workspace(self, name: str, seed: int, clock: dict[str, Any], now: int = 0) -> WorkspaceRow:
        """Creates an empty workspace with this seed and clock, at the real time `now`."""

    def set_clock(self, workspace: int, clock: dict[str, Any]) -> None:
        """Replaces a workspace's clock."""

    def set_settings(self, workspace: int, settings: dict[str, Any]) -> None:
        """Replaces the settings of a workspace that differ from the defaults."""

    def set_seed(self, workspace: int, seed: int) -> None:
        """Replaces the seed of a workspace's random values and fixtures. Stored records stay."""

    def set_used(self, workspace: int, now: int) -> None:
        """Records the time of a call to the workspace."""

    def set_key(self, workspace: int, key: bytes | None) -> None:
        """Replaces the SHA-256 of a workspace's key. None removes the key."""

    def drop_workspace(self, workspace: int) -> None:
        """Deletes a workspace. Its records can no longer be found, and `sweep` removes them later."""

    def idle(self, before: int) -> list[WorkspaceRow]:
        """Returns the workspaces without a call since this time."""

    def workspaces_to_watch(self, setting: str, kind: Collection) -> list[str]:
        """Returns the names of workspaces with this group of settings, or with a document of `kind` that has a due
        time."""

    def clear(self, workspace: int, *, rules: bool = False) -> None:
        """Removes every record, ordinal and seeding mark of a workspace. Its clock and settings stay. Collections
        that are not `cleared` (its rules) stay too, unless `rules` is true."""

    def sweep(self, maximum: int) -> bool:
        """Removes up to about `maximum` records that deleted workspaces have left. Returns whether more may
        remain."""

    def probe(self) -> None:
        """Writes a meaningless value, to check whether the store is writable."""

    # seedings and ordinals

    def seeded(self, workspace: int) -> list[str]:
        """Returns the providers whose fixtures were added, sorted by name."""

    def mark_seeded(self, workspace: int, provider: str) -> bool:
        """Returns True once per workspace and provider. The caller that gets True adds the fixtures."""

    def next_ordinal(self, workspace: int, name: str) -> int:
        """Returns the next ordinal (1, 2, ...) of a name. A transaction that is rolled back uses none up."""

    def next_ordinals(self, workspace: int, name: str, count: int) -> range:
        """Returns the next `count` ordinals of a name."""

    def ordinals(self, workspace: int) -> dict[str, int]:
        """Returns the last minted ordinal of each name."""

    def set_ordinals(self, workspace: int, ordinals: Mapping[str, int]) -> None:
        """Replaces the ordinals of a workspace. The next ordinal of a name is one higher."""

    def forget_ordinal(self, workspace: int, name: str) -> None:
        """Makes `next_ordinal` start at 1 again for a name."""

    # records

    def get(self, workspace: int, kind: Collection, id: str) -> Document | None:
        """Returns the document with this id, or None."""

    def get_many(self, workspace: int, kind: Collection, ids: Iterable[str]) -> dict[str, Document]:
        """Returns the existing documents with these ids, by id."""

    def put(self, workspace: int, kind: Collection, documents: Iterable[Document]) -> int:
        """Adds documents, or replaces those with the same id (their position in the order stays). Returns the
        workspace's new number of records if any were added, otherwise 0."""

    def put_rows(self, workspace: int, kind: Collection, rows: Iterable[Row]) -> int:
        """Like `put`, for documents of which `kind` has already made the rows."""

    def delete(self, workspace: int, kind: Collection, id: str) -> bool:
        """Removes a document. Returns False if there was none."""

    def empty(self, workspace: int, kind: Collection) -> None:
        """Removes every document of a collection."""

    def select(
        self,
        workspace: int,
        kind: Collection,
        where: dict[str, Any],
        limit: int = -1,
        offset: int = 0,
        order: str | None = None,
    ) -> list[Document]:
        """Returns the documents that match `where`, by a column or in insertion order. A limit below 0 means all.

        `order` is a column, prefixed with `-` for descending order. `where` maps each column to the value that it
        must equal (also None), an Among, a Between or a Containing.
        """

    def select_stored(self, workspace: int, kind: Collection) -> list[bytes]:
        """Returns the JSON of every document of a collection, in insertion order."""

    def stored_bytes(self, workspace: int, kind: Collection) -> int:
        """Returns how many bytes `select_stored` would find."""

    def page(
        self,
        workspace: int,
        kind: Collection,
        where: dict[str, Any],
        limit: int,
        offset: int,
        order: str | None = None,
    ) -> tuple[list[Document], int]:
        """Returns up to `limit` of the documents that `select` finds, from `offset` on, and the total number."""

    def count(self, workspace: int, kind: Collection, where: dict[str, Any]) -> int:
        """Returns how many documents `select` would find without a limit."""

    def values(self, workspace: int, kind: Collection, column: str, where: dict[str, Any]) -> set[Any]:
        """Returns the distinct values of a column in the documents that match `where`."""

    def due(self, workspace: int, kind: Collection, until: int) -> list[Document]:
        """Returns the documents that are due at `until` or earlier, earliest first."""

    def due_page(
        self, workspace: int, kind: Collection, until: int, after: DueRow | None, limit: int
    ) -> list[DueRow]:
        """Returns the next documents that are due at `until` or earlier, in the order of `due`, after a row of the
        previous page."""

    def due_versions(self, workspace: int, kind: Collection, until: int) -> list[tuple[int, int]]:
        """Returns the position and the version of each document that `due` would find, in its order. A document
        has another version after each write."""

    def next_due(self, workspace: int, kind: Collection, after: int) -> int | None:
        """Returns the earliest due time in a collection that is later than `after`, or None."""

    def has_due(self, workspace: int, kind: Collection) -> bool:
        """Returns whether any document of a collection has a due time."""


class Store(Protocol):
    """Stores the records, ordinals, clock and settings of every workspace."""

    def transaction(self, *, writes: bool = True) -> AbstractContextManager[Transaction]:
        """Returns a context manager that commits when the block ends, and rolls back if it raises.

        Raises StoreError if the store fails. Without `writes` the block only reads, and lets other processes
        write. A statement in it that writes raises ReadOnlyTransaction.
        """

    @property
    def serial(self) -> bool:
        """Whether at most one transaction writes at a time, so that one that takes long delays every workspace."""

    def undisturbed(self) -> AbstractContextManager[bool]:
        """Returns a context manager for several transactions. It yields True if nothing else can write between
        them, so that a value read in one is still valid in the next. It yields False if other processes can write.
        """

    def collections(self, provider: str) -> Mapping[str, Collection]:
        """Returns a provider's collections by name, in declaration order. Empty for an unknown provider."""

    def every(self) -> list[Collection]:
        """Returns all collections, grouped by provider, in declaration order."""

    def version(self) -> int:
        """Returns a number that changes when another process has written."""

    def checkpoint(self) -> None:
        """Moves a write-ahead file's contents into the database file, so that this file alone is complete."""

    def close(self) -> None:
        """Closes the store. Committed changes are safe without it."""
