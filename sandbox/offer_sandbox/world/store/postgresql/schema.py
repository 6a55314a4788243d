"""The SQL statements that create the tables in PostgreSQL, in a schema of their own."""

from collections.abc import Iterator

from offer_sandbox.world.collection import Collection

SCHEMA = "offer_sandbox"
VERSION = 1
_TEXT = 'TEXT COLLATE "C"'  # compares bytes, as SQLite does
_ROOM = "WITH (fillfactor = 50)"  # for rows that many calls write: their new versions find room on the same page
_COMMON = {
    "schema_version": "version INTEGER NOT NULL",
    "workspaces": (
        f"id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name {_TEXT} NOT NULL UNIQUE, seed BIGINT NOT NULL,"
        " clock TEXT NOT NULL, settings TEXT NOT NULL, made BIGINT NOT NULL, used BIGINT NOT NULL,"
        " records BIGINT NOT NULL, key BYTEA"
    ),
    "dropped": "workspace BIGINT PRIMARY KEY",
    "probe": "content BYTEA NOT NULL",
    "seeded": f"workspace BIGINT NOT NULL, provider {_TEXT} NOT NULL, PRIMARY KEY (workspace, provider)",
    "ordinals": (
        f"workspace BIGINT NOT NULL, name {_TEXT} NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (workspace, name)"
    ),
    "journal_entries": (
        f"number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, workspace {_TEXT} NOT NULL,"
        f" id {_TEXT} NOT NULL UNIQUE, operation {_TEXT}, entry BYTEA NOT NULL"
    ),
    "journal_pages": (
        f"workspace {_TEXT} PRIMARY KEY, entries BIGINT NOT NULL, bytes BIGINT NOT NULL, dropped BIGINT NOT NULL"
    ),
    "served": (
        f"operation {_TEXT} NOT NULL, outcome {_TEXT} NOT NULL, trigger {_TEXT} NOT NULL,"
        " PRIMARY KEY (operation, outcome, trigger)"
    ),
}
_CROWDED = ("workspaces", "ordinals", "journal_pages")
COMMON_TABLES = tuple(_COMMON)


def common() -> Iterator[str]:
    """Yields the statements for the tables that do not depend on providers."""
    for name, declared in _COMMON.items():
        yield f"CREATE TABLE {name} ({declared}) {_ROOM if name in _CROWDED else ''}"
    yield "CREATE INDEX workspaces_used ON workspaces (used)"
    yield "CREATE INDEX journal_entries_workspace ON journal_entries (workspace, number)"
    yield f"INSERT INTO schema_version (version) VALUES ({VERSION})"  # noqa: S608 - a constant
    yield "ALTER TABLE probe ALTER COLUMN content SET STORAGE EXTERNAL"  # without compression
    yield "INSERT INTO probe (content) VALUES ('')"


def tables(kind: Collection) -> Iterator[str]:
    """Yields the statements for the table of a collection, with a column per filter and the document as JSON
    bytes.

    `position` keeps the order of insertion, and `version` counts the writes of a record. Each index begins with
    the workspace.
    """
    filters = "".join(f", {kind.column(name)} {_TEXT}" for name in kind.columns)
    yield (
        f"CREATE TABLE {kind.table} (workspace BIGINT NOT NULL, position BIGINT GENERATED ALWAYS AS IDENTITY,"
        f" id {_TEXT} NOT NULL, version BIGINT NOT NULL, due BIGINT, document BYTEA NOT NULL{filters},"
        " PRIMARY KEY (workspace, position), UNIQUE (workspace, id))"
    )
    yield f"CREATE INDEX {kind.table}_due ON {kind.table} (workspace, due, position) WHERE due IS NOT NULL"
    for index in kind.indexes:
        filters = "".join(f", {kind.column(name)} NULLS FIRST" for name in index)
        yield f"CREATE INDEX {kind.table}_{'_'.join(index)} ON {kind.table} (workspace{filters})"


def columns(kind: Collection) -> set[str]:
    """Returns the columns of a collection's table, in lower case as PostgreSQL lists them."""
    own = {"workspace", "position", "id", "version", "due", "document"}
    return own | {kind.column(name).lower() for name in kind.columns}
