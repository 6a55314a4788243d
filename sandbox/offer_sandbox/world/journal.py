"""The bounded record of exchanges, kept by workspace: what a journal does, wherever it keeps them."""

from collections.abc import Iterator
from typing import Any, Protocol

Entry = dict[str, Any]
MAX_BYTES = 128 * 1024 * 1024


class Record(Protocol):
    """An exchange as it happened. `size` is about how many bytes its entry takes."""

    @property
    def id(self) -> str:
        """The exchange's own."""

    @property
    def workspace(self) -> str:
        """In whose journal it stands; empty for a stranger's."""

    @property
    def operation(self) -> str | None:
        """With its provider's name before it; None where the sandbox itself refused."""

    @property
    def size(self) -> int:
        """About how many bytes its entry takes."""

    def entry(self) -> Entry:
        """What the journal shows of it, without secrets. It is made when somebody reads it, or writes it down."""


class Journal(Protocol):
    """Keeps the newest exchanges: at most `maximum` of a workspace, and about so many bytes in all.

    Where bytes run out, the oldest of the workspace that has the most make room; the newest always stays. With
    `shared` several processes keep them in one place, and each sees what another has added. Numbers only grow.
    """

    maximum: int
    shared: bool

    def add(self, record: Record) -> None:
        """Appends an exchange."""

    def get(self, id: str) -> Entry | None:
        """The entry of that exchange, unless it was dropped."""

    def newest(self, workspace: str, operation: str = "*", after: int = 0, limit: int = -1) -> Iterator[Entry]:
        """A workspace's entries, newest first: of an operation (`ebay.*` is all of a provider's), after a number,
        at most `limit`. They are read while they are iterated over."""

    def after(self, workspace: str, number: int, maximum: int) -> tuple[list[Entry], int]:
        """Up to `maximum` entries that came after the one of that number, oldest first, and the last one's
        number."""

    def number(self, id: str | None = None) -> int:
        """The number of an entry (0 for one that is not there any more), of the last one of all without an id."""

    def count(self, workspace: str) -> int:
        """How many entries of a workspace there are."""

    def dropped(self, workspace: str) -> int:
        """How many of a workspace's entries had to go to make room."""

    def forget(self, workspace: str) -> None:
        """Removes every entry of a workspace; they do not count as dropped."""

    def checkpoint(self) -> None:
        """Writes what waits to be written."""

    def close(self) -> None:
        """Writes what waits, and lets go of what it writes to."""
