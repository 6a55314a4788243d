"""The set of served outcomes in memory, or in a database next to the store's."""

import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from offer_sandbox.world.served_outcomes import Served
from offer_sandbox.world.store.base import StoreError
from offer_sandbox.world.store.connection import Database

log = logging.getLogger("offer_sandbox")
FILE_NAME = "offer-sandbox-coverage.sqlite3"
_VERSION = 1
_BUSY_SECONDS = 2.0


class ServedFile:
    """A set of `Served`. `ServedOutcomes` documents its methods.

    With a `folder` it is kept in a file there, of which only the first call of each kind writes. `shared` is true
    if other processes use the file too. `failed` is called with every failure of the file. If the file was `made`
    before and is gone, it is not created again.
    """

    def __init__(
        self,
        folder: Path | None = None,
        failed: Callable[[StoreError], None] = lambda _: None,
        *,
        made: bool = False,
        shared: bool = False,
    ) -> None:
        self._known: set[Served] = set()
        self._shared = shared and folder is not None
        self._seen = 0  # the version of the file at which `_known` was complete or a part of it
        self._database = folder and Database(
            folder / FILE_NAME, _prepare, failed, _VERSION, made=made, shared=shared, busy_seconds=_BUSY_SECONDS
        )

    def add(self, served: Served) -> None:
        try:
            if self._shared:
                self._look()
            if served in self._known:
                return
            if self._database:
                with self._database.transaction() as connection:
                    connection.execute("INSERT OR IGNORE INTO served VALUES (?, ?, ?)", served)
            self._known.add(served)
        except StoreError as error:
            log.error("the coverage cannot be written: %s", error)

    def all(self) -> set[Served]:
        if not self._database:
            return set(self._known)
        with self._database.transaction(writes=False) as connection:
            return {Served(*row) for row in connection.execute("SELECT operation, outcome, trigger FROM served")}

    def clear(self) -> None:
        if self._database:
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM served")
        self._known.clear()

    def close(self) -> None:
        if self._database:
            self._database.close()

    def _look(self) -> None:
        """Forgets what it knows if another process has changed the file, because it may have been cleared."""
        assert self._database
        with self._database.transaction(writes=False) as connection:
            version = int(connection.execute("PRAGMA data_version").fetchone()[0])
        if version != self._seen:
            self._known.clear()
            self._seen = version


def _prepare(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found not in (0, _VERSION):
        raise StoreError(f"it has version {found}, and this program uses version {_VERSION}; move the file away")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS served (operation TEXT NOT NULL, outcome TEXT NOT NULL, trigger TEXT NOT NULL,"
        " PRIMARY KEY (operation, outcome, trigger)) WITHOUT ROWID"
    )
    connection.execute(f"PRAGMA user_version = {_VERSION}")
