"""The journal's entries in a PostgreSQL database."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg.errors import UniqueViolation

from offer_sandbox.world.journal import BATCH_BYTES
from offer_sandbox.world.served_outcomes import Served
from offer_sandbox.world.store.base import StoreError
from offer_sandbox.world.store.entries import Written
from offer_sandbox.world.store.postgresql.database import Connection, Database
from offer_sandbox.world.store.postgresql.served import ServedTable
from offer_sandbox.world.store.postgresql.text import encoded

_OVERHEAD = 200  # bytes that a row takes in addition to the entry
_SLACK = 128  # the total is checked after 1/128 of the bytes that the journal may have
_TRIMMING = 4242_0003  # the number of the advisory lock of whoever makes room
# The page is counted, and so locked, before the entry gets its number. The entries of a workspace are therefore
# committed in the order of their numbers, and a reader that continues after the last one that it saw misses none.
_ADD = f"""
WITH page AS (
    INSERT INTO journal_pages (workspace, entries, bytes, dropped)
    VALUES (%(workspace)s, 1, length(%(entry)s::bytea) + {_OVERHEAD}, 0)
    ON CONFLICT (workspace) DO UPDATE
    SET entries = journal_pages.entries + 1, bytes = journal_pages.bytes + excluded.bytes
    RETURNING workspace, entries
), added AS (
    INSERT INTO journal_entries (workspace, id, operation, entry)
    SELECT workspace, %(id)s, %(operation)s, %(entry)s FROM page
), noted AS (
    INSERT INTO served (operation, outcome, trigger)
    SELECT * FROM unnest(%(operations)s::text[], %(outcomes)s::text[], %(triggers)s::text[]) ON CONFLICT DO NOTHING
)
SELECT workspace, entries FROM page
"""  # noqa: S608 - a constant
# The page is locked before its entries, as everywhere.
_DROP = f"""
WITH locked AS (
    SELECT workspace FROM journal_pages WHERE workspace = %s FOR UPDATE
), gone AS (
    DELETE FROM journal_entries WHERE number IN (
        SELECT number FROM journal_entries JOIN locked USING (workspace) ORDER BY number LIMIT %s
    ) RETURNING length(entry) + {_OVERHEAD} AS size
), total AS (SELECT count(*) AS entries, coalesce(sum(size), 0) AS bytes FROM gone)
UPDATE journal_pages AS page
SET entries = page.entries - total.entries, bytes = page.bytes - total.bytes, dropped = dropped + total.entries
FROM total WHERE workspace = %s RETURNING total.entries
"""  # noqa: S608 - a constant


class JournalTable:
    """The `Entries` in a PostgreSQL database, which documents the methods.

    Entries are stored with the waiting calls of `served` in one statement.
    """

    def __init__(self, database: Database, served: ServedTable) -> None:
        self._database = database
        self._served = served
        self._unchecked: int | None = None  # bytes that were added since the total was checked

    def close(self) -> None:
        self._database.close()

    def checkpoint(self) -> None:
        pass  # the database is complete at any time

    def add(self, entries: Sequence[Written], maximum: int, max_bytes: int) -> int:
        try:
            counts = self._insert(entries)
        except StoreError as error:
            if not isinstance(error.__cause__, UniqueViolation):
                raise
            # an earlier write succeeded but was reported as failed
            stored = self._stored(entries)
            counts = self._insert([each for each in entries if each.id not in stored])
        dropped = sum(self._drop(name, number - maximum) for name, number in counts.items() if number > maximum)
        added = sum(each.size for each in entries)
        self._unchecked = None if self._unchecked is None else self._unchecked + added
        if self._unchecked is None or self._unchecked > max_bytes // _SLACK:
            self._unchecked = 0
            dropped += self._trim(max_bytes)
        return dropped

    def _insert(self, entries: Sequence[Written]) -> dict[str, int]:
        """Appends entries in one transaction. Returns the new number of entries of each of their workspaces."""
        if not entries:
            return {}
        calls = self._served.take()
        # in the same order everywhere, so that two servers do not wait for each other's pages
        rows = [each._asdict() for each in sorted(entries, key=lambda each: each.workspace)]
        rows = [{**row, **_NO_CALLS} for row in rows[:-1]] + [{**rows[-1], **_columns(calls)}]
        try:
            with self._database.statement() as connection:
                if len(rows) == 1:
                    return dict(connection.execute(_ADD, rows[0]).fetchall())
                with connection.cursor() as cursor:
                    cursor.executemany(_ADD, rows, returning=True)  # one transaction in one round trip
                    return {workspace: number for result in cursor.results() for workspace, number in result}
        except BaseException:
            self._served.take_back(calls)
            raise

    def _stored(self, entries: Sequence[Written]) -> set[str]:
        """Returns the ids of the entries that the journal has already."""
        with self._database.statement() as connection:
            ids = [each.id for each in entries]
            rows = connection.execute("SELECT id FROM journal_entries WHERE id = ANY(%s)", (ids,))
            return {id for (id,) in rows}

    def _drop(self, workspace: str, number: int) -> int:
        with self._database.statement() as connection:
            return _drop(connection, workspace, number)

    def get(self, id: str) -> bytes | None:
        found: bytes | None = self._one("SELECT entry FROM journal_entries WHERE id = %s", (encoded(id),))
        return found

    def newest(
        self, workspace: str, operation: str = "*", after: int = 0, before: int | None = None, limit: int = -1
    ) -> list[tuple[int, bytes]]:
        condition, values = "workspace = %s AND number > %s", [workspace, after]
        if before is not None:
            condition, values = f"{condition} AND number < %s", [*values, before]
        if operation.endswith(".*"):
            condition, values = f"{condition} AND starts_with(operation, %s)", [*values, encoded(operation[:-1])]
        elif operation != "*":
            condition, values = f"{condition} AND operation = %s", [*values, encoded(operation)]
        return self._batch(condition, values, "DESC", limit)

    def after(self, workspace: str, number: int, maximum: int) -> list[tuple[int, bytes]]:
        return self._batch("workspace = %s AND number > %s", [workspace, number], "ASC", maximum)

    def _batch(self, condition: str, values: list[Any], direction: str, limit: int) -> list[tuple[int, bytes]]:
        """Returns the first entries with not too many bytes together, at least one. Others stay in the
        database."""
        statement = (
            "SELECT number, entry FROM ("  # noqa: S608 - constants
            f"SELECT number, entry, sum(length(entry)) OVER (ORDER BY number {direction}) AS bytes"
            f" FROM journal_entries WHERE {condition} ORDER BY number {direction} LIMIT %s) AS found"
            f" WHERE bytes <= %s OR bytes = length(entry) ORDER BY number {direction}"
        )
        with self._database.statement() as connection:
            found = (*values, None if limit < 0 else limit, BATCH_BYTES)
            return [(number, entry) for number, entry in connection.execute(statement, found, binary=True)]

    def version(self) -> int:
        return 0  # the store's version changes too

    def number(self, id: str) -> int:
        return int(self._one("SELECT number FROM journal_entries WHERE id = %s", (encoded(id),)) or 0)

    def last(self, workspace: str) -> int:
        return int(self._one("SELECT max(number) FROM journal_entries WHERE workspace = %s", (workspace,)) or 0)

    def counts(self, workspace: str) -> tuple[int, int]:
        with self._database.statement() as connection:
            statement = "SELECT entries, dropped FROM journal_pages WHERE workspace = %s"
            row = connection.execute(statement, (workspace,)).fetchone()
            return (row[0], row[1]) if row else (0, 0)

    def forget(self, workspace: str) -> None:
        with self._database.transaction() as connection:
            connection.execute(  # locks the page, also one that does not exist yet
                "INSERT INTO journal_pages (workspace, entries, bytes, dropped) VALUES (%s, 0, 0, 0)"
                " ON CONFLICT (workspace) DO UPDATE SET dropped = journal_pages.dropped",
                (workspace,),
            )
            connection.execute("DELETE FROM journal_entries WHERE workspace = %s", (workspace,))
            connection.execute("DELETE FROM journal_pages WHERE workspace = %s", (workspace,))

    def _one(self, statement: str, values: Sequence[Any]) -> Any:
        """Returns the only value of the first row, or None."""
        with self._database.statement() as connection:
            row = connection.execute(statement, values, binary=True).fetchone()
            return None if row is None else row[0]

    def _trim(self, maximum: int) -> int:
        """Drops the oldest entries of the workspace with the most bytes, again and again, until the total is small
        enough. Returns how many it dropped. Does nothing while another server does it."""
        dropped = 0
        while gone := self._trim_one(maximum):
            dropped += gone
        return dropped

    def _trim_one(self, maximum: int) -> int:
        """Drops entries of one workspace, if the total exceeds the maximum. Returns how many it dropped. A
        transaction locks one page only, because others lock pages in another order."""
        with self._database.transaction() as connection:
            [(mine,)] = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (_TRIMMING,))
            [(total,)] = connection.execute("SELECT coalesce(sum(bytes), 0) FROM journal_pages")
            if not mine or total <= maximum or (found := _largest(connection)) is None:
                return 0
            workspace, lead = found
            number = _number_to_drop(connection, workspace, min(total - maximum, lead))
            return _drop(connection, workspace, number)


def _columns(calls: Iterable[Served]) -> dict[str, list[str]]:
    """Returns the parameters of `_ADD` for calls."""
    ordered = sorted(calls)
    names = ("operations", "outcomes", "triggers")
    return {name: [each[place] for each in ordered] for place, name in enumerate(names)}


_NO_CALLS = _columns(())


def _drop(connection: Connection, workspace: str, number: int) -> int:
    """Drops this many of a workspace's oldest entries. Returns how many it dropped."""
    row = connection.execute(_DROP, (workspace, number, workspace)).fetchone()
    return int(row[0]) if row else 0


def _largest(connection: Connection) -> tuple[str, int] | None:
    """Returns the workspace with the most bytes, and by how many it exceeds the next one. The newest entry of all
    does not count, because it is never dropped. Entries without a workspace are dropped before all others."""
    rows = connection.execute(
        "SELECT page.workspace, page.bytes - coalesce(length(newest.entry) + %s, 0) AS bytes"
        " FROM journal_pages AS page"
        " LEFT JOIN (SELECT workspace, entry FROM journal_entries ORDER BY number DESC LIMIT 1) AS newest"
        " USING (workspace) WHERE page.entries > (newest.entry IS NOT NULL)::integer"
        " ORDER BY (page.workspace = '') DESC, bytes DESC LIMIT 2",
        (_OVERHEAD,),
    ).fetchall()
    if not rows:
        return None
    workspace, taken = rows[0]
    return workspace, int(taken) if len(rows) == 1 or workspace == "" else int(taken - rows[1][1])


def _number_to_drop(connection: Connection, workspace: str, size: int) -> int:
    """Returns how many of a workspace's oldest entries have `size` bytes together, at least one. The newest entry
    of all is never among them."""
    [(number,)] = connection.execute(
        "SELECT count(*) FROM (SELECT number,"
        " sum(length(entry) + %s) OVER (ORDER BY number) - length(entry) - %s AS before"
        " FROM journal_entries WHERE workspace = %s) AS entry"
        " WHERE number < (SELECT max(number) FROM journal_entries) AND (before < %s OR before = 0)",
        (_OVERHEAD, _OVERHEAD, workspace, size),
    )
    return int(number)
