"""What a store offers to everything above it: the protocols `Store` and `Transaction`, row and error."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from offer_sandbox.world.collection import Collection, Document


class StoreError(Exception):
    """The store cannot be opened, read or written; the message is one sentence for the operator."""


class ReadOnlyTransaction(Exception):
    """Something was to be written in a transaction that only reads; nothing was."""


@dataclass(frozen=True)
class WorkspaceRow:
    """A workspace as stored: `clock` and `settings` are JSON objects. `made` and `used` are real time in ms,
    `used` about when it was last called; `records` is how many it has. `key` is the SHA-256 of its key, or
    None."""

    id: int
    name: str
    seed: int
    clock: dict[str, Any]
    settings: dict[str, Any]
    made: int = 0
    used: int = 0
    records: int = 0
    key: bytes | None = None


@dataclass(frozen=True)
class WorkspaceHead:
    """A workspace with what decides whether a call has to write before it can begin: whether the provider's
    fixtures are in it (`seeded`), when the first of its records is due (`next_due`, ms; None: never), and
    whether documents of a `kind` that was asked for are `present`."""

    row: WorkspaceRow
    seeded: bool
    next_due: int | None
    present: bool


class Transaction(Protocol):
    """The statements of one transaction. Workspaces are given by their number, times in ms; a document is a JSON
    object, and belongs to a collection."""

    @property
    def store(self) -> "Store":
        """The store that the transaction is in."""

    @property
    def changed(self) -> bool:
        """Whether anything has been written in it that was not taken back as a whole."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Like a transaction inside this one: a block that raises leaves no trace."""

    # workspaces

    def workspace(self, name: str) -> WorkspaceRow | None:
        """The workspace of that name, if there is one."""

    def head(self, name: str, provider: str, kind: Collection, where: dict[str, Any]) -> WorkspaceHead | None:
        """The workspace of that name and what a provider's call has to know of it, in one look:
        `present` tells whether `select` would find documents of `kind`. It may be remembered: its `next_due` is
        never too late then, and may be too early."""

    def look_again(self, workspace: int) -> None:
        """Has the next `head` of a workspace read anew: what was due has been carried out."""

    def workspaces(self) -> list[WorkspaceRow]:
        """Every workspace, in the order in which they were made."""

    def count_workspaces(self) -> int:
        """How many there are."""

    def add_workspace(self, name: str, seed: int, clock: dict[str, Any], now: int = 0) -> WorkspaceRow:
        """Makes an empty workspace with that seed and clock at an instant of real time."""

    def set_clock(self, workspace: int, clock: dict[str, Any]) -> None:
        """Replaces a workspace's clock."""

    def set_settings(self, workspace: int, settings: dict[str, Any]) -> None:
        """Replaces what a workspace's settings differ in from the defaults."""

    def set_seed(self, workspace: int, seed: int) -> None:
        """Replaces the seed from which a workspace's chance and fixtures follow; what is stored stays."""

    def set_used(self, workspace: int, now: int) -> None:
        """Notes that the workspace was called at that instant."""

    def set_key(self, workspace: int, key: bytes | None) -> None:
        """Replaces the SHA-256 of a workspace's key; None takes the key away."""

    def drop_workspace(self, workspace: int) -> None:
        """Removes a workspace: nothing of it can be found any more, and `sweep` removes what it had."""

    def idle(self, before: int) -> list[WorkspaceRow]:
        """The workspaces that nobody has called since that instant."""

    def workspaces_to_watch(self, setting: str, kind: Collection) -> list[str]:
        """The names of workspaces that have a group of settings, or a document of `kind` with a due time."""

    def clear(self, workspace: int, *, rules: bool = False) -> None:
        """Forgets every record, ordinal and seeding of a workspace; its clock and settings stay, and what is no
        state at all (its rules) unless that is asked for."""

    def sweep(self, maximum: int) -> bool:
        """Removes up to about that many of the records that dropped workspaces have left; whether any may be left
        after that."""

    def probe(self) -> None:
        """Writes something that means nothing, to see whether the store can be written."""

    # seedings and ordinals

    def seeded(self, workspace: int) -> list[str]:
        """The providers whose fixtures were put in, by name."""

    def mark_seeded(self, workspace: int, provider: str) -> bool:
        """True once for a workspace and provider: whoever gets it puts the fixtures in."""

    def next_ordinal(self, workspace: int, name: str) -> int:
        """The next ordinal (1, 2, ...) under that name; a rolled back transaction uses none up."""

    def next_ordinals(self, workspace: int, name: str, count: int) -> range:
        """The next ordinals, as many as are wanted."""

    def ordinals(self, workspace: int) -> dict[str, int]:
        """The last ordinal that was minted under each name, by name."""

    def set_ordinals(self, workspace: int, ordinals: Mapping[str, int]) -> None:
        """Replaces the ordinals of a workspace: the next one minted under a name is one more."""

    def forget_ordinal(self, workspace: int, name: str) -> None:
        """Has `next_ordinal` begin anew under that name."""

    # records

    def get(self, workspace: int, kind: Collection, id: str) -> Document | None:
        """The document with that id."""

    def get_many(self, workspace: int, kind: Collection, ids: Iterable[str]) -> dict[str, Document]:
        """Those of the documents with these ids that there are, by id."""

    def put(self, workspace: int, kind: Collection, documents: Iterable[Document]) -> int:
        """Adds documents, or replaces those with the same id (their place in the order stays). How many records
        the workspace has then where some were added, else 0."""

    def delete(self, workspace: int, kind: Collection, id: str) -> bool:
        """Removes a document; False when there was none."""

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
        """Documents that `where` describes, by a column or in order of insertion; a limit below 0 means all.

        `order` is a column, with a `-` before it for the greatest first. `where` holds for each column a value it
        equals (None too), an Among, a Between or a Containing.
        """

    def page(
        self,
        workspace: int,
        kind: Collection,
        where: dict[str, Any],
        limit: int,
        offset: int,
        order: str | None = None,
    ) -> tuple[list[Document], int]:
        """Some of the documents that `select` finds, from `offset` on, and how many it finds without a limit."""

    def count(self, workspace: int, kind: Collection, where: dict[str, Any]) -> int:
        """How many documents `select` would find without a limit."""

    def values(self, workspace: int, kind: Collection, column: str, where: dict[str, Any]) -> set[Any]:
        """The values of a column that the documents have which `where` describes."""

    def due(self, workspace: int, kind: Collection, until: int) -> list[Document]:
        """Documents whose due time has come, earliest first."""

    def next_due(self, workspace: int, kind: Collection, after: int) -> int | None:
        """The earliest due time of a collection's documents after that one, None where there is none."""

    def has_due(self, workspace: int, kind: Collection) -> bool:
        """Whether any of a collection's documents has a due time."""


class Store(Protocol):
    """Where every workspace's records, ordinals, clock and settings are kept."""

    def transaction(self, *, writes: bool = True) -> AbstractContextManager[Transaction]:
        """Everything done inside is kept when the block ends, and nothing of it when it raises. Raises StoreError
        where the store fails. Without `writes` the block only reads, and keeps nobody from writing: whatever
        writes raises ReadOnlyTransaction."""

    def undisturbed(self) -> AbstractContextManager[bool]:
        """A block of several transactions between which nothing of this process comes. Gives True where no other
        process writes either, so that what one of them has read is true in the next."""

    def collections(self, provider: str) -> Mapping[str, Collection]:
        """A provider's collections by name, in the order it declares them; none of an unknown provider."""

    def every(self) -> list[Collection]:
        """All collections, each owner's in the order it declares them."""

    def checkpoint(self) -> None:
        """Moves what stands in a write-ahead file into the database's own, so that this alone is the whole."""

    def close(self) -> None:
        """Closes the store; nothing acknowledged depends on it."""
