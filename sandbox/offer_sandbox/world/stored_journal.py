"""The journal of a server that stores its state: entries in a database, written in batches."""

import logging
import threading
from collections.abc import Callable, Iterator

from offer_sandbox.world.journal import MAX_BYTES, Entry, Record
from offer_sandbox.world.json_codec import dump, load
from offer_sandbox.world.store import StoreError
from offer_sandbox.world.store.entries import Entries, Written

log = logging.getLogger("offer_sandbox")
_MAX_WAITING = 64
_MAX_KEPT_BACK = 10_000
_MAX_BYTES_KEPT_BACK = 16 * 1024 * 1024
_AFTER_TROUBLE = 1.0
_FLUSH_SECONDS = 0.1
_PAGE = 200


class StoredJournal:
    """A `Journal` in a database.

    Exchanges are written in batches: when 64 are waiting, or after a tenth of a second. If processes share the
    journal (`shared`), each exchange is written immediately, so that all processes see the same entries. A read
    returns everything that its own process has added.

    `added` is called after each exchange with its workspace. `lost` is called with the number of entries that were
    dropped to make room or could not be written. `written` changes an entry's JSON before it is stored.
    """

    def __init__(
        self,
        entries: Entries,
        maximum: int = 10_000,
        max_bytes: int = MAX_BYTES,
        added: Callable[[str], None] = lambda _: None,
        *,
        shared: bool = False,
        lost: Callable[[int], None] = lambda _: None,
        written: Callable[[bytes], bytes] = lambda entry: entry,
    ) -> None:
        self.maximum = maximum
        self.shared = shared
        self.lost = lost
        self._written = written
        self._entries = entries
        self._max_bytes = max_bytes
        self._added = added
        self._most_waiting = 1 if shared else _MAX_WAITING
        self._waiting: list[Record | Written] = []
        self._bytes = 0
        self._trouble = False
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._timer: threading.Timer | None = None

    def checkpoint(self) -> None:
        """Moves everything that is not in the database's file yet into it, so that this file alone is complete."""
        self.flush()
        self._entries.checkpoint()

    def close(self) -> None:
        """Writes the waiting entries and closes the database."""
        self.flush()
        self._entries.close()

    def add(self, record: Record) -> None:
        """Appends an exchange."""
        with self._lock:
            self._waiting.append(record)
            self._bytes += record.size
            at_once = len(self._waiting) >= self._most_waiting and not self._trouble
            lost = self._shed()
            if not at_once:
                self._later(_AFTER_TROUBLE if self._trouble else _FLUSH_SECONDS)
        if lost:
            self.lost(lost)
        if at_once:
            self.flush()
        self._added(record.workspace)

    def flush(self) -> None:
        """Writes the waiting entries.

        After a failure they continue to wait, up to 10,000 entries and 16 MiB, and the next try follows a second
        later. Until a write succeeds, `add` does not wait for one.
        """
        with self._writing:
            with self._lock:
                taken, self._waiting, self._bytes = self._waiting, [], 0
                if threading.current_thread() is self._timer:  # later entries need another timer
                    self._timer = None
            if not taken:
                return
            pages = [each if isinstance(each, Written) else self._as_written(each) for each in taken]
            late: set[str] = set()
            try:
                gone = self._entries.add(pages, self.maximum, self._max_bytes)
                if self._trouble:
                    late = {each.workspace for each in pages}
                self._trouble = False
            except StoreError as error:
                log.error("the journal cannot be written: %s", error)
                with self._lock:
                    self._trouble = True
                    self._waiting = [*pages, *self._waiting]
                    self._bytes = sum(each.size for each in self._waiting)
                    gone = self._shed()
                    self._later(_AFTER_TROUBLE)
        if gone:
            self.lost(gone)
        for workspace in late:
            self._added(workspace)

    def _as_written(self, record: Record) -> Written:
        return Written(record.workspace, record.id, record.operation, self._written(dump(record.entry())))

    def _shed(self) -> int:
        """Drops the oldest waiting entries until the rest is within the limits. Returns how many it dropped."""
        gone = 0
        while len(self._waiting) - gone > _MAX_KEPT_BACK or self._bytes > _MAX_BYTES_KEPT_BACK:
            self._bytes -= self._waiting[gone].size
            gone += 1
        del self._waiting[:gone]
        return gone

    def _later(self, seconds: float) -> None:
        """Schedules a flush after this many seconds, unless one is scheduled already."""
        if self._timer is None or not self._timer.is_alive():
            self._timer = threading.Timer(seconds, self.flush)
            # not a daemon, so that a process writes its last entries before it ends, except after a failure
            self._timer.daemon = self._trouble
            self._timer.start()

    def get(self, id: str) -> Entry | None:
        """Returns the entry with this request id, or None if there is none or it was dropped."""
        self.flush()
        found = self._entries.get(id)
        return None if found is None else load(found)

    def newest(self, workspace: str, operation: str = "*", after: int = 0, limit: int = -1) -> Iterator[Entry]:
        """Yields a workspace's entries, newest first, and reads them during the iteration.

        Selects those of `operation` (`ebay.*` for all of a provider, `*` for all) with a number above `after`, at
        most `limit` (-1: all).
        """
        self.flush()
        before, left = None, limit
        while left:
            size = _PAGE if left < 0 else min(left, _PAGE)
            page = self._entries.newest(workspace, operation, after, before, size)
            if not page:
                return
            yield from (load(entry) for _, entry in page)
            before, left = page[-1][0], left - len(page) if left > 0 else left

    def after(self, workspace: str, number: int, maximum: int) -> tuple[list[Entry], int]:
        """Returns up to `maximum` entries with a number above `number`, oldest first, and the last one's number,
        as in `Journal`."""
        self.flush()
        found = self._entries.after(workspace, number, maximum)
        return [load(entry) for _, entry in found], found[-1][0] if found else number

    def version(self) -> int:
        """Returns a number that changes when another process has written."""
        return self._entries.version()

    def number(self, id: str) -> int:
        """Returns the number of an entry, or 0 if it no longer exists."""
        self.flush()
        return self._entries.number(id)

    def last(self, workspace: str) -> int:
        """Returns a number that no entry of the workspace exceeds, as in `Journal`."""
        self.flush()
        return self._entries.last(workspace)

    def count(self, workspace: str) -> int:
        """Returns how many entries a workspace has."""
        self.flush()
        return self._entries.counts(workspace)[0]

    def dropped(self, workspace: str) -> int:
        """Returns how many of a workspace's entries were dropped to make room."""
        self.flush()
        return self._entries.counts(workspace)[1]

    def forget(self, workspace: str) -> None:
        """Removes every entry of a workspace. They do not count as dropped."""
        self.flush()
        self._entries.forget(workspace)
