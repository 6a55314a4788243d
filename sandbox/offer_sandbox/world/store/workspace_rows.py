"""The statements about workspaces themselves: name, seed, clock, settings, key, age; none about their records."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from offer_sandbox.world.json_codec import dump, load
from offer_sandbox.world.store.base import ReadOnlyTransaction, WorkspaceRow

COLUMNS = "id, name, seed, clock, settings, made, used, records, key"
NUMBER_OF_COLUMNS = COLUMNS.count(",") + 1


class WorkspaceRows:
    """The statements, in whatever transaction the connection is in."""

    def __init__(self, connection: sqlite3.Connection, writes: bool) -> None:
        self._connection = connection
        self._writes = writes

    def _write(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Runs a statement that writes. Raises ReadOnlyTransaction where none may."""
        if not self._writes:
            raise ReadOnlyTransaction(statement)
        return self._connection.execute(statement, values)

    def workspace(self, name: str) -> WorkspaceRow | None:
        row = self._connection.execute(f"SELECT {COLUMNS} FROM workspaces WHERE name = ?", (name,)).fetchone()  # noqa: S608 - a constant
        return None if row is None else read_row(row)

    def workspaces(self) -> list[WorkspaceRow]:
        rows = self._connection.execute(f"SELECT {COLUMNS} FROM workspaces ORDER BY id")  # noqa: S608 - a constant
        return [read_row(row) for row in rows]

    def count_workspaces(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM workspaces").fetchone()[0])

    def add_workspace(self, name: str, seed: int, clock: dict[str, Any], now: int = 0) -> WorkspaceRow:
        cursor = self._write(
            "INSERT INTO workspaces (name, seed, clock, settings, made, used, records)"
            " VALUES (?, ?, ?, '{}', ?, ?, 0)",
            (name, seed, dump(clock).decode(), now, now),
        )
        assert cursor.lastrowid is not None
        return WorkspaceRow(cursor.lastrowid, name, seed, clock, {}, now, now)

    def set_clock(self, workspace: int, clock: dict[str, Any]) -> None:
        self._set(workspace, "clock", dump(clock).decode())

    def set_settings(self, workspace: int, settings: dict[str, Any]) -> None:
        self._set(workspace, "settings", dump(settings).decode())

    def set_seed(self, workspace: int, seed: int) -> None:
        self._set(workspace, "seed", seed)

    def set_used(self, workspace: int, now: int) -> None:
        self._set(workspace, "used", now)

    def set_key(self, workspace: int, key: bytes | None) -> None:
        self._set(workspace, "key", key)

    def drop_workspace(self, workspace: int) -> None:
        self._write("DELETE FROM workspaces WHERE id = ?", (workspace,))
        self._write("INSERT INTO dropped (workspace) VALUES (?)", (workspace,))

    def idle(self, before: int) -> list[WorkspaceRow]:
        rows = self._connection.execute(f"SELECT {COLUMNS} FROM workspaces WHERE used < ?", (before,))  # noqa: S608 - a constant
        return [read_row(row) for row in rows]

    def add_to_records(self, workspace: int, number: int) -> int:
        """Moves the count of a workspace's records; what it is then."""
        rows = self._write(
            "UPDATE workspaces SET records = records + ? WHERE id = ? RETURNING records", (number, workspace)
        ).fetchall()
        return int(rows[0][0]) if rows else 0

    def probe(self) -> None:
        self._write("UPDATE probe SET number = number + 1")

    def _set(self, workspace: int, column: str, value: Any) -> None:
        self._write(
            f"UPDATE workspaces SET {column} = ? WHERE id = ?",  # noqa: S608 - names of this file
            (value, workspace),
        )


def read_row(row: tuple[Any, ...]) -> WorkspaceRow:
    """The workspace whose `COLUMNS` these are."""
    id, name, seed, clock, settings, *others = row
    return WorkspaceRow(id, name, seed, load(clock.encode()), load(settings.encode()), *others)
