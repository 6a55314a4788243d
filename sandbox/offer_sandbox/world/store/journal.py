"""The journal's own database next to the store's: its tables and statements."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from offer_sandbox.world.journal import BATCH_BYTES
from offer_sandbox.world.store.base import StoreError
from offer_sandbox.world.store.connection import Database
from offer_sandbox.world.store.entries import Written

FILE_NAME = "offer-sandbox-journal.sqlite3"
_VERSION = 1
_WAY_OUT = "move it away, and a new one is created (it has only the journal, which no snapshot has)"
_BUSY_SECONDS = 2.0
_OVERHEAD = 200  # bytes that a row takes in addition to the entry
_TABLES = (
    """CREATE TABLE entries (
        number INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
        operation TEXT, entry BLOB NOT NULL)""",
    "CREATE INDEX entries_workspace ON entries (workspace, number)",
    """CREATE TABLE pages (
        workspace TEXT PRIMARY KEY, entries INTEGER NOT NULL, bytes INTEGER NOT NULL,
        dropped INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX pages_bytes ON pages (bytes)",
)


class JournalFile:
    """The `Entries` in a folder, which documents the methods."""

    def __init__(
        self, folder: Path, failed: Callable[[StoreError], None] = lambda _: None, *, made: bool = False
    ) -> None:
        path = folder / FILE_NAME
        self._database = Database(path, _prepare, failed, _VERSION, made=made, busy_seconds=_BUSY_SECONDS)

    def close(self) -> None:
        self._database.close()

    def checkpoint(self) -> None:
        self._database.checkpoint()

    def add(self, entries: Sequence[Written], maximum: int, max_bytes: int) -> int:
        with self._database.transaction() as connection:
            # an entry is stored already if an earlier write succeeded but was reported as failed
            stored = _stored(connection, entries)
            new = [each for each in entries if each.id not in stored]
            pages: dict[str, list[int]] = {}
            for each in new:
                pages.setdefault(each.workspace, []).append(len(each.entry) + _OVERHEAD)
            connection.executemany(
                "INSERT INTO entries (workspace, id, operation, entry) VALUES (?, ?, ?, ?)", new
            )
            connection.executemany(
                "INSERT INTO pages (workspace, entries, bytes, dropped) VALUES (?, ?, ?, 0)"
                " ON CONFLICT (workspace) DO UPDATE"
                " SET entries = entries + excluded.entries, bytes = bytes + excluded.bytes",
                [(name, len(sizes), sum(sizes)) for name, sizes in pages.items()],
            )
            return sum(_trim(connection, name, maximum) for name in pages) + _trim_bytes(connection, max_bytes)

    def get(self, id: str) -> bytes | None:
        with self._database.transaction(writes=False) as connection:
            row = connection.execute("SELECT entry FROM entries WHERE id = ?", (id,)).fetchone()
            return None if row is None else row[0]

    def newest(
        self, workspace: str, operation: str = "*", after: int = 0, before: int | None = None, limit: int = -1
    ) -> list[tuple[int, bytes]]:
        with self._database.transaction(writes=False) as connection:
            rows = connection.execute(
                "SELECT number, entry FROM entries WHERE workspace = ? AND number > ? AND number < ?"
                " AND (? = '*' OR operation GLOB ?) ORDER BY number DESC LIMIT ?",
                (workspace, after, _LAST if before is None else before, operation, operation, limit),
            )
            return _batch(rows)

    def after(self, workspace: str, number: int, maximum: int) -> list[tuple[int, bytes]]:
        with self._database.transaction(writes=False) as connection:
            rows = connection.execute(
                "SELECT number, entry FROM entries WHERE workspace = ? AND number > ? ORDER BY number LIMIT ?",
                (workspace, number, maximum),
            )
            return _batch(rows)

    def version(self) -> int:
        with self._database.transaction(writes=False) as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def number(self, id: str) -> int:
        with self._database.transaction(writes=False) as connection:
            row = connection.execute("SELECT number FROM entries WHERE id = ?", (id,)).fetchone()
            return int(row[0]) if row else 0

    def last(self, workspace: str) -> int:  # the last of all, because one process writes at a time
        with self._database.transaction(writes=False) as connection:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
            return int(row[0]) if row else 0

    def counts(self, workspace: str) -> tuple[int, int]:
        with self._database.transaction(writes=False) as connection:
            row = connection.execute(
                "SELECT entries, dropped FROM pages WHERE workspace = ?", (workspace,)
            ).fetchone()
            return (row[0], row[1]) if row else (0, 0)

    def forget(self, workspace: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM entries WHERE workspace = ?", (workspace,))
            connection.execute("DELETE FROM pages WHERE workspace = ?", (workspace,))


def _batch(rows: sqlite3.Cursor) -> list[tuple[int, bytes]]:
    """Returns the first entries with not too many bytes together, at least one."""
    found: list[tuple[int, bytes]] = []
    size = 0
    for number, entry in rows:
        size += len(entry)
        if found and size > BATCH_BYTES:
            break
        found.append((number, entry))
    rows.close()
    return found


def check_version(connection: sqlite3.Connection) -> int:
    """Returns the version of a journal, or 0 for a new one. Raises StoreError for any other. Changes nothing."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
    if version not in (0, _VERSION) or (version == 0 and tables):
        raise StoreError(
            f"it has journal version {version}, but this program reads version {_VERSION}; {_WAY_OUT}"
        )
    return version


def _prepare(connection: sqlite3.Connection) -> None:
    if check_version(connection) == 0:
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _stored(connection: sqlite3.Connection, entries: Sequence[Written]) -> set[str]:
    """Returns the ids of the entries that the journal has already."""
    ids = json.dumps([each.id for each in entries])
    rows = connection.execute("SELECT id FROM entries WHERE id IN (SELECT value FROM json_each(?))", (ids,))
    return {row[0] for row in rows}


def _trim(connection: sqlite3.Connection, workspace: str, maximum: int) -> int:
    row = connection.execute("SELECT entries FROM pages WHERE workspace = ?", (workspace,)).fetchone()
    return _drop(connection, workspace, row[0] - maximum) if row[0] > maximum else 0


def _trim_bytes(connection: sqlite3.Connection, maximum: int) -> int:
    """Drops the oldest entry of the workspace with the most bytes, again and again, until the total is small
    enough. Returns how many it dropped."""
    dropped = 0
    over = connection.execute("SELECT total(bytes) FROM pages").fetchone()[0] - maximum
    while over > 0 and (workspace := _with_most(connection)) is not None:
        before = _bytes(connection, workspace)
        dropped += _drop(connection, workspace, 1)
        over -= before - _bytes(connection, workspace)
    return dropped


def _with_most(connection: sqlite3.Connection) -> str | None:
    """Returns the workspace with the most bytes, or None. The newest entry of all does not count, because it is
    never dropped."""
    newest, length = connection.execute(
        "SELECT workspace, length(entry) FROM entries ORDER BY number DESC LIMIT 1"
    ).fetchone()
    strangers = connection.execute("SELECT entries FROM pages WHERE workspace = ''").fetchone()
    if strangers is not None and strangers[0] > (newest == ""):
        return ""  # entries without a workspace are dropped before all others
    # the first two are enough: without the newest entry, its workspace may no longer be the largest
    rows = connection.execute("SELECT workspace, entries, bytes FROM pages ORDER BY bytes DESC LIMIT 2").fetchall()
    counted = [
        (taken - (length + _OVERHEAD) * (workspace == newest), workspace)
        for workspace, entries, taken in rows
        if entries > (workspace == newest)
    ]
    return max(counted)[1] if counted else None


def _bytes(connection: sqlite3.Connection, workspace: str) -> int:
    return int(connection.execute("SELECT bytes FROM pages WHERE workspace = ?", (workspace,)).fetchone()[0])


def _drop(connection: sqlite3.Connection, workspace: str, number: int) -> int:
    """Drops this many of a workspace's oldest entries. Returns how many it dropped."""
    rows = connection.execute(
        "DELETE FROM entries WHERE number IN"
        " (SELECT number FROM entries WHERE workspace = ? ORDER BY number LIMIT ?) RETURNING length(entry)",
        (workspace, number),
    ).fetchall()
    connection.execute(
        "UPDATE pages SET entries = entries - ?, bytes = bytes - ?, dropped = dropped + ? WHERE workspace = ?",
        (len(rows), sum(row[0] for row in rows) + _OVERHEAD * len(rows), len(rows), workspace),
    )
    return len(rows)


_LAST = 2**63 - 1
