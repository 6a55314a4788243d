"""The bounded record of exchanges; explains nothing and decides nothing."""

import threading
from collections import OrderedDict
from typing import Any

Entry = dict[str, Any]


class Journal:
    """Keeps the newest exchanges in memory, at most `most` entries and about `most_bytes` of their bodies.

    `dropped` counts what had to go to make room.
    """

    def __init__(self, most: int = 10_000, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._entries: OrderedDict[str, tuple[Entry, int]] = OrderedDict()
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self.dropped = 0

    def add(self, id: str, entry: Entry, size: int) -> None:
        """Appends an entry that takes about `size` bytes."""
        with self._lock:
            self._entries[id] = (entry, size)
            self._bytes += size
            while len(self._entries) > self._most or (self._bytes > self._most_bytes and len(self._entries) > 1):
                _, (_, freed) = self._entries.popitem(last=False)
                self._bytes -= freed
                self.dropped += 1

    def get(self, id: str) -> Entry | None:
        """The entry with that request id, unless it was dropped."""
        with self._lock:
            found = self._entries.get(id)
        return found[0] if found else None

    def forget(self, workspace: str) -> None:
        """Removes every entry of a workspace; they do not count as dropped."""
        with self._lock:
            for id in [id for id, (entry, _) in self._entries.items() if entry["workspace"] == workspace]:
                _, size = self._entries.pop(id)
                self._bytes -= size
