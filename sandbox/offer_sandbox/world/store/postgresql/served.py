"""The set of served outcomes in a PostgreSQL database."""

import logging

from offer_sandbox.world.served_outcomes import Served
from offer_sandbox.world.store.base import StoreError
from offer_sandbox.world.store.postgresql.database import Database

log = logging.getLogger("offer_sandbox")
_ADD = "INSERT INTO served (operation, outcome, trigger) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


class ServedTable:
    """A set of `Served` that several servers share. `ServedOutcomes` documents its methods.

    Each call asks the database, because another server may have cleared the set a moment ago.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, served: Served) -> None:
        try:
            with self._database.statement() as connection:
                connection.execute(_ADD, served)
        except StoreError as error:
            log.error("the coverage cannot be written: %s", error)

    def all(self) -> set[Served]:
        with self._database.statement() as connection:
            return {Served(*row) for row in connection.execute("SELECT operation, outcome, trigger FROM served")}

    def clear(self) -> None:
        with self._database.statement() as connection:
            connection.execute("DELETE FROM served")

    def close(self) -> None:
        self._database.close()
