"""The set of served outcomes in a PostgreSQL database."""

import threading
from collections.abc import Iterable

from offer_sandbox.world.served_outcomes import Served
from offer_sandbox.world.store.postgresql.database import Database


class ServedTable:
    """A set of `Served` that several servers share. `ServedOutcomes` documents its methods.

    A call waits here until the journal stores its entry, which takes the call along in the same statement. Nothing
    else is kept in memory, because another server may have cleared the set a moment ago.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: set[Served] = set()
        self._lock = threading.Lock()

    def add(self, served: Served) -> None:
        with self._lock:
            self._waiting.add(served)

    def take(self) -> set[Served]:
        """Returns the waiting calls, which wait no longer."""
        with self._lock:
            taken, self._waiting = self._waiting, set()
            return taken

    def take_back(self, calls: Iterable[Served]) -> None:
        """Lets calls wait again, because they could not be stored."""
        with self._lock:
            self._waiting.update(calls)

    def all(self) -> set[Served]:
        with self._database.statement() as connection:
            return {Served(*row) for row in connection.execute("SELECT operation, outcome, trigger FROM served")}

    def clear(self) -> None:
        with self._database.statement() as connection:
            connection.execute("DELETE FROM served")

    def close(self) -> None:
        self._database.close()
