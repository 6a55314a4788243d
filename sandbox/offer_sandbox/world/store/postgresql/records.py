"""The statements for records in a PostgreSQL database, and the savepoints of a transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

from psycopg import Cursor, capabilities

from offer_sandbox.world.collection import Collection, Document, Row
from offer_sandbox.world.json_codec import load
from offer_sandbox.world.store.base import DueRow, ReadOnlyTransaction
from offer_sandbox.world.store.postgresql import text
from offer_sandbox.world.store.postgresql.database import WRITES, Connection
from offer_sandbox.world.store.statements import Conditions

_AT_ONCE = 200  # documents that one statement stores, or that the client receives at a time


def _encoded(kind: Collection, name: str, value: Any) -> str | None:
    return text.indexed(value) if name in kind.indexed else text.encoded(value)


CONDITIONS = Conditions("%s", "strpos", _encoded, first="NULLS FIRST", last="NULLS LAST")


class Records:
    """The statements of one transaction that concern records. `Transaction` documents the methods."""

    def __init__(self, connection: Connection, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._locked: set[str] = set()
        self._steps: list[_Step] = []
        self.changed = False

    def savepoint(self) -> AbstractContextManager[None]:
        return _Step(self)

    def begin_step(self, step: "_Step") -> None:
        """Begins a nested transaction. The database learns of it with its first statement that writes. It need not
        if nothing was written before: to roll back the whole transaction has the same effect."""
        step.whole = not (self.changed or self._steps)
        self._steps.append(step)

    def end_step(self, *, failed: bool) -> None:
        """Ends the innermost nested transaction. If it `failed`, takes back what it wrote."""
        step = self._steps.pop()
        if not failed or self._connection.broken:
            return
        if step.begun:
            self._connection.execute(f"ROLLBACK TO step{len(self._steps)}")
        elif step.whole and self.changed:
            self._begin_again()

    def _begin_again(self) -> None:
        """Rolls the transaction back, and begins another one with the same workspaces locked."""
        self._connection.rollback()
        self._connection.execute(WRITES)
        self._connection.execute("SELECT id FROM workspaces WHERE name = ANY(%s) FOR UPDATE", ([*self._locked],))
        self.changed = False

    def get(self, workspace: int, kind: Collection, id: str) -> Document | None:
        row = self._run(
            f"SELECT document FROM {kind.table} WHERE workspace = %s AND id = %s",  # noqa: S608 - declared names
            (workspace, text.indexed(id)),
        ).fetchone()
        return None if row is None else load(row[0])

    def get_many(self, workspace: int, kind: Collection, ids: Iterable[str]) -> dict[str, Document]:
        wanted = {text.indexed(id): id for id in ids}
        rows = self._run(
            f"SELECT id, document FROM {kind.table} WHERE workspace = %s AND id = ANY(%s)",  # noqa: S608 - declared names
            (workspace, [*wanted]),
        )
        return {wanted[id]: load(document) for id, document in rows}

    def put(self, workspace: int, kind: Collection, documents: Iterable[Document]) -> int:
        return self.put_rows(workspace, kind, map(kind.row, documents))

    def put_rows(self, workspace: int, kind: Collection, rows: Iterable[Row]) -> int:
        records, left = 0, iter(rows)
        while some := [*islice(left, _AT_ONCE)]:
            unique = {row[0]: row for row in some}  # one statement must not write a row twice
            self._demand_writable(kind.table)
            values = [[*_stored(kind, row)] for row in unique.values()]
            given = values[0] if len(values) == 1 else [[*column] for column in zip(*values, strict=True)]
            statement = _put_statement(kind, several=len(values) > 1)
            row = self._run(statement, (workspace, *given, workspace)).fetchone()
            records = row[0] if row is not None else records
            self.changed = True
        return records

    def delete(self, workspace: int, kind: Collection, id: str) -> bool:
        return self._delete(workspace, kind, "workspace = %s AND id = %s", workspace, text.indexed(id)) == 1

    def delete_some(self, workspace: int, kind: Collection, maximum: int) -> int:
        """Removes up to `maximum` documents. Returns how many it removed."""
        some = f"SELECT position FROM {kind.table} WHERE workspace = %s LIMIT %s"  # noqa: S608 - declared names
        condition = f"workspace = %s AND position IN ({some})"
        return self._delete(workspace, kind, condition, workspace, workspace, maximum)

    def empty(self, workspace: int, kind: Collection) -> None:
        self._delete(workspace, kind, "workspace = %s", workspace)

    def select(
        self,
        workspace: int,
        kind: Collection,
        where: dict[str, Any],
        limit: int = -1,
        offset: int = 0,
        order: str | None = None,
    ) -> list[Document]:
        condition, values = CONDITIONS.of(workspace, kind, where)
        statement = f"SELECT document FROM {kind.table} WHERE {condition} ORDER BY {CONDITIONS.order(kind, order)}"  # noqa: S608 - declared names
        if limit < 0 and not offset:
            return [load(document) for (document,) in self._streamed(statement, values)]
        most = limit if limit >= 0 else None
        rows = self._run(f"{statement} LIMIT %s OFFSET %s", (*values, most, offset))
        return [load(document) for (document,) in rows]

    def select_stored(self, workspace: int, kind: Collection) -> list[bytes]:
        statement = f"SELECT document FROM {kind.table} WHERE workspace = %s ORDER BY position"  # noqa: S608 - declared names
        return [document for (document,) in self._streamed(statement, (workspace,))]

    def stored_bytes(self, workspace: int, kind: Collection) -> int:
        return self._number(
            f"SELECT coalesce(sum(length(document)), 0) FROM {kind.table} WHERE workspace = %s",  # noqa: S608 - declared names
            (workspace,),
        )

    def page(
        self,
        workspace: int,
        kind: Collection,
        where: dict[str, Any],
        limit: int,
        offset: int,
        order: str | None = None,
    ) -> tuple[list[Document], int]:
        total = self.count(workspace, kind, where)
        return (self.select(workspace, kind, where, limit, offset, order) if offset < total else []), total

    def count(self, workspace: int, kind: Collection, where: dict[str, Any]) -> int:
        condition, values = CONDITIONS.of(workspace, kind, where)
        return self._number(f"SELECT count(*) FROM {kind.table} WHERE {condition}", values)  # noqa: S608 - declared names

    def values(self, workspace: int, kind: Collection, column: str, where: dict[str, Any]) -> set[Any]:
        condition, values = CONDITIONS.of(workspace, kind, where)
        statement = f"SELECT DISTINCT {kind.column(column)} FROM {kind.table} WHERE {condition}"  # noqa: S608 - declared names
        found = [value for (value,) in self._run(statement, values)]
        if any(map(text.is_shortened, found)):
            return {kind.columns[column](document) for document in self.select(workspace, kind, where)}
        return {*map(text.decoded, found)}

    def due(self, workspace: int, kind: Collection, until: int) -> list[Document]:
        rows = self._streamed(
            f"SELECT document FROM {kind.table} WHERE workspace = %s AND due <= %s ORDER BY due, position",  # noqa: S608 - declared names
            (workspace, until),
        )
        return [load(document) for (document,) in rows]

    def due_page(
        self, workspace: int, kind: Collection, until: int, after: DueRow | None, limit: int
    ) -> list[DueRow]:
        place = (after.due, after.position) if after else (-1, -1)
        rows = self._run(
            f"SELECT due, position, version, document FROM {kind.table} WHERE workspace = %s AND due <= %s"  # noqa: S608 - declared names
            " AND (due, position) > (%s, %s) ORDER BY due, position LIMIT %s",
            (workspace, until, *place, limit),
        )
        return [DueRow(due, position, version, load(document)) for due, position, version, document in rows]

    def due_versions(self, workspace: int, kind: Collection, until: int) -> list[tuple[int, int]]:
        rows = self._run(
            f"SELECT position, version FROM {kind.table}"  # noqa: S608 - declared names
            " WHERE workspace = %s AND due <= %s ORDER BY due, position",
            (workspace, until),
        )
        return [(position, version) for position, version in rows]

    def next_due(self, workspace: int, kind: Collection, after: int) -> int | None:
        [(due,)] = self._run(
            f"SELECT min(due) FROM {kind.table} WHERE workspace = %s AND due > %s",  # noqa: S608 - declared names
            (workspace, after),
        )
        return None if due is None else int(due)

    def has_due(self, workspace: int, kind: Collection) -> bool:
        [(found,)] = self._run(
            f"SELECT EXISTS (SELECT 1 FROM {kind.table} WHERE workspace = %s AND due IS NOT NULL)",  # noqa: S608 - declared names
            (workspace,),
        )
        return bool(found)

    def _delete(self, workspace: int, kind: Collection, condition: str, *values: Any) -> int:
        """Removes documents and counts the rest of the workspace's records. Returns how many it removed."""
        self._demand_writable(kind.table)
        removed = self._number(
            f"WITH gone AS (DELETE FROM {kind.table} WHERE {condition} RETURNING 1),"  # noqa: S608 - declared names
            " counted AS (UPDATE workspaces SET records = records - (SELECT count(*) FROM gone)"
            " WHERE id = %s AND EXISTS (SELECT FROM gone)) SELECT count(*) FROM gone",
            (*values, workspace),
        )
        self.changed = self.changed or removed > 0
        return removed

    def _run(self, statement: str, values: Sequence[Any] = ()) -> Cursor[tuple[Any, ...]]:
        return self._connection.execute(statement, values, binary=True)

    def _number(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Returns the only value of the only row."""
        [(number,)] = self._run(statement, values)
        return int(number)

    def _write(self, statement: str, values: Sequence[Any] = ()) -> Cursor[tuple[Any, ...]]:
        """Runs a statement that writes. Raises ReadOnlyTransaction in a read-only transaction."""
        self._demand_writable(statement)
        cursor = self._run(statement, values)
        self.changed = self.changed or cursor.rowcount > 0
        return cursor

    def _demand_writable(self, what: str) -> None:
        """Prepares for a statement that writes: begins the nested transactions that it belongs to."""
        if not self._writes:
            raise ReadOnlyTransaction(what)
        for number, step in enumerate(self._steps):
            if not (step.begun or step.whole):
                self._connection.execute(f"SAVEPOINT step{number}")
                step.begun = True

    def _streamed(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Yields rows as they arrive, so that the client does not hold all of them twice."""
        with self._connection.cursor(binary=True) as cursor:
            size = _AT_ONCE if capabilities.has_stream_chunked() else 1
            yield from cursor.stream(statement, values, size=size)


class _Step:
    """A context manager for a part of a transaction that is rolled back if its block raises."""

    __slots__ = ("_transaction", "begun", "whole")

    def __init__(self, transaction: Records) -> None:
        self._transaction = transaction
        self.begun = False
        self.whole = False

    def __enter__(self) -> None:
        self._transaction.begin_step(self)

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        self._transaction.end_step(failed=raised is not None)


def _stored(kind: Collection, row: Row) -> Iterator[Any]:
    """Yields the values of a row as the database stores them."""
    id, due, document, *filters = row
    yield from (text.indexed(id), due, document)
    for name, value in zip(kind.columns, filters, strict=True):
        yield _encoded(kind, name, value)


def _put_statement(kind: Collection, *, several: bool) -> str:
    """Returns a statement that adds or replaces a document, or `several`, which it takes as an array for each
    column. It returns the workspace's new number of records if any were added, otherwise no row."""
    columns = ["due", "document", *map(kind.column, kind.columns)]
    names = ", ".join(columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    if several:
        arrays = ", ".join(["%s::text[]", "%s::bigint[]", "%s::bytea[]", *["%s::text[]"] * len(kind.columns)])
        rows = (
            f"SELECT %s, id, 1, {names} FROM unnest({arrays})"  # noqa: S608 - declared names
            f" WITH ORDINALITY AS given (id, {names}, turn) ORDER BY turn"
        )
    else:
        rows = f"VALUES (%s, %s, 1, {', '.join(['%s'] * len(columns))})"
    return (
        f"WITH put AS (INSERT INTO {kind.table} AS stored (workspace, id, version, {names}) {rows}"  # noqa: S608 - declared names
        f" ON CONFLICT (workspace, id) DO UPDATE SET version = stored.version + 1, {changes} RETURNING version)"
        " UPDATE workspaces SET records = records + (SELECT count(*) FROM put WHERE version = 1)"
        " WHERE id = %s AND EXISTS (SELECT FROM put WHERE version = 1) RETURNING records"
    )
