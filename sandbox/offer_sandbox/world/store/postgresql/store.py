"""The store in a PostgreSQL database: its transactions, and the statements for workspaces."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from offer_sandbox.world.collection import Collection
from offer_sandbox.world.json_codec import dump
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.store.base import StoreError, WorkspaceHead, WorkspaceRow
from offer_sandbox.world.store.postgresql.database import Connection, Database
from offer_sandbox.world.store.postgresql.prepare import prepare
from offer_sandbox.world.store.postgresql.records import CONDITIONS, Records
from offer_sandbox.world.store.postgresql.text import decoded, encoded
from offer_sandbox.world.store.statements import (
    WORKSPACE,
    DeclaredCollections,
    WorkspaceSetters,
    head_of,
    head_statement,
    workspace_of,
)

_CONNECTIONS = 20
_PROBE_BYTES = 64 * 1024
_LAST_PLACES = 1_000  # more than workspaces that all servers together add at the same time
_MAKING = 4242_0002  # the number of the advisory lock of whoever takes one of the last places


class PostgresqlStore(DeclaredCollections):
    """A `Store` in a PostgreSQL database. `Store` documents its methods.

    A transaction that writes locks each workspace that it looks up, so that those of one workspace run one after
    the other, on whatever server. Those of different workspaces run at the same time. Nothing is kept in memory: a
    call sees what every answered call has stored, whichever server has answered it.

    `failed` is called with every failure.
    """

    serial = False

    def __init__(
        self,
        url: DatabaseUrl,
        collections: Iterable[Collection],
        failed: Callable[[StoreError], None] = lambda _: None,
    ) -> None:
        super().__init__(collections)
        self.database = Database(url, failed, _CONNECTIONS, partial(prepare, collections=self.every()))

    def close(self) -> None:
        self.database.close()

    def checkpoint(self) -> None:
        pass  # the database is complete at any time

    def version(self) -> int:
        with self.database.statement() as connection:
            [(snapshot,)] = connection.execute("SELECT pg_current_snapshot()::text")
            return hash(snapshot)

    def undisturbed(self) -> AbstractContextManager[bool]:
        return nullcontext(False)

    def transaction(self, *, writes: bool = True) -> AbstractContextManager["PostgresqlTransaction"]:
        return _Block(self, self.database.transaction(writes=writes), writes)


class PostgresqlTransaction(Records, WorkspaceSetters):
    """The statements of one transaction. `Transaction` documents its methods."""

    def __init__(self, connection: Connection, store: PostgresqlStore, writes: bool) -> None:
        super().__init__(connection, writes)
        self.store = store

    def head(self, name: str, provider: str, kind: Collection, where: dict[str, Any]) -> WorkspaceHead | None:
        # The lock comes first: a statement that waits for one sees the rest of the database as it was before.
        if self._writes and not self._lock(name):
            return None
        due = self.store.due_columns.get(provider, "")
        statement, values = head_statement(CONDITIONS, kind, where, due)
        row = self._run(statement, (provider, *values, encoded(name))).fetchone()
        return None if row is None else head_of(row)

    def look_again(self, workspace: int) -> None:
        pass  # every head is read from the database

    def workspace(self, name: str) -> WorkspaceRow | None:
        if self._writes and not self._lock(name):
            return None
        row = self._run(f"SELECT {WORKSPACE} FROM workspaces WHERE name = %s", (encoded(name),)).fetchone()  # noqa: S608 - a constant
        return None if row is None else workspace_of(row)

    def _lock(self, name: str) -> bool:
        """Locks a workspace until the end of the transaction. Returns False if there is none with this name, which
        no other transaction can add before the end of this one."""
        if name in self._locked:
            return True
        lock = "SELECT id FROM workspaces WHERE name = %s FOR UPDATE"
        if self._run(lock, (encoded(name),)).fetchone() is None:
            self._run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (encoded(name),))
            if self._run(lock, (encoded(name),)).fetchone() is None:
                return False
        self._locked.add(name)
        return True

    def workspaces(self) -> list[WorkspaceRow]:
        return [*map(workspace_of, self._run(f"SELECT {WORKSPACE} FROM workspaces ORDER BY id"))]  # noqa: S608 - a constant

    def count_workspaces(self) -> int:
        return self._number("SELECT count(*) FROM workspaces")

    def has_room(self, maximum: int) -> bool:
        if self.count_workspaces() < maximum - _LAST_PLACES:
            return True
        self._run("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))  # two must not take the last place
        return self.count_workspaces() < maximum

    def add_workspace(self, name: str, seed: int, clock: dict[str, Any], now: int = 0) -> WorkspaceRow:
        [(id,)] = self._write(
            "INSERT INTO workspaces (name, seed, clock, settings, made, used, records)"
            " VALUES (%s, %s, %s, '{}', %s, %s, 0) RETURNING id",
            (name, seed, dump(clock).decode(), now, now),
        )
        return WorkspaceRow(id, name, seed, clock, {}, now, now)

    def _set(self, workspace: int, column: str, value: Any) -> None:
        self._write(f"UPDATE workspaces SET {column} = %s WHERE id = %s", (value, workspace))  # noqa: S608 - names of this file

    def drop_workspace(self, workspace: int) -> None:
        self._write("DELETE FROM workspaces WHERE id = %s", (workspace,))
        self._write("INSERT INTO dropped (workspace) VALUES (%s)", (workspace,))

    def idle(self, before: int) -> list[WorkspaceRow]:
        # a workspace that another transaction has locked is in use
        lock = "FOR UPDATE SKIP LOCKED" if self._writes else ""
        rows = self._run(f"SELECT {WORKSPACE} FROM workspaces WHERE used < %s {lock}", (before,))  # noqa: S608 - constants
        return [*map(workspace_of, rows)]

    def workspaces_to_watch(self, setting: str, kind: Collection) -> list[str]:
        rows = self._run(
            "SELECT name FROM workspaces WHERE strpos(settings, %s) > 0"  # noqa: S608 - declared names
            f" OR id IN (SELECT workspace FROM {kind.table} WHERE due IS NOT NULL) ORDER BY id",
            (f'"{setting}":',),
        )
        return [name for (name,) in rows]

    def probe(self) -> None:
        # several pages, as a call may write: one number would find room in the files of a full disk
        self._write("UPDATE probe SET content = %s", (bytes(_PROBE_BYTES),))

    def seeded(self, workspace: int) -> list[str]:
        rows = self._run("SELECT provider FROM seeded WHERE workspace = %s ORDER BY provider", (workspace,))
        return [provider for (provider,) in rows]

    def mark_seeded(self, workspace: int, provider: str) -> bool:
        added = self._write(
            "INSERT INTO seeded (workspace, provider) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (workspace, provider),
        )
        return added.rowcount == 1

    def next_ordinal(self, workspace: int, name: str) -> int:
        return self.next_ordinals(workspace, name, 1)[0]

    def next_ordinals(self, workspace: int, name: str, count: int) -> range:
        if count == 0:
            return range(0)
        [(last,)] = self._write(
            "INSERT INTO ordinals (workspace, name, value) VALUES (%s, %s, %s)"
            " ON CONFLICT (workspace, name) DO UPDATE SET value = ordinals.value + excluded.value RETURNING value",
            (workspace, encoded(name), count),
        )
        return range(last - count + 1, last + 1)

    def ordinals(self, workspace: int) -> dict[str, int]:
        rows = self._run("SELECT name, value FROM ordinals WHERE workspace = %s ORDER BY name", (workspace,))
        return {str(decoded(name)): value for name, value in rows}

    def set_ordinals(self, workspace: int, ordinals: Mapping[str, int]) -> None:
        self._write("DELETE FROM ordinals WHERE workspace = %s", (workspace,))
        self._write(
            "INSERT INTO ordinals (workspace, name, value) SELECT %s, * FROM unnest(%s::text[], %s::bigint[])",
            (workspace, [*map(encoded, ordinals)], [*ordinals.values()]),
        )

    def forget_ordinal(self, workspace: int, name: str) -> None:
        self._write("DELETE FROM ordinals WHERE workspace = %s AND name = %s", (workspace, encoded(name)))

    def clear(self, workspace: int, *, rules: bool = False) -> None:
        kept: list[str] = []
        for kind in self.store.every():
            if kind.cleared or rules:
                self.empty(workspace, kind)
            else:
                kept.append(kind.table)
        self._write("DELETE FROM ordinals WHERE workspace = %s AND name <> ALL(%s)", (workspace, kept))
        self._write("DELETE FROM seeded WHERE workspace = %s", (workspace,))

    def sweep(self, maximum: int) -> bool:
        # another server may be removing the records of another workspace
        found = self._run("SELECT workspace FROM dropped ORDER BY workspace FOR UPDATE SKIP LOCKED").fetchall()
        for (workspace,) in found:
            for kind in self.store.every():
                maximum -= self.delete_some(workspace, kind, maximum)
                if maximum <= 0:
                    return True
            for table in ("ordinals", "seeded", "dropped"):
                self._write(f"DELETE FROM {table} WHERE workspace = %s", (workspace,))  # noqa: S608 - constants
        return False


class _Block:
    """A context manager for one transaction of the store. A class, because every call creates several."""

    __slots__ = ("_block", "_store", "_writes")

    def __init__(self, store: PostgresqlStore, block: AbstractContextManager[Connection], writes: bool) -> None:
        self._store = store
        self._block = block
        self._writes = writes

    def __enter__(self) -> PostgresqlTransaction:
        return PostgresqlTransaction(self._block.__enter__(), self._store, self._writes)

    def __exit__(self, *raised: Any) -> None:
        self._block.__exit__(*raised)
