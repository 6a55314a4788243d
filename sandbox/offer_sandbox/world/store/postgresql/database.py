"""The connections to a PostgreSQL database: a pool of them, their transactions and the recovery from failures."""

import logging
import os
import select
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool, PoolTimeout

from offer_sandbox.world.clock import stopwatch
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.store.base import StoreError
from offer_sandbox.world.store.postgresql.schema import SCHEMA

Connection = psycopg.Connection[tuple[Any, ...]]
_WAIT_SECONDS = 5.0  # for a connection, and for a lock that another server holds
_ATTEMPT_SECONDS = 0.25
_CANCEL_SECONDS = 2.0
_PREPARED = 500  # statements that a connection keeps prepared
# A server that is suspended inside a transaction must not keep the others waiting for its locks for ever.
_SETTINGS = {
    "search_path": SCHEMA,
    "lock_timeout": f"{_WAIT_SECONDS:.0f}s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "30s",
}
# A host that vanishes without a word ends its connections after about 15 seconds.
_NETWORK = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "tcp_user_timeout": "15000",
    "application_name": "offer-sandbox",
}
READS = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITES = "BEGIN ISOLATION LEVEL READ COMMITTED"

# Every failure is reported as a StoreError.
logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)


class Database:
    """A pool of up to `size` connections, which it opens when they are needed.

    `failed` is called with every failure. `prepare` is called once with a connection, in a transaction that no
    other server's `prepare` runs beside. It creates or checks the tables. A call waits a few seconds for a free
    connection. If the database refuses new connections and none is open, the call fails at once. The next call
    tries again, so that no restart is needed once the problem is solved.
    """

    def __init__(
        self,
        url: DatabaseUrl,
        failed: Callable[[StoreError], None],
        size: int,
        prepare: Callable[[Connection], None] | None = None,
    ) -> None:
        self.failed = failed
        self._url = url
        self._size = size
        self._failures = 0
        self._reason = ""
        self._process = 0
        self._used: set[Connection] = set()
        if prepare is not None:
            self._prepare(prepare)
        self._pool = self._opened()

    def close(self) -> None:
        """Closes the connections."""
        if self._process == os.getpid():
            self._pool.close()

    def interrupt(self) -> None:
        """Cancels the statements that are being carried out, so that their threads end soon."""
        for connection in [*self._used]:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=_CANCEL_SECONDS)

    def transaction(self, *, writes: bool = True) -> AbstractContextManager[Connection]:
        """Returns a context manager that commits when the block ends, and rolls back if it raises.

        Raises StoreError if the database fails. Without `writes` all reads of the block see the database at one
        moment. With it, each statement sees what others have committed before it, and whoever needs more must lock
        the rows.
        """
        return _Transaction(self, WRITES if writes else READS)

    def statement(self) -> AbstractContextManager[Connection]:
        """Returns a context manager for single statements, each of which is a transaction of its own."""
        return _Transaction(self, "")

    def begin(self, statement: str) -> Connection:
        """Returns a connection on which a transaction has begun with this statement, if any. Raises StoreError."""
        connection = self._begun(statement)
        if connection is None:  # the database has ended it at this moment, and nothing has happened yet
            connection = self._begun(statement, again=True)
        assert connection is not None
        return connection

    def _begun(self, statement: str, *, again: bool = False) -> Connection | None:
        """Like `begin`. Returns None for a broken connection, unless this is tried `again`."""
        try:
            connection = self._connection()
        except psycopg.Error as error:
            raise self._failure(error) from error
        try:
            if statement:
                connection.execute(statement)
        except BaseException as error:
            if connection.broken and not again:
                self.give_back(connection)
                return None
            self.give_up(connection, error)
            raise
        return connection

    def keep(self, connection: Connection) -> None:
        """Commits a transaction. Raises StoreError if it may not have been committed."""
        try:
            told = connection.execute("COMMIT").statusmessage
            if told != "COMMIT":
                raise StoreError("the transaction was rolled back")
        except BaseException as error:
            self.give_up(connection, error)
            raise
        self.give_back(connection)

    def give_back(self, connection: Connection) -> None:
        """Returns a connection without a transaction to the pool."""
        self._used.discard(connection)
        self._pool.putconn(connection)

    def give_up(self, connection: Connection, error: BaseException) -> None:
        """Rolls back a transaction. Raises StoreError for an error of the database."""
        with suppress(psycopg.Error):  # a broken connection is replaced anyway
            connection.rollback()
        self.give_back(connection)
        if isinstance(error, StoreError):
            self.failed(error)
        if isinstance(error, psycopg.Error):
            raise self._failure(error) from error

    def _failure(self, error: psycopg.Error) -> StoreError:
        failure = StoreError(self._reason if isinstance(error, PoolTimeout) and self._reason else reason(error))
        self.failed(failure)
        return failure

    def _connection(self) -> Connection:
        """Returns a connection of the pool. Raises PoolTimeout if none can be opened, or if all are in use for too
        long."""
        if self._process != os.getpid():  # a forked process must not use the connections of its parent
            self._pool = self._opened()
        failures, end = self._failures, stopwatch() + _WAIT_SECONDS
        while True:
            try:
                connection = self._pool.getconn(timeout=_ATTEMPT_SECONDS)
            except PoolTimeout:
                refused = self._failures > failures and not self._pool.get_stats().get("pool_size")
                if refused or stopwatch() >= end:
                    raise
                continue
            if _is_open(connection):
                self._used.add(connection)
                return connection
            connection.close()  # the database was restarted since the connection was used last
            self._pool.putconn(connection)

    def _opened(self) -> "ConnectionPool[Connection]":
        self._process = os.getpid()
        self._used.clear()
        return ConnectionPool(
            self._url.url,
            kwargs=_options(self._url),
            connection_class=self._connection_class(),
            min_size=0,
            max_size=self._size,
            open=True,
            configure=_configure,
            reconnect_timeout=0,  # the next call that needs a connection tries again, without a growing pause
            num_workers=2,
        )

    def _connection_class(self) -> type[Connection]:
        """Returns a class of connections that notes why one cannot be opened, which the pool does not tell."""
        database = self

        class Noted(psycopg.Connection[tuple[Any, ...]]):
            @classmethod
            def connect(cls, *given: Any, **options: Any) -> Any:
                try:
                    connection = super().connect(*given, **options)
                except psycopg.Error as error:
                    database._reason = reason(error)
                    database._failures += 1
                    raise
                database._reason = ""
                return connection

        return Noted

    def _prepare(self, prepare: Callable[[Connection], None]) -> None:
        try:
            with psycopg.connect(self._url.url, **_options(self._url)) as connection:
                connection.execute("SELECT pg_advisory_lock(%s)", (_PREPARING,))
                with connection.transaction():
                    prepare(connection)
        except (psycopg.Error, StoreError) as error:
            raise StoreError(f"cannot open the store {self._url}: {reason(error)}") from error


class _Transaction:
    """A context manager for one transaction. A class, because every call creates several."""

    __slots__ = ("_connection", "_database", "_statement")

    def __init__(self, database: Database, statement: str) -> None:
        self._database = database
        self._statement = statement

    def __enter__(self) -> Connection:
        self._connection = self._database.begin(self._statement)
        return self._connection

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: object) -> None:
        if error is not None:
            self._database.give_up(self._connection, error)
        elif self._statement:
            self._database.keep(self._connection)
        else:
            self._database.give_back(self._connection)


def connect(url: DatabaseUrl) -> Connection:
    """Returns a connection of its own, for a thread that listens. Raises psycopg.Error."""
    return psycopg.connect(url.url, **_options(url))


def reason(error: Exception) -> str:
    """Returns the message of an error in one line, without libpq's hints."""
    lines = [line.strip() for line in str(error).splitlines() if not line.startswith("\t")]
    return "; ".join(line for line in lines if line) or type(error).__name__


def _is_open(connection: Connection) -> bool:
    """Returns whether the database has not ended an idle connection. A connection that it ended can be read."""
    if not hasattr(select, "poll"):  # on Windows
        return not select.select([connection], [], [], 0)[0]
    poll = select.poll()  # which, unlike select, takes any descriptor
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)


def _options(url: DatabaseUrl) -> dict[str, Any]:
    """Returns the parameters of a connection. Raises StoreError for an invalid URL."""
    try:
        given = conninfo_to_dict(url.url)
    except psycopg.ProgrammingError:  # its message may contain a part of the password
        raise StoreError(
            "the URL is not valid (percent-encode special characters in names and passwords)"
        ) from None
    missing = {name: value for name, value in _NETWORK.items() if name not in given}
    return {**missing, "autocommit": True}


def _configure(connection: Connection) -> None:
    connection.prepared_max = _PREPARED
    calls = ", ".join(["set_config(%s, %s, false)"] * len(_SETTINGS))
    connection.execute(f"SELECT {calls}", [word for each in _SETTINGS.items() for word in each])


_PREPARING = 4242_0001  # the number of the advisory lock, which any program of the database could take
