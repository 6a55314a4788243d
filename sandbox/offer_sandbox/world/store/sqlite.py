"""The store on SQLite, in memory or in a folder: connections, transactions and every statement of a record."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from offer_sandbox.world.collection import Among, Between, Collection, Containing, Document
from offer_sandbox.world.documents import dump, load
from offer_sandbox.world.store import schema

FILE_NAME = "offer-sandbox.sqlite3"
_WAY_OUT = "save a snapshot with the program that wrote it and load that into an empty folder"
_BUSY_SECONDS = 10.0
_LARGEST = 2**63 - 1


class StoreError(Exception):
    """The store cannot be opened or written; the message is one sentence for the operator."""


@dataclass(frozen=True)
class WorkspaceRow:
    """A workspace as stored: `clock` and `settings` are JSON objects."""

    id: int
    name: str
    seed: int
    clock: dict[str, Any]
    settings: dict[str, Any]


class SqliteStore:
    """One SQLite database; `folder` None keeps it in memory.

    Exactly one transaction runs at a time in a process (a lock) and among processes (`BEGIN IMMEDIATE`).
    """

    def __init__(self, folder: Path | None, collections: Iterable[Collection]) -> None:
        self._collections = {(kind.provider, kind.name): kind for kind in collections}
        self._lock = threading.RLock()
        path = ":memory:" if folder is None else str(_file_in(folder))
        self._connection = _connect(path)
        try:
            self._prepare()
        except (sqlite3.Error, StoreError) as error:
            self._connection.close()
            raise StoreError(f"cannot open the store {path}: {error}") from error

    def close(self) -> None:
        """Closes the database; nothing acknowledged depends on it."""
        with self._lock:
            self._connection.close()

    def collection(self, provider: str, name: str) -> Collection:
        """The declaration of a collection; KeyError when there is none."""
        return self._collections[provider, name]

    def collections(self, provider: str) -> list[Collection]:
        """A provider's collections, in the order it declares them."""
        return [kind for (owner, _), kind in self._collections.items() if owner == provider]

    def every(self) -> list[Collection]:
        """All collections, each owner's in the order it declares them."""
        return list(self._collections.values())

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Everything done inside is kept when the block ends, and nothing of it when it raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection, self)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself has ended it after some failures
                    self._connection.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("PRAGMA temp_store = MEMORY")
        run("BEGIN IMMEDIATE")
        version = run("PRAGMA user_version").fetchone()[0]
        if version not in (0, schema.VERSION):
            raise StoreError(
                f"it was written by schema version {version}, this program reads {schema.VERSION}; {_WAY_OUT}"
            )
        for statement in schema.common() if version == 0 else ():
            run(statement)
        for kind in self._collections.values():
            self._prepare_table(kind)
        run(f"PRAGMA user_version = {schema.VERSION}")
        run("COMMIT")

    def _prepare_table(self, kind: Collection) -> None:
        """Makes a collection's table, or refuses one that another program declared otherwise."""
        for statement in schema.tables([kind]):
            self._connection.execute(statement)
        found = [row[1] for row in self._connection.execute(f"PRAGMA table_info({kind.table})")]
        if found != schema.columns(kind):
            raise StoreError(f"its table {kind.table} has other columns than this program's; {_WAY_OUT}")


class Transaction:
    """The statements that one exchange may run, all in one transaction."""

    def __init__(self, connection: sqlite3.Connection, store: SqliteStore) -> None:
        self._connection = connection
        self._changes = connection.total_changes
        self.store = store

    @property
    def changed(self) -> bool:
        """Whether anything has been written in it (also what a savepoint took back)."""
        return self._connection.total_changes > self._changes

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Like a transaction inside this one: a block that raises leaves no trace."""
        self._connection.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO step")
            raise
        finally:
            self._connection.execute("RELEASE step")

    def workspace(self, name: str) -> WorkspaceRow | None:
        """The workspace of that name, if it was ever used."""
        row = self._connection.execute(
            "SELECT id, seed, clock, settings FROM workspaces WHERE name = ?", (name,)
        ).fetchone()
        if row is None:
            return None
        return WorkspaceRow(row[0], name, row[1], load(row[2].encode()), load(row[3].encode()))

    def add_workspace(self, name: str, seed: int, clock: dict[str, Any]) -> WorkspaceRow:
        """Makes an empty workspace with that seed and clock."""
        cursor = self._connection.execute(
            "INSERT INTO workspaces (name, seed, clock, settings) VALUES (?, ?, ?, '{}')",
            (name, seed, dump(clock).decode()),
        )
        assert cursor.lastrowid is not None
        return WorkspaceRow(cursor.lastrowid, name, seed, clock, {})

    def set_clock(self, workspace: int, clock: dict[str, Any]) -> None:
        """Replaces a workspace's clock."""
        self._connection.execute("UPDATE workspaces SET clock = ? WHERE id = ?", (dump(clock).decode(), workspace))

    def set_settings(self, workspace: int, settings: dict[str, Any]) -> None:
        """Replaces what a workspace's settings differ in from the defaults."""
        self._connection.execute(
            "UPDATE workspaces SET settings = ? WHERE id = ?", (dump(settings).decode(), workspace)
        )

    def set_seed(self, workspace: int, seed: int) -> None:
        """Replaces the seed from which a workspace's chance and fixtures follow; what is stored stays."""
        self._connection.execute("UPDATE workspaces SET seed = ? WHERE id = ?", (seed, workspace))

    def seeded(self, workspace: int) -> list[str]:
        """The providers whose fixtures were put in, by name."""
        rows = self._connection.execute(
            "SELECT provider FROM seeded WHERE workspace = ? ORDER BY provider", (workspace,)
        )
        return [row[0] for row in rows]

    def mark_seeded(self, workspace: int, provider: str) -> bool:
        """True once for a workspace and provider: whoever gets it puts the fixtures in."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO seeded (workspace, provider) VALUES (?, ?)", (workspace, provider)
        )
        return cursor.rowcount == 1

    def mint(self, workspace: int, name: str) -> int:
        """The next ordinal (1, 2, ...) under that name; a rolled back transaction mints nothing."""
        row = self._connection.execute(
            "INSERT INTO ordinals (workspace, name, value) VALUES (?, ?, 1)"
            " ON CONFLICT (workspace, name) DO UPDATE SET value = value + 1 RETURNING value",
            (workspace, name),
        ).fetchone()
        return int(row[0])

    def ordinals(self, workspace: int) -> dict[str, int]:
        """The last ordinal that was minted under each name, by name."""
        rows = self._connection.execute(
            "SELECT name, value FROM ordinals WHERE workspace = ? ORDER BY name", (workspace,)
        )
        return dict(rows.fetchall())

    def set_ordinals(self, workspace: int, ordinals: Mapping[str, int]) -> None:
        """Replaces the ordinals of a workspace: the next one minted under a name is one more."""
        self._connection.execute("DELETE FROM ordinals WHERE workspace = ?", (workspace,))
        self._connection.executemany(
            "INSERT INTO ordinals (workspace, name, value) VALUES (?, ?, ?)",
            [(workspace, name, value) for name, value in ordinals.items()],
        )

    def get(self, workspace: int, kind: Collection, id: str) -> Document | None:
        """The document with that id."""
        row = self._connection.execute(
            f"SELECT document FROM {kind.table} WHERE workspace = ? AND id = ?",  # noqa: S608 - declared names
            (workspace, id),
        ).fetchone()
        return None if row is None else load(row[0])

    def put(self, workspace: int, kind: Collection, documents: Iterable[Document]) -> None:
        """Adds documents, or replaces those with the same id (their place in the order stays)."""
        columns = ["due", "document", *map(kind.column, kind.columns)]
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
        self._connection.executemany(
            f"INSERT INTO {kind.table} (workspace, id, version, {names})"  # noqa: S608 - declared names
            f" VALUES (?, ?, 1, {marks})"
            f" ON CONFLICT (workspace, id) DO UPDATE SET version = version + 1, {changes}",
            [(workspace, *_values(kind, document)) for document in documents],
        )

    def delete(self, workspace: int, kind: Collection, id: str) -> bool:
        """Removes a document; False when there was none."""
        cursor = self._connection.execute(
            f"DELETE FROM {kind.table} WHERE workspace = ? AND id = ?",  # noqa: S608 - declared names
            (workspace, id),
        )
        return cursor.rowcount == 1

    def select(
        self,
        workspace: int,
        kind: Collection,
        where: dict[str, Any],
        limit: int = -1,
        offset: int = 0,
        order: str | None = None,
    ) -> list[Document]:
        """Documents that `where` describes, by a column or in order of insertion; a limit below 0 means all.

        `order` is a column, with a `-` before it for the greatest first.

        `where` holds for each column a value it equals (None too), an Among, a Between or a Containing.
        """
        condition, values = _condition(workspace, kind, where)
        rows = self._connection.execute(
            f"SELECT document FROM {kind.table} WHERE {condition} ORDER BY {_by(kind, order)} LIMIT ? OFFSET ?",  # noqa: S608 - declared names
            (*values, limit, offset),
        )
        return [load(row[0]) for row in rows]

    def count(self, workspace: int, kind: Collection, where: dict[str, Any]) -> int:
        """How many documents `select` would find without a limit."""
        condition, values = _condition(workspace, kind, where)
        row = self._connection.execute(
            f"SELECT count(*) FROM {kind.table} WHERE {condition}",  # noqa: S608 - declared names
            values,
        ).fetchone()
        return int(row[0])

    def due(self, workspace: int, kind: Collection, until: int) -> list[Document]:
        """Documents whose due time (ms) has come, earliest first."""
        rows = self._connection.execute(
            f"SELECT document FROM {kind.table} WHERE workspace = ? AND due <= ? ORDER BY due, position",  # noqa: S608 - declared names
            (workspace, until),
        )
        return [load(row[0]) for row in rows]

    def next_due(self, workspace: int, kind: Collection, after: int) -> int | None:
        """The earliest due time (ms) of a collection's documents after that one, None where there is none."""
        row = self._connection.execute(
            f"SELECT min(due) FROM {kind.table} WHERE workspace = ? AND due > ?",  # noqa: S608 - declared names
            (workspace, after),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def workspaces_to_watch(self, setting: str, kind: Collection) -> list[str]:
        """The names of workspaces that have a group of settings, or a document of `kind` with a due time."""
        rows = self._connection.execute(
            "SELECT name FROM workspaces WHERE json_extract(settings, ?) IS NOT NULL"  # noqa: S608 - declared names
            f" OR id IN (SELECT workspace FROM {kind.table} WHERE due IS NOT NULL) ORDER BY id",
            (f"$.{setting}",),
        )
        return [row[0] for row in rows]

    def empty(self, workspace: int, kind: Collection) -> None:
        """Removes every document of a collection."""
        self._connection.execute(
            f"DELETE FROM {kind.table} WHERE workspace = ?",  # noqa: S608 - declared names
            (workspace,),
        )

    def clear(self, workspace: int, *, rules: bool = False) -> None:
        """Forgets every record, ordinal and seeding of a workspace; its clock and settings stay, and what is no
        state at all (its rules) unless that is asked for."""
        cleared = [kind for kind in self.store.every() if kind.cleared or rules]
        for kind in cleared:
            self.empty(workspace, kind)
        kept = [kind.table for kind in self.store.every() if kind not in cleared]
        self._connection.execute(
            "DELETE FROM ordinals WHERE workspace = ? AND name NOT IN (SELECT value FROM json_each(?))",
            (workspace, dump(kept).decode()),
        )
        self._connection.execute("DELETE FROM seeded WHERE workspace = ?", (workspace,))

    def forget_ordinal(self, workspace: int, name: str) -> None:
        """Has `mint` begin anew under that name."""
        self._connection.execute("DELETE FROM ordinals WHERE workspace = ? AND name = ?", (workspace, name))


def _connect(path: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreError(f"cannot open the store {path}: {error}") from error


def _file_in(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot use the folder {folder}: {error.strerror or error}") from error
    return folder / FILE_NAME


def _values(kind: Collection, document: Document) -> tuple[Any, ...]:
    filters = (read(document) for read in kind.columns.values())
    return (str(document[kind.key]), kind.due(document), dump(document), *filters)


def _by(kind: Collection, order: str | None) -> str:
    if order is None:
        return "position"
    direction = " DESC" if order.startswith("-") else ""
    return f"{kind.column(order.removeprefix('-'))}{direction}, position"


def _condition(workspace: int, kind: Collection, where: dict[str, Any]) -> tuple[str, list[Any]]:
    terms, values = ["workspace = ?"], [workspace]
    for name, wanted in where.items():
        term, given = _term(kind.column(name), wanted)
        terms.append(term)
        values += given
    return " AND ".join(terms), values


def _term(column: str, wanted: Any) -> tuple[str, list[Any]]:
    if isinstance(wanted, Between):
        ends = [(f"{column} >= ?", wanted.lowest), (f"{column} <= ?", wanted.highest)]
        known = [(term, end) for term, end in ends if end is not None]
        return " AND ".join(term for term, _ in known) or "TRUE", [end for _, end in known]
    if isinstance(wanted, Among):
        return f"{column} IN ({', '.join('?' * len(wanted.values))})", list(wanted.values)
    if isinstance(wanted, Containing):
        return f"instr({column}, ?) > 0", [wanted.part]
    if wanted is None:
        return f"{column} IS NULL", []
    if isinstance(wanted, int) and not -_LARGEST <= wanted <= _LARGEST:
        return "FALSE", []  # no column holds what SQLite cannot
    return f"{column} = ?", [wanted]
