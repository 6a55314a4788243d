"""The journal of a server without a folder: exchanges in memory as they happened, told when somebody asks."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from offer_sandbox.world.journal import MAX_BYTES, Entry, Record
from offer_sandbox.world.json_codec import dump, load

_OVERHEAD = 200  # bytes that an exchange takes beside its entry
_SLACK = 128  # a part of the bytes that is made free at once


class _Kept:
    """An exchange in the journal, as it happened or, once somebody has read it, as JSON."""

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
    """What a workspace has in the journal, oldest first."""

    kept: deque[_Kept] = field(default_factory=deque)
    bytes: int = 0
    dropped: int = 0


class MemoryJournal:
    """A `Journal` in memory. `added` is called after each exchange, `lost` with the number of those that had to
    make room. `written` changes an entry's JSON before it is told."""

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
        """Appends an exchange; the oldest make room for it."""
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
        """The entry of that exchange, unless it was dropped."""
        kept = self._by_id.get(id)
        return None if kept is None else self._entry(kept)

    def newest(self, workspace: str, operation: str = "*", after: int = 0, limit: int = -1) -> Iterator[Entry]:
        """A workspace's entries, newest first."""
        found = [
            kept
            for kept in takewhile(lambda kept: kept.number > after, self._newest_first(workspace))
            if _is_of(kept.operation, operation)
        ]
        return map(self._entry, found if limit < 0 else found[:limit])

    def after(self, workspace: str, number: int, maximum: int) -> tuple[list[Entry], int]:
        """Up to `maximum` entries that came after a number, oldest first, and the last one's number."""
        newer = list(takewhile(lambda kept: kept.number > number, self._newest_first(workspace)))
        found = newer[::-1][:maximum]
        return [self._entry(kept) for kept in found], found[-1].number if found else number

    def number(self, id: str | None = None) -> int:
        """The number of an exchange, of the last one of all without an id."""
        if id is None:
            return self._number
        kept = self._by_id.get(id)
        return 0 if kept is None else kept.number

    def count(self, workspace: str) -> int:
        """How many exchanges of a workspace there are."""
        page = self._pages.get(workspace)
        return len(page.kept) if page else 0

    def dropped(self, workspace: str) -> int:
        """How many of a workspace's had to go to make room."""
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

    def checkpoint(self) -> None:
        """There is nothing that waits to be written."""

    def close(self) -> None:
        """There is nothing to let go of."""

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
        """Drops the oldest exchange of a workspace; how many that are."""
        kept = page.kept.popleft()
        page.bytes -= kept.size
        page.dropped += 1
        self._bytes -= kept.size
        self._by_id.pop(kept.id, None)
        return 1

    def _make_room(self, newest: _Kept) -> int:
        """Has whoever takes the most bytes drop one after the other, until there are few enough."""
        gone, wanted = 0, self._max_bytes - self._max_bytes // _SLACK
        while self._bytes > wanted and (page := self._with_most(newest)) is not None:
            gone += self._drop(page)
        return gone

    def _with_most(self, newest: _Kept) -> _Page | None:
        """Who takes the most bytes, without the newest exchange of all, which stays whatever it takes. Who has no
        workspace makes room before all who have."""
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
    """Whether an exchange is of an operation, of any of a provider (`ebay.*`), or of all (`*`)."""
    if wanted == "*":
        return True
    if operation is None:
        return False
    return operation.startswith(wanted[:-1]) if wanted.endswith(".*") else operation == wanted
