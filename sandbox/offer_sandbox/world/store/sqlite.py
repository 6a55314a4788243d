"""The store in SQLite, in memory or in a folder: its tables and every statement for records."""

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any

from offer_sandbox.world.collection import Collection, Document, Row
from offer_sandbox.world.json_codec import dump, load
from offer_sandbox.world.store import schema
from offer_sandbox.world.store.base import DueRow, ReadOnlyTransaction, StoreError, WorkspaceHead, WorkspaceRow
from offer_sandbox.world.store.connection import WAY_OUT, Database
from offer_sandbox.world.store.heads import RememberedHeads, Seen
from offer_sandbox.world.store.lists import List, Positions, RememberedLists
from offer_sandbox.world.store.statements import (
    WORKSPACE,
    Conditions,
    DeclaredCollections,
    WorkspaceSetters,
    head_of,
    head_statement,
    workspace_of,
)

FILE_NAME = "offer-sandbox.sqlite3"
_AT_ONCE = 16  # documents per statement: more gain little, and each count needs its own compiled statement
_PROBE_BYTES = 64 * 1024
_CONDITIONS = Conditions("?", "instr")


class SqliteStore(DeclaredCollections):
    """A `Store` in one SQLite database. `Store` documents its methods.

    `folder` None keeps it in memory. `failed` is called with every failure. If the database was `made` before and
    is gone, it is not created again. `shared` is true if other processes write to it too.
    """

    serial = True

    def __init__(
        self,
        folder: Path | None,
        collections: Iterable[Collection],
        failed: Callable[[StoreError], None] = lambda _: None,
        *,
        made: bool = False,
        shared: bool = False,
    ) -> None:
        self.shared = shared
        self.in_memory = folder is None
        super().__init__(collections)
        self._put_statements: dict[tuple[str, int], str] = {}
        self.heads = RememberedHeads()
        self.lists = RememberedLists()
        path = folder and folder / FILE_NAME
        self._database = Database(path, self._prepare, failed, schema.VERSION, made=made, shared=shared)

    def close(self) -> None:
        self._database.close()

    def changed(self, workspace: int, table: str) -> None:
        """Drops the cached heads and lists that depend on the documents of a table."""
        self.heads.changed(workspace, table)
        self.lists.changed(workspace, table)

    def put_statement(self, kind: Collection, count: int) -> str:
        """Returns the statement that adds or replaces this many documents of a kind."""
        place = kind.table, count
        if place not in self._put_statements:
            self._put_statements[place] = _put_statement(kind, count)
        return self._put_statements[place]

    def checkpoint(self) -> None:
        self._database.checkpoint()

    def version(self) -> int:
        if self.in_memory:
            return 0
        with self._database.transaction(writes=False) as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def undisturbed(self) -> AbstractContextManager[bool]:
        return _Undisturbed(None if self.shared else self._database.lock)

    def transaction(self, *, writes: bool = True) -> AbstractContextManager["SqliteTransaction"]:
        return _Block(self, self._database.transaction(writes=writes), writes)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version = check_version(connection, self.every())
        for statement in schema.common() if version == 0 else ():
            connection.execute(statement)
        for statement in schema.tables(self.every()):
            connection.execute(statement)
        if version == 0:
            connection.execute(f"PRAGMA user_version = {schema.VERSION}")


class SqliteTransaction(WorkspaceSetters):
    """The statements of one transaction. `Transaction` documents its methods."""

    def __init__(self, connection: sqlite3.Connection, store: SqliteStore, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._changes = connection.total_changes
        self.store = store

    @property
    def changed(self) -> bool:
        return self._connection.total_changes > self._changes

    def savepoint(self) -> AbstractContextManager[None]:
        # If nothing was written before the block, rolling back the whole transaction has the same effect as a
        # savepoint, provided that no other process can write before the transaction begins again.
        return _Savepoint(self, whole=not (self.changed or self.store.shared))

    def begin_step(self) -> None:
        """Begins a savepoint."""
        self._connection.execute("SAVEPOINT step")

    def end_step(self, *, whole: bool, failed: bool) -> None:
        """Ends a savepoint. `whole` means that nothing was written before the block, so that the whole transaction
        is rolled back in place of a savepoint."""
        if not self._connection.in_transaction:  # a full disk, for example, has ended the transaction
            return
        if failed:
            self._take_back(whole)
        if not whole:
            self._connection.execute("RELEASE step")

    def _take_back(self, whole: bool) -> None:
        if not whole:
            self._connection.execute("ROLLBACK TO step")
        elif self.changed:
            self._connection.execute("ROLLBACK")
            self._connection.execute("BEGIN IMMEDIATE")
            self._changes = self._connection.total_changes

    def head(self, name: str, provider: str, kind: Collection, where: dict[str, Any]) -> WorkspaceHead | None:
        asked = (provider, kind.table, *where.items())
        seen = self._seen()
        remembered = self.store.heads.get(seen, name, asked)
        if remembered is not None:
            return remembered
        head = self._read_head(name, provider, kind, where)
        if head is not None and not self.changed:
            self.store.heads.keep(seen, name, asked, head)
        return head

    def _seen(self) -> Seen:
        """Returns the connection and a version number that changes when another process has written."""
        if self.store.in_memory:
            return self._connection, 0
        return self._connection, int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _read_head(
        self, name: str, provider: str, kind: Collection, where: dict[str, Any]
    ) -> WorkspaceHead | None:
        statement, values = head_statement(_CONDITIONS, kind, where, self.store.due_columns.get(provider, ""))
        row = self._connection.execute(statement, (provider, *values, name)).fetchone()
        return None if row is None else head_of(row)

    def look_again(self, workspace: int) -> None:
        self.store.heads.forget(workspace)

    def workspace(self, name: str) -> WorkspaceRow | None:
        row = self._connection.execute(f"SELECT {WORKSPACE} FROM workspaces WHERE name = ?", (name,)).fetchone()  # noqa: S608 - a constant
        return None if row is None else workspace_of(row)

    def workspaces(self) -> list[WorkspaceRow]:
        rows = self._connection.execute(f"SELECT {WORKSPACE} FROM workspaces ORDER BY id")  # noqa: S608 - a constant
        return [workspace_of(row) for row in rows]

    def count_workspaces(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM workspaces").fetchone()[0])

    def has_room(self, maximum: int) -> bool:
        return self.count_workspaces() < maximum

    def add_workspace(self, name: str, seed: int, clock: dict[str, Any], now: int = 0) -> WorkspaceRow:
        cursor = self._write(
            "INSERT INTO workspaces (name, seed, clock, settings, made, used, records)"
            " VALUES (?, ?, ?, '{}', ?, ?, 0)",
            (name, seed, dump(clock).decode(), now, now),
        )
        assert cursor.lastrowid is not None
        return WorkspaceRow(cursor.lastrowid, name, seed, clock, {}, now, now)

    def drop_workspace(self, workspace: int) -> None:
        self.store.heads.forget(workspace)
        self._write("DELETE FROM workspaces WHERE id = ?", (workspace,))
        self._write("INSERT INTO dropped (workspace) VALUES (?)", (workspace,))

    def idle(self, before: int) -> list[WorkspaceRow]:
        rows = self._connection.execute(f"SELECT {WORKSPACE} FROM workspaces WHERE used < ?", (before,))  # noqa: S608 - a constant
        return [workspace_of(row) for row in rows]

    def _add_to_records(self, workspace: int, number: int) -> int:
        """Adds `number` to the count of a workspace's records. Returns the new count."""
        rows = self._write(
            "UPDATE workspaces SET records = records + ? WHERE id = ? RETURNING records", (number, workspace)
        ).fetchall()
        return int(rows[0][0]) if rows else 0

    def probe(self) -> None:
        # several pages, as a call may write: one number would find room in the files of a full disk
        self._write("UPDATE probe SET number = randomblob(?)", (_PROBE_BYTES,))

    def seeded(self, workspace: int) -> list[str]:
        rows = self._connection.execute(
            "SELECT provider FROM seeded WHERE workspace = ? ORDER BY provider", (workspace,)
        )
        return [row[0] for row in rows]

    def mark_seeded(self, workspace: int, provider: str) -> bool:
        self.store.heads.forget(workspace)
        cursor = self._write(
            "INSERT OR IGNORE INTO seeded (workspace, provider) VALUES (?, ?)", (workspace, provider)
        )
        return cursor.rowcount == 1

    def next_ordinal(self, workspace: int, name: str) -> int:
        return self.next_ordinals(workspace, name, 1)[0]

    def next_ordinals(self, workspace: int, name: str, count: int) -> range:
        if count == 0:
            return range(0)
        row = self._write(
            "INSERT INTO ordinals (workspace, name, value) VALUES (?, ?, ?)"
            " ON CONFLICT (workspace, name) DO UPDATE SET value = value + excluded.value RETURNING value",
            (workspace, name, count),
        ).fetchone()
        return range(row[0] - count + 1, row[0] + 1)

    def ordinals(self, workspace: int) -> dict[str, int]:
        rows = self._connection.execute(
            "SELECT name, value FROM ordinals WHERE workspace = ? ORDER BY name", (workspace,)
        )
        return dict(rows.fetchall())

    def set_ordinals(self, workspace: int, ordinals: Mapping[str, int]) -> None:
        self._write("DELETE FROM ordinals WHERE workspace = ?", (workspace,))
        for name, value in ordinals.items():
            self._write("INSERT INTO ordinals (workspace, name, value) VALUES (?, ?, ?)", (workspace, name, value))

    def get(self, workspace: int, kind: Collection, id: str) -> Document | None:
        row = self._connection.execute(
            f"SELECT document FROM {kind.table} WHERE workspace = ? AND id = ?",  # noqa: S608 - declared names
            (workspace, id),
        ).fetchone()
        return None if row is None else load(row[0])

    def get_many(self, workspace: int, kind: Collection, ids: Iterable[str]) -> dict[str, Document]:
        rows = self._connection.execute(
            f"SELECT id, document FROM {kind.table}"  # noqa: S608 - declared names
            " WHERE workspace = ? AND id IN (SELECT value FROM json_each(?))",
            (workspace, dump([*ids]).decode()),
        )
        return {id: load(document) for id, document in rows}

    def put(self, workspace: int, kind: Collection, documents: Iterable[Document]) -> int:
        return self.put_rows(workspace, kind, map(kind.row, documents))

    def put_rows(self, workspace: int, kind: Collection, rows: Iterable[Row]) -> int:
        added, left = 0, iter(rows)
        while some := [*islice(left, _AT_ONCE)]:
            given = [value for values in some for value in (workspace, *values)]
            versions = self._write(self.store.put_statement(kind, len(some)), given).fetchall()
            added += sum(version == 1 for (version,) in versions)
            for _, due, *_ in some if kind.timed else ():
                if due is not None:
                    self.store.heads.due(workspace, kind.provider, due)
        self.store.changed(workspace, kind.table)
        return self._add_to_records(workspace, added) if added else 0

    def delete(self, workspace: int, kind: Collection, id: str) -> bool:
        return self._delete(workspace, kind, "workspace = ? AND id = ?", workspace, id) == 1

    def select(
        self,
        workspace: int,
        kind: Collection,
        where: dict[str, Any],
        limit: int = -1,
        offset: int = 0,
        order: str | None = None,
    ) -> list[Document]:
        condition, values = _CONDITIONS.of(workspace, kind, where)
        rows = self._connection.execute(
            f"SELECT document FROM {kind.table} WHERE {condition}"  # noqa: S608 - declared names
            f" ORDER BY {_CONDITIONS.order(kind, order)} LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return [load(row[0]) for row in rows]

    def select_stored(self, workspace: int, kind: Collection) -> list[bytes]:
        rows = self._connection.execute(
            f"SELECT document FROM {kind.table} WHERE workspace = ? ORDER BY position",  # noqa: S608 - declared names
            (workspace,),
        )
        return [row[0] for row in rows]

    def stored_bytes(self, workspace: int, kind: Collection) -> int:
        row = self._connection.execute(
            f"SELECT total(length(document)) FROM {kind.table} WHERE workspace = ?",  # noqa: S608 - declared names
            (workspace,),
        ).fetchone()
        return int(row[0])

    def page(
        self,
        workspace: int,
        kind: Collection,
        where: dict[str, Any],
        limit: int,
        offset: int,
        order: str | None = None,
    ) -> tuple[list[Document], int]:
        while True:
            positions = self._positions(workspace, kind, where, order)
            wanted = positions[offset : offset + limit]
            found = self._at(kind, wanted)
            if len(found) == len(wanted):
                return [load(found[each]) for each in wanted], len(positions)
            self.store.lists.changed(workspace, kind.table)  # another process wrote after the version was read

    def _at(self, kind: Collection, positions: Positions) -> dict[int, bytes]:
        """Returns the documents at these positions, as stored bytes by position."""
        if not positions:
            return {}
        rows = self._connection.execute(
            f"SELECT position, document FROM {kind.table}"  # noqa: S608 - declared names
            " WHERE position IN (SELECT value FROM json_each(?))",
            (dump(positions.tolist()).decode(),),
        )
        return dict(rows.fetchall())

    def _positions(self, workspace: int, kind: Collection, where: dict[str, Any], order: str | None) -> Positions:
        """Returns the positions of a list's documents, in the order of the list."""
        asked: List = (workspace, kind.table, order, *where.items())
        seen = self._seen()
        remembered = self.store.lists.get(seen, asked)
        if remembered is not None:
            return remembered
        condition, values = _CONDITIONS.of(workspace, kind, where)
        rows = self._connection.execute(
            f"SELECT position FROM {kind.table} WHERE {condition} ORDER BY {_CONDITIONS.order(kind, order)}",  # noqa: S608 - declared names
            values,
        )
        positions = array("q", [row[0] for row in rows])
        if not self.changed:
            self.store.lists.keep(seen, asked, positions)
        return positions

    def count(self, workspace: int, kind: Collection, where: dict[str, Any]) -> int:
        condition, values = _CONDITIONS.of(workspace, kind, where)
        row = self._connection.execute(
            f"SELECT count(*) FROM {kind.table} WHERE {condition}",  # noqa: S608 - declared names
            values,
        ).fetchone()
        return int(row[0])

    def values(self, workspace: int, kind: Collection, column: str, where: dict[str, Any]) -> set[Any]:
        condition, given = _CONDITIONS.of(workspace, kind, where)
        rows = self._connection.execute(
            f"SELECT DISTINCT {kind.column(column)} FROM {kind.table} WHERE {condition}",  # noqa: S608 - declared names
            given,
        )
        return {row[0] for row in rows}

    def due(self, workspace: int, kind: Collection, until: int) -> list[Document]:
        rows = self._connection.execute(
            f"SELECT document FROM {kind.table} WHERE workspace = ? AND due <= ? ORDER BY due, position",  # noqa: S608 - declared names
            (workspace, until),
        )
        return [load(row[0]) for row in rows]

    def due_page(
        self, workspace: int, kind: Collection, until: int, after: DueRow | None, limit: int
    ) -> list[DueRow]:
        place = (after.due, after.position) if after else (-1, -1)
        rows = self._connection.execute(
            f"SELECT due, position, version, document FROM {kind.table} WHERE workspace = ? AND due <= ?"  # noqa: S608 - declared names
            " AND (due, position) > (?, ?) ORDER BY due, position LIMIT ?",
            (workspace, until, *place, limit),
        )
        return [DueRow(due, position, version, load(document)) for due, position, version, document in rows]

    def due_versions(self, workspace: int, kind: Collection, until: int) -> list[tuple[int, int]]:
        return self._connection.execute(
            f"SELECT position, version FROM {kind.table} WHERE workspace = ? AND due <= ? ORDER BY due, position",  # noqa: S608 - declared names
            (workspace, until),
        ).fetchall()

    def next_due(self, workspace: int, kind: Collection, after: int) -> int | None:
        row = self._connection.execute(
            f"SELECT min(due) FROM {kind.table} WHERE workspace = ? AND due > ?",  # noqa: S608 - declared names
            (workspace, after),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def has_due(self, workspace: int, kind: Collection) -> bool:
        row = self._connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM {kind.table} WHERE workspace = ? AND due IS NOT NULL)",  # noqa: S608 - declared names
            (workspace,),
        ).fetchone()
        return bool(row[0])

    def workspaces_to_watch(self, setting: str, kind: Collection) -> list[str]:
        rows = self._connection.execute(
            "SELECT name FROM workspaces WHERE json_extract(settings, ?) IS NOT NULL"  # noqa: S608 - declared names
            f" OR id IN (SELECT workspace FROM {kind.table} WHERE due IS NOT NULL) ORDER BY id",
            (f"$.{setting}",),
        )
        return [row[0] for row in rows]

    def empty(self, workspace: int, kind: Collection) -> None:
        self._delete(workspace, kind, "workspace = ?", workspace)

    def clear(self, workspace: int, *, rules: bool = False) -> None:
        cleared = [kind for kind in self.store.every() if kind.cleared or rules]
        for kind in cleared:
            self.empty(workspace, kind)
        stored = [kind.table for kind in self.store.every() if kind not in cleared]
        self._write(
            "DELETE FROM ordinals WHERE workspace = ? AND name NOT IN (SELECT value FROM json_each(?))",
            (workspace, dump(stored).decode()),
        )
        self._write("DELETE FROM seeded WHERE workspace = ?", (workspace,))
        self.store.heads.forget(workspace)

    def forget_ordinal(self, workspace: int, name: str) -> None:
        self._write("DELETE FROM ordinals WHERE workspace = ? AND name = ?", (workspace, name))

    def sweep(self, maximum: int) -> bool:
        for (workspace,) in self._connection.execute("SELECT workspace FROM dropped").fetchall():
            for kind in self.store.every():
                slice = f"SELECT position FROM {kind.table} WHERE workspace = ? LIMIT ?"  # noqa: S608 - declared names
                maximum -= self._delete(workspace, kind, f"position IN ({slice})", workspace, maximum)
                if maximum <= 0:
                    return True
            for table in ("ordinals", "seeded", "dropped"):
                self._write(f"DELETE FROM {table} WHERE workspace = ?", (workspace,))  # noqa: S608 - constants
        return False

    def _write(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Runs a statement that writes. Raises ReadOnlyTransaction in a read-only transaction."""
        if not self._writes:
            raise ReadOnlyTransaction(statement)
        return self._connection.execute(statement, values)

    def _set(self, workspace: int, column: str, value: Any) -> None:
        self.store.heads.forget(workspace)
        self._write(
            f"UPDATE workspaces SET {column} = ? WHERE id = ?",  # noqa: S608 - names of this file
            (value, workspace),
        )

    def _delete(self, workspace: int, kind: Collection, condition: str, *values: Any) -> int:
        self.store.changed(workspace, kind.table)
        cursor = self._write(f"DELETE FROM {kind.table} WHERE {condition}", values)  # noqa: S608 - declared names
        if cursor.rowcount:
            self._add_to_records(workspace, -cursor.rowcount)
        return cursor.rowcount


class _Block:
    """A context manager for one transaction of the store. Like the next two, a class because every call creates
    several."""

    __slots__ = ("_block", "_store", "_writes")

    def __init__(
        self, store: SqliteStore, block: AbstractContextManager[sqlite3.Connection], writes: bool
    ) -> None:
        self._store = store
        self._block = block
        self._writes = writes

    def __enter__(self) -> SqliteTransaction:
        return SqliteTransaction(self._block.__enter__(), self._store, self._writes)

    def __exit__(self, *raised: Any) -> None:
        self._block.__exit__(*raised)


class _Undisturbed:
    """A context manager that holds the lock, if there is one, so that nothing else can write."""

    __slots__ = ("_lock",)

    def __init__(self, lock: Any) -> None:
        self._lock = lock

    def __enter__(self) -> bool:
        if self._lock is None:
            return False
        self._lock.acquire()
        return True

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.release()


class _Savepoint:
    """A context manager for a part of a transaction that is rolled back if its block raises."""

    __slots__ = ("_transaction", "_whole")

    def __init__(self, transaction: SqliteTransaction, whole: bool) -> None:
        self._transaction = transaction
        self._whole = whole

    def __enter__(self) -> None:
        if not self._whole:
            self._transaction.begin_step()

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        self._transaction.end_step(whole=self._whole, failed=raised is not None)


def check_version(connection: sqlite3.Connection, collections: Iterable[Collection]) -> int:
    """Returns the schema version of a database, or 0 for a new one. Missing tables of collections are accepted,
    because they are created later.

    Raises StoreError if another program wrote the database, if another table is missing, or if a table has other
    columns. Changes nothing.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise StoreError(f"it has tables but no schema version, so this program did not write it; {WAY_OUT}")
    if version not in (0, schema.VERSION):
        raise StoreError(
            f"it has schema version {version}, but this program reads version {schema.VERSION}; {WAY_OUT}"
        )
    present = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if missing := [name for name in schema.COMMON_TABLES if version and name not in present]:
        raise StoreError(f"its table {missing[0]} is missing; restore a copy of it, or start with an empty folder")
    for kind in collections:
        found = [row[1] for row in connection.execute(f"PRAGMA table_info({kind.table})")]
        if found and found != schema.columns(kind):
            raise StoreError(f"its table {kind.table} has other columns than this program expects; {WAY_OUT}")
    return version


def _put_statement(kind: Collection, count: int) -> str:
    """Returns a statement that adds or replaces documents. It returns their versions: 1 means added."""
    columns = ["due", "document", *map(kind.column, kind.columns)]
    names = ", ".join(columns)
    row = f"(?, ?, 1, {', '.join('?' * len(columns))})"
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return (
        f"INSERT INTO {kind.table} (workspace, id, version, {names})"  # noqa: S608 - declared names
        f" VALUES {', '.join([row] * count)}"
        f" ON CONFLICT (workspace, id) DO UPDATE SET version = version + 1, {changes} RETURNING version"
    )
