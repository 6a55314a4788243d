"""One SQLite database, in memory or in a file: its connection, transactions and recovery from failures."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import NamedTuple

from offer_sandbox.world.store.base import StoreError

log = logging.getLogger("offer_sandbox")
WAY_OUT = "save a snapshot with the program that wrote it, and load the snapshot into an empty folder"
_BUSY_SECONDS = 5.0
_FORMER_PROCESS: list[sqlite3.Connection] = []


class _Identity(NamedTuple):
    """The file at a path, and the process that opened it: a connection must not be used across a fork."""

    process: int
    device: int
    number: int


class Database:
    """A database that runs one transaction at a time in each process, with a lock. Among all processes, one
    transaction at a time writes.

    `path` None keeps it in memory. `prepare` creates or checks the tables of an opened database, in a transaction.
    It raises StoreError for an unusable database. After a failure, or if the file was replaced, the next
    transaction opens the file again, so that no restart is needed once the problem is solved. `lock` may be held
    over several transactions. `failed` is called with every failure. `version` is that of its schema: each
    transaction checks that no newer program has upgraded the file meanwhile.

    If the file was `made` before and is gone, it is not created again, which would hide the loss of all data.
    `busy_seconds` is the longest wait for a lock of another process. `shared` is true if other processes also
    write.
    """

    def __init__(
        self,
        path: Path | None,
        prepare: Callable[[sqlite3.Connection], None],
        failed: Callable[[StoreError], None],
        version: int,
        *,
        made: bool = False,
        shared: bool = False,
        busy_seconds: float = _BUSY_SECONDS,
    ) -> None:
        self.failed = failed
        self._version = version
        self._shared = shared
        self._made = made
        self._busy_seconds = busy_seconds
        self._path = path
        self._prepare = prepare
        self.lock = threading.RLock()
        self._file: _Identity | None = None
        self._connection = self._open()

    def close(self) -> None:
        """Closes the database. Committed changes are safe without it."""
        with self.lock:
            self._connection.close()

    def checkpoint(self) -> None:
        """Moves the write-ahead file's contents into the database file, as far as other connections allow."""
        with self.lock, suppress(sqlite3.Error, StoreError):
            self._usable().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def transaction(self, *, writes: bool = True) -> AbstractContextManager[sqlite3.Connection]:
        """Returns a context manager that commits when the block ends, and rolls back if it raises.

        Raises StoreError if the database fails. Without `writes` the block only reads, and lets other processes
        write. If no other process writes, the lock alone keeps the reads of such a block consistent.
        """
        return _Transaction(self, "BEGIN IMMEDIATE" if writes else "BEGIN" if self._shared else "")

    def begin(self, statement: str) -> sqlite3.Connection:
        """Acquires the lock and begins a transaction with this statement, if any. Raises StoreError."""
        self.lock.acquire()
        try:
            connection = self._usable()
            if statement:
                connection.execute(statement)
            if self._path is not None:
                self._demand_version(connection)
        except BaseException as error:
            self.give_up(error)
            raise
        return connection

    def _demand_version(self, connection: sqlite3.Connection) -> None:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found != self._version:
            raise StoreError(f"the file now has version {found}, and this program uses version {self._version}")

    def keep(self) -> None:
        """Commits a transaction and releases the lock. Raises StoreError."""
        try:
            self._connection.execute("COMMIT")
        except BaseException as error:
            self.give_up(error)
            raise
        self.lock.release()

    def give_up(self, error: BaseException) -> None:
        """Rolls back a transaction and releases the lock. Raises StoreError for an error of the database."""
        try:
            self._roll_back()
            if isinstance(error, StoreError):
                self.failed(error)
            if not isinstance(error, sqlite3.Error):
                return
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:  # busy harms no connection
                self._file = None  # after any other error, a new connection starts clean
            failure = StoreError(str(error))
            self.failed(failure)
            raise failure from error
        finally:
            self.lock.release()

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):  # a connection that fails here is replaced anyway
            if self._connection.in_transaction:  # after some failures SQLite itself has ended it
                self._connection.execute("ROLLBACK")

    def _usable(self) -> sqlite3.Connection:
        """Returns the connection. Opens a new one after a failure, in another process, or if the file at the path
        was replaced."""
        if self._path is None:
            return self._connection
        found = _identity(self._path)
        if found is not None:
            _demand_writable(self._path)
        if self._file is None or found != self._file:
            self._reopen(found)
        return self._connection

    def _reopen(self, found: _Identity | None) -> None:
        self._made = True
        former, known = self._connection, self._file
        self._connection = self._open()
        if known is not None and found is not None and known.process != found.process:
            _FORMER_PROCESS.append(former)  # closing it here would release the other process's locks
            return
        former.close()
        if known is not None:
            log.warning("the file %s was replaced, and has been opened again", self._path)

    def _open(self) -> sqlite3.Connection:
        where = ":memory:" if self._path is None else str(self._path)
        if self._path is not None and self._made:
            _demand(self._path)
        elif self._path is not None:
            _make(self._path.parent)
        try:
            connection = sqlite3.connect(
                where, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise StoreError(f"cannot open the store {where}: {error}") from error
        try:
            self._set_up(connection)
        except (sqlite3.Error, StoreError) as error:
            connection.close()
            raise StoreError(f"cannot open the store {where}: {error}{_advice(error)}") from error
        self._file = None if self._path is None else _identity(self._path)
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        self._prepare(connection)
        connection.execute("COMMIT")


class _Transaction:
    """A context manager for one transaction. A class, because every call creates several."""

    __slots__ = ("_database", "_statement")

    def __init__(self, database: Database, statement: str) -> None:
        self._database = database
        self._statement = statement

    def __enter__(self) -> sqlite3.Connection:
        return self._database.begin(self._statement)

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: object) -> None:
        if error is not None:
            self._database.give_up(error)
        elif self._statement:
            self._database.keep()
        else:
            self._database.lock.release()


def _identity(path: Path) -> _Identity | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return _Identity(os.getpid(), found.st_dev, found.st_ino)


def _demand_writable(path: Path) -> None:
    """Raises StoreError if the file or its folder is read-only. SQLite would detect it too, but on some systems
    through a signal that ends the process, because the index of its log is mapped into memory."""
    for each in (path.parent, path):
        if not os.access(each, os.W_OK):
            raise StoreError(f"{each} is read-only")


def _advice(error: Exception) -> str:
    """Returns a remedy for a damaged file, which SQLite's message lacks."""
    damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
    return "; restore a copy of it, or start with an empty folder" if damaged else ""


def _demand(path: Path) -> None:
    if not path.exists():
        raise StoreError(f"the file {path} is gone; restore it, or restart the server to start with an empty one")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot use the folder {folder}: {error.strerror or error}") from error
