"""Removes the records of deleted workspaces in small batches, in a background thread."""

import logging
import threading

from offer_sandbox.world.clock import pause
from offer_sandbox.world.store import Store, StoreError

log = logging.getLogger("offer_sandbox")
_SLICE = 1_000  # records per batch, so that other transactions wait at most a few milliseconds
_BETWEEN_SECONDS = 0.005


class Cleanup:
    """A background thread that runs until nothing is left to remove. If the process ends earlier, the next process
    that calls `sweep` removes the rest."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._again = False

    def sweep(self) -> None:
        """Starts removing everything that deleted workspaces have left so far."""
        with self._lock:
            self._again = True
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._wanted():
            try:
                while self._slice():
                    pause(_BETWEEN_SECONDS)
            except StoreError as error:  # the next sweep continues
                log.error("the records of deleted workspaces cannot be removed for now: %s", error)

    def _wanted(self) -> bool:
        with self._lock:
            wanted, self._again = self._again, False
            if not wanted:
                self._thread = None
            return wanted

    def _slice(self) -> bool:
        with self._store.transaction() as transaction:
            return transaction.sweep(_SLICE)
