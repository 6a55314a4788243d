"""The interface of a journal, a bounded record of the exchanges of each workspace."""

from collections.abc import Iterator
from typing import Any, Protocol

Entry = dict[str, Any]
MAX_BYTES = 128 * 1024 * 1024
BATCH_BYTES = 256 * 1024  # of the entries that `after` returns, so that a reader's memory has a limit


class Record(Protocol):
    """An exchange as it happened."""

    @property
    def id(self) -> str:
        """The exchange's id."""

    @property
    def workspace(self) -> str:
        """The workspace whose journal lists the exchange. Empty for an unauthenticated caller."""

    @property
    def operation(self) -> str | None:
        """The operation, prefixed with its provider's name. None if the sandbox itself refused the call."""

    @property
    def size(self) -> int:
        """The approximate size of its entry in bytes."""

    def entry(self) -> Entry:
        """Builds the journal entry, without secrets. Called only when the entry is read or written to a file."""


class Journal(Protocol):
    """Keeps the newest exchanges: at most `maximum` per workspace, and about a fixed number of bytes in total.

    If the bytes run out, the workspace with the most bytes drops its oldest exchanges. The newest exchange of all
    always stays. With `shared`, several processes use one journal, and each sees the entries of the others. The
    numbers of entries only grow.
    """

    maximum: int
    shared: bool

    def add(self, record: Record) -> None:
        """Appends an exchange."""

    def get(self, id: str) -> Entry | None:
        """Returns the entry with this request id, or None if there is none or it was dropped."""

    def newest(self, workspace: str, operation: str = "*", after: int = 0, limit: int = -1) -> Iterator[Entry]:
        """Returns an iterator over a workspace's entries, newest first, which reads them during the iteration.

        Selects those of `operation` (`ebay.*` for all of a provider, `*` for all) with a number above `after`, at
        most `limit` (-1: all).
        """

    def after(self, workspace: str, number: int, maximum: int) -> tuple[list[Entry], int]:
        """Returns up to `maximum` entries with a number above `number`, oldest first, and the last one's number
        (`number` itself if there are none). Returns fewer if they have many bytes, but at least one."""

    def version(self) -> int:
        """Returns a number that changes when another process has written."""

    def number(self, id: str) -> int:
        """Returns the number of an entry, or 0 if it no longer exists."""

    def last(self, workspace: str) -> int:
        """Returns a number that no entry of the workspace exceeds, and that its later entries will exceed."""

    def count(self, workspace: str) -> int:
        """Returns how many entries a workspace has."""

    def dropped(self, workspace: str) -> int:
        """Returns how many of a workspace's entries were dropped to make room."""

    def forget(self, workspace: str) -> None:
        """Removes every entry of a workspace. They do not count as dropped."""

    def checkpoint(self) -> None:
        """Writes the waiting entries."""

    def close(self) -> None:
        """Writes the waiting entries and closes the file."""
