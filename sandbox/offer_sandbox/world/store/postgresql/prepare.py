"""Creates the tables in an empty PostgreSQL database, and checks those of another one."""

from collections.abc import Iterable

import psycopg

from offer_sandbox.world.collection import Collection
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.store.base import StoreError
from offer_sandbox.world.store.postgresql import schema
from offer_sandbox.world.store.postgresql.database import Connection, connect, reason

_WAY_OUT = "save a snapshot with the program that wrote it, and load the snapshot into an empty database"


def prepare(connection: Connection, collections: Iterable[Collection]) -> None:
    """Creates the schema with its tables, and the tables of new collections. Raises StoreError if another version
    of this program made the schema, if a table is missing, or if a table has other columns."""
    found = _checked(connection, collections)
    if not connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema.SCHEMA,)).fetchone():
        connection.execute(f"CREATE SCHEMA {schema.SCHEMA}")
    connection.execute(f"SET search_path TO {schema.SCHEMA}")
    for statement in () if found else schema.common():
        connection.execute(statement)
    for kind in collections:
        if kind.table.lower() not in found:  # the statements need locks, and owner's rights, even if all exists
            for statement in schema.tables(kind):
                connection.execute(statement)


def look(url: DatabaseUrl, collections: Iterable[Collection]) -> int:
    """Returns the schema version of a database that this program can use, or 0 for one without tables. Raises
    StoreError for any other. Changes nothing."""
    try:
        with connect(url) as connection:
            found = _checked(connection, collections)
    except psycopg.Error as error:
        raise StoreError(f"{url} cannot be used: {reason(error)}") from error
    return schema.VERSION if found else 0


def _checked(connection: Connection, collections: Iterable[Collection]) -> dict[str, set[str]]:
    """Returns the columns of each table. Raises StoreError if this program cannot use the database."""
    _demand_encoding(connection)
    found = _tables(connection)
    if found:
        _check(connection, found, collections)
    return found


def _demand_encoding(connection: Connection) -> None:
    [(encoding,)] = connection.execute("SHOW server_encoding")
    if encoding != "UTF8":
        raise StoreError(f"its encoding is {encoding}; create a database with ENCODING 'UTF8'")


def _tables(connection: Connection) -> dict[str, set[str]]:
    """Returns the columns of each table in the schema, in lower case."""
    rows = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s", (schema.SCHEMA,)
    )
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found


def _check(connection: Connection, found: dict[str, set[str]], collections: Iterable[Collection]) -> None:
    """Raises StoreError if this program cannot use the tables. Changes nothing."""
    if "schema_version" not in found:
        raise StoreError(
            f"the schema {schema.SCHEMA} has tables but no version, so this program did not write it; {_WAY_OUT}"
        )
    row = connection.execute(f"SELECT max(version) FROM {schema.SCHEMA}.schema_version").fetchone()  # noqa: S608 - a constant
    version = row and row[0]
    if version != schema.VERSION:
        raise StoreError(
            f"it has schema version {version}, but this program reads version {schema.VERSION}; {_WAY_OUT}"
        )
    if missing := [name for name in schema.COMMON_TABLES if name not in found]:
        raise StoreError(f"its table {missing[0]} is missing; restore a copy of it, or use an empty database")
    for kind in collections:
        if found.get(kind.table.lower(), schema.columns(kind)) != schema.columns(kind):
            raise StoreError(f"its table {kind.table} has other columns than this program expects; {_WAY_OUT}")
