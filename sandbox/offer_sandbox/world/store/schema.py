"""The SQL statements that create the store's tables."""

from collections.abc import Iterable, Iterator

from offer_sandbox.world.collection import Collection

VERSION = 2
COMMON_TABLES = ("workspaces", "dropped", "probe", "seeded", "ordinals")

_COMMON = (
    # AUTOINCREMENT: the records that a deleted workspace has left must never belong to a new one
    """CREATE TABLE workspaces (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, seed INTEGER NOT NULL,
        clock TEXT NOT NULL, settings TEXT NOT NULL, made INTEGER NOT NULL, used INTEGER NOT NULL,
        records INTEGER NOT NULL, key BLOB)""",
    "CREATE INDEX workspaces_used ON workspaces (used)",
    "CREATE TABLE dropped (workspace INTEGER PRIMARY KEY)",
    "CREATE TABLE probe (number INTEGER NOT NULL)",
    "INSERT INTO probe (number) VALUES (0)",
    """CREATE TABLE seeded (
        workspace INTEGER NOT NULL, provider TEXT NOT NULL, PRIMARY KEY (workspace, provider)) WITHOUT ROWID""",
    """CREATE TABLE ordinals (
        workspace INTEGER NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,
        PRIMARY KEY (workspace, name)) WITHOUT ROWID""",
)


def common() -> tuple[str, ...]:
    """Returns the statements for the tables that do not depend on providers."""
    return _COMMON


def tables(collections: Iterable[Collection]) -> Iterator[str]:
    """Yields the statements for one table per collection, with a column per filter and the document as JSON bytes.

    `position` keeps the order of insertion, and `version` counts the writes of a record.
    """
    for kind in collections:
        columns = "".join(f", {kind.column(name)}" for name in kind.columns)
        yield (
            f"CREATE TABLE IF NOT EXISTS {kind.table} (position INTEGER PRIMARY KEY, workspace INTEGER NOT NULL,"
            f" id TEXT NOT NULL, version INTEGER NOT NULL, due INTEGER, document BLOB NOT NULL{columns},"
            " UNIQUE (workspace, id))"
        )
        yield (
            f"CREATE INDEX IF NOT EXISTS {kind.table}_due ON {kind.table} (workspace, due) WHERE due IS NOT NULL"
        )
        for index in kind.indexes:
            yield (
                f"CREATE INDEX IF NOT EXISTS {kind.table}_{'_'.join(index)}"
                f" ON {kind.table} (workspace, {', '.join(map(kind.column, index))})"
            )


def columns(kind: Collection) -> list[str]:
    """Returns the columns of a collection's table, in order."""
    own = ["position", "workspace", "id", "version", "due", "document"]
    return own + [kind.column(name) for name in kind.columns]
