"""The journal of a server without a data folder: exchanges in memory, converted to JSON when first read."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from offer_sandbox.world.journal import BATCH_BYTES, MAX_BYTES, Entry, Record
from offer_sandbox.world.json_codec import dump, load

_OVERHEAD = 200  # bytes that an exchange takes in addition to its entry
_SLACK = 128  # a full journal frees 1/128 of its bytes in one go


class _Kept:
    """An exchange in the journal: the original record, or its JSON after the first read."""

    __slots__ = ("entry", "id", "number", "operation", "record", "size")

    def __init__(self, number: int, record: Record) -> None:
        self.number = number
        self.id = record.id
        self.operation = record.operation
        self.size = record.size + _OVERHEAD
        self.record: Record | None = record
        self.entry = b""


@dataclass
class _Page:
    """A workspace's exchanges in the journal, oldest first."""

    kept: deque[_Kept] = field(default_factory=deque)
    bytes: int = 0
    dropped: int = 0


class MemoryJournal:
    """A `Journal` in memory.

    `added` is called after each exchange with its workspace. `lost` is called with the number of exchanges that
    were dropped to make room. `written` changes an entry's JSON before it is returned.
    """

    shared = False

    def __init__(
        self,
        maximum: int = 10_000,
        max_bytes: int = MAX_BYTES,
        added: Callable[[str], None] = lambda _: None,
        *,
        lost: Callable[[int], None] = lambda _: None,
        written: Callable[[bytes], bytes] = lambda entry: entry,
    ) -> None:
        self.maximum = maximum
        self._max_bytes = max_bytes
        self._added = added
        self._lost = lost
        self._written = written
        self._pages: dict[str, _Page] = {}
        self._by_id: dict[str, _Kept] = {}
        self._number = 0
        self._bytes = 0
        self._lock = threading.RLock()

    def add(self, record: Record) -> None:
        """Appends an exchange, and drops the oldest ones if it needs room."""
        workspace = record.workspace
        with self._lock:
            self._number += 1
            kept = _Kept(self._number, record)
            page = self._pages.get(workspace)
            if page is None:
                page = self._pages[workspace] = _Page()
            page.kept.append(kept)
            page.bytes += kept.size
            self._bytes += kept.size
            self._by_id[kept.id] = kept
            gone = self._drop(page) if len(page.kept) > self.maximum else 0
            if self._bytes > self._max_bytes:
                gone += self._make_room(kept)
        if gone:
            self._lost(gone)
        self._added(workspace)

    def get(self, id: str) -> Entry | None:
        """Returns the entry with this request id, or None if there is none or it was dropped."""
        kept = self._by_id.get(id)
        return None if kept is None else self._entry(kept)

    def newest(self, workspace: str, operation: str = "*", after: int = 0, limit: int = -1) -> Iterator[Entry]:
        """Returns a workspace's entries, newest first, selected by operation and number as in `Journal`."""
        found = [
            kept
            for kept in takewhile(lambda kept: kept.number > after, self._newest_first(workspace))
            if _is_of(kept.operation, operation)
        ]
        return map(self._entry, found if limit < 0 else found[:limit])

    def after(self, workspace: str, number: int, maximum: int) -> tuple[list[Entry], int]:
        """Returns up to `maximum` entries with a number above `number`, oldest first, and the last one's number,
        as in `Journal`."""
        newer = list(takewhile(lambda kept: kept.number > number, self._newest_first(workspace)))
        found: list[_Kept] = []
        size = 0
        for kept in newer[::-1][:maximum]:
            size += kept.size
            if found and size > BATCH_BYTES:
                break
            found.append(kept)
        return [self._entry(kept) for kept in found], found[-1].number if found else number

    def number(self, id: str) -> int:
        """Returns the number of an exchange, or 0 if it no longer exists."""
        kept = self._by_id.get(id)
        return 0 if kept is None else kept.number

    def last(self, workspace: str) -> int:
        """Returns the number of the last exchange of all."""
        return self._number

    def count(self, workspace: str) -> int:
        """Returns how many exchanges of a workspace the journal has."""
        page = self._pages.get(workspace)
        return len(page.kept) if page else 0

    def dropped(self, workspace: str) -> int:
        """Returns how many of a workspace's exchanges were dropped to make room."""
        page = self._pages.get(workspace)
        return page.dropped if page else 0

    def forget(self, workspace: str) -> None:
        """Removes every exchange of a workspace."""
        with self._lock:
            page = self._pages.pop(workspace, None)
            if page is not None:
                self._bytes -= page.bytes
                for kept in page.kept:
                    self._by_id.pop(kept.id, None)

    def version(self) -> int:
        """Returns 0, because no other process writes."""
        return 0

    def checkpoint(self) -> None:
        """Does nothing, because no entries wait to be written."""

    def close(self) -> None:
        """Does nothing, because there is no file to close."""

    def _newest_first(self, workspace: str) -> Iterator[_Kept]:
        with self._lock:
            page = self._pages.get(workspace)
            return iter([*reversed(page.kept)] if page else [])

    def _entry(self, kept: _Kept) -> Entry:
        with self._lock:
            if kept.record is not None:
                kept.entry, kept.record = self._written(dump(kept.record.entry())), None
        entry: Entry = load(kept.entry)
        return entry

    def _drop(self, page: _Page) -> int:
        """Drops the oldest exchange of a workspace. Returns 1, the number of dropped exchanges."""
        kept = page.kept.popleft()
        page.bytes -= kept.size
        page.dropped += 1
        self._bytes -= kept.size
        self._by_id.pop(kept.id, None)
        return 1

    def _make_room(self, newest: _Kept) -> int:
        """Drops the oldest exchange of the workspace with the most bytes, again and again, until enough bytes are
        free. Returns how many it dropped."""
        gone, wanted = 0, self._max_bytes - self._max_bytes // _SLACK
        while self._bytes > wanted and (page := self._with_most(newest)) is not None:
            gone += self._drop(page)
        return gone

    def _with_most(self, newest: _Kept) -> _Page | None:
        """Returns the page with the most bytes, or None. The newest exchange of all does not count, because it is
        never dropped. Exchanges without a workspace are dropped before all others."""
        strangers = self._pages.get("")
        if strangers is not None and strangers.kept and strangers.kept[0] is not newest:
            return strangers
        best, most = None, 0
        for page in self._pages.values():
            own = newest.size if page.kept and page.kept[-1] is newest else 0
            if page.bytes - own > most:
                best, most = page, page.bytes - own
        return best


def _is_of(operation: str | None, wanted: str) -> bool:
    """Returns whether an operation is the wanted one, one of the wanted provider (`ebay.*`), or any (`*`)."""
    if wanted == "*":
        return True
    if operation is None:
        return False
    return operation.startswith(wanted[:-1]) if wanted.endswith(".*") else operation == wanted
