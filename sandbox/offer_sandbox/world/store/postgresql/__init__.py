"""The store, the journal and the served outcomes in a PostgreSQL database, which several servers may share."""

from offer_sandbox.world.store.postgresql.database import Database
from offer_sandbox.world.store.postgresql.journal import JournalTable
from offer_sandbox.world.store.postgresql.notices import Notices
from offer_sandbox.world.store.postgresql.served import ServedTable
from offer_sandbox.world.store.postgresql.store import PostgresqlStore

__all__ = ["Database", "JournalTable", "Notices", "PostgresqlStore", "ServedTable"]
