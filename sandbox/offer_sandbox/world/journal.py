"""The bounded record of exchanges, kept by workspace; explains nothing and decides nothing."""

import threading
from collections.abc import Callable
from itertools import takewhile
from typing import Any

Entry = dict[str, Any]


class _Pages:
    """One workspace's entries by id, oldest first, each with its number and size."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[int, Entry, int]] = {}
        self.bytes = 0
        self.dropped = 0

    def drop_oldest(self) -> int:
        _, _, size = self.entries.pop(next(iter(self.entries)))
        self.bytes -= size
        self.dropped += 1
        return size


class Journal:
    """Keeps the newest exchanges in memory: at most `most` of a workspace, and about `most_bytes` in all.

    Where bytes run out, the oldest of the workspace that has the most make room; the newest always stays.
    `added` is called after each.
    """

    def __init__(
        self,
        most: int = 10_000,
        most_bytes: int = 128 * 1024 * 1024,
        added: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._workspaces: dict[str, _Pages] = {}
        self._owners: dict[str, str] = {}  # id to workspace
        self.most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._number = 0
        self._added = added
        self._lock = threading.Lock()

    def add(self, entry: Entry, size: int) -> None:
        """Appends an entry that takes about `size` bytes, under its `id` and `workspace`."""
        with self._lock:
            pages = self._workspaces.setdefault(entry["workspace"], _Pages())
            self._number += 1
            pages.entries[entry["id"]] = (self._number, entry, size)
            self._owners[entry["id"]] = entry["workspace"]
            pages.bytes += size
            self._bytes += size
            while len(pages.entries) > self.most:
                self._drop(pages)
            while self._bytes > self._most_bytes and len(self._owners) > 1:
                self._drop(max(self._workspaces.values(), key=lambda each: each.bytes - size * (each is pages)))
        self._added(entry["workspace"])

    def get(self, id: str) -> Entry | None:
        """The entry with that request id, unless it was dropped."""
        with self._lock:
            owner = self._owners.get(id)
            return None if owner is None else self._workspaces[owner].entries[id][1]

    def newest(self, workspace: str) -> list[Entry]:
        """A workspace's entries, newest first."""
        with self._lock:
            pages = self._workspaces.get(workspace)
            return [entry for _, entry, _ in reversed(pages.entries.values())] if pages else []

    def after(self, workspace: str, number: int, most: int) -> tuple[list[Entry], int]:
        """Up to `most` entries that came after the one of that number, oldest first, and the last one's number."""
        with self._lock:
            pages = self._workspaces.get(workspace)
            newest_first = reversed(pages.entries.values()) if pages else iter(())
            found = list(takewhile(lambda each: each[0] > number, newest_first))[::-1][:most]
        return [entry for _, entry, _ in found], found[-1][0] if found else number

    def number(self, id: str | None = None) -> int:
        """The number of an entry (0 for one that is not there any more), of the last one of all without an id."""
        with self._lock:
            if id is None:
                return self._number
            owner = self._owners.get(id)
            return self._workspaces[owner].entries[id][0] if owner is not None else 0

    def dropped(self, workspace: str) -> int:
        """How many of a workspace's entries had to go to make room."""
        with self._lock:
            pages = self._workspaces.get(workspace)
            return pages.dropped if pages else 0

    def forget(self, workspace: str) -> None:
        """Removes every entry of a workspace; they do not count as dropped."""
        with self._lock:
            pages = self._workspaces.pop(workspace, None)
            for id in pages.entries if pages else ():
                del self._owners[id]
            self._bytes -= pages.bytes if pages else 0

    def _drop(self, pages: _Pages) -> None:
        del self._owners[next(iter(pages.entries))]
        self._bytes -= pages.drop_oldest()
