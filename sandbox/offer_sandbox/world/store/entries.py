"""The interface of the database that keeps a journal: the protocol `Entries`, and an entry as stored."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Written(NamedTuple):
    """An entry as stored: JSON bytes with the values for looking it up."""

    workspace: str
    id: str
    operation: str | None
    entry: bytes

    @property
    def size(self) -> int:
        """The size of the entry in bytes."""
        return len(self.entry)


class Entries(Protocol):
    """The journal entries of every workspace. Their numbers only grow. Raises StoreError if the database fails."""

    def add(self, entries: Sequence[Written], maximum: int, max_bytes: int) -> int:
        """Appends entries, and drops old ones beyond `maximum` per workspace and about `max_bytes` in total.

        To free bytes, it drops the oldest entries of the workspace with the most bytes. It never drops the newest
        entry of all. It skips entries that are stored already. Returns how many it dropped.
        """

    def get(self, id: str) -> bytes | None:
        """Returns the entry with this id, or None."""

    def newest(
        self, workspace: str, operation: str = "*", after: int = 0, before: int | None = None, limit: int = -1
    ) -> list[tuple[int, bytes]]:
        """Returns a workspace's entries between the numbers `after` and `before`, newest first, and their numbers.

        Selects those of `operation` (`ebay.*` for all of a provider, `*` for all), at most `limit` (-1: all), and
        fewer if they have many bytes.
        """

    def after(self, workspace: str, number: int, maximum: int) -> list[tuple[int, bytes]]:
        """Returns up to `maximum` entries with a number above `number`, oldest first, each with its number.
        Returns fewer if they have many bytes."""

    def version(self) -> int:
        """Returns a number that changes when another process has written."""

    def number(self, id: str) -> int:
        """Returns the number of an entry, or 0 if it does not exist."""

    def last(self, workspace: str) -> int:
        """Returns a number that no entry of the workspace exceeds, and that its later entries will exceed."""

    def counts(self, workspace: str) -> tuple[int, int]:
        """Returns how many entries a workspace has, and how many were dropped."""

    def forget(self, workspace: str) -> None:
        """Removes every entry of a workspace. They do not count as dropped."""

    def checkpoint(self) -> None:
        """Moves everything that is not in the database's file yet into it, as far as other connections allow."""

    def close(self) -> None:
        """Closes the database."""
