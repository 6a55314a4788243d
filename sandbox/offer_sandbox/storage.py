"""Opens the store, the journal and the set of served outcomes where the options say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Protocol

from offer_sandbox.imports import IMPORTING
from offer_sandbox.options import Options
from offer_sandbox.world.collection import Collection
from offer_sandbox.world.journal import Journal
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.memory_journal import MemoryJournal
from offer_sandbox.world.notifier import ChangeNotifier
from offer_sandbox.world.served_outcomes import ServedOutcomes
from offer_sandbox.world.store import Store, StoreError
from offer_sandbox.world.store.entries import Entries
from offer_sandbox.world.store.journal import JournalFile
from offer_sandbox.world.store.served import ServedFile
from offer_sandbox.world.store.sqlite import SqliteStore
from offer_sandbox.world.stored_journal import StoredJournal

_JOURNAL_CONNECTIONS = 3


class Closable(Protocol):
    """Something that can be closed."""

    def close(self) -> None:
        """Closes it."""


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """What the storage calls: `failed` with every failure, `lost` with the number of exchanges that the journal
    dropped, and `written` to change the JSON of an exchange before the journal stores it."""

    failed: Callable[[StoreError], None] = lambda _: None
    lost: Callable[[int], None] = lambda _: None
    written: Callable[[bytes], bytes] = lambda entry: entry


@dataclass(frozen=True)
class Storage:
    """Everything that a server stores. `listening` is what else must be closed with it, if anything. `interrupt`
    ends the statements that are being carried out behind a network."""

    store: Store
    journal: Journal
    served: ServedOutcomes
    listening: Closable | None = None
    interrupt: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Closes everything."""
        for each in (self.listening, self.journal, self.served, self.store):
            if each is not None:
                each.close()


def opened(
    options: Options, collections: Iterable[Collection], notifier: ChangeNotifier, callbacks: Callbacks
) -> Storage:
    """Opens the storage. The `notifier` is notified of each new exchange. Raises StoreError if the storage cannot
    be opened."""
    if isinstance(options.data, DatabaseUrl):
        return _in_database(options.data, options, collections, notifier, callbacks)
    if options.data is not None:
        return _in_folder(options.data, options, collections, notifier, callbacks)
    store = SqliteStore(None, collections, callbacks.failed)
    journal = MemoryJournal(
        options.journal_size, added=notifier.notify, lost=callbacks.lost, written=callbacks.written
    )
    return Storage(store, journal, ServedFile())


def check(options: Options, collections: Iterable[Collection]) -> None:
    """Opens what the options name, writes to it and closes it again. Raises StoreError if that fails."""
    data = options.data
    if isinstance(data, DatabaseUrl):
        _write_and_close(_postgresql(data).PostgresqlStore(data, collections))
    elif data is not None:
        _write_and_close(SqliteStore(data, collections))
        JournalFile(data).close()
        ServedFile(data).close()


def _write_and_close(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.probe()
    store.close()


def _in_folder(
    folder: Path,
    options: Options,
    collections: Iterable[Collection],
    notifier: ChangeNotifier,
    callbacks: Callbacks,
) -> Storage:
    failed, made, shared = callbacks.failed, options.made, options.shared
    store = SqliteStore(folder, collections, failed, made=made, shared=shared)
    journal = _journal(JournalFile(folder, failed, made=made), options, notifier, callbacks)
    return Storage(store, journal, ServedFile(folder, failed, made=made, shared=shared))


def _in_database(
    url: DatabaseUrl,
    options: Options,
    collections: Iterable[Collection],
    notifier: ChangeNotifier,
    callbacks: Callbacks,
) -> Storage:
    postgresql = _postgresql(url)
    store = postgresql.PostgresqlStore(url, collections, callbacks.failed)
    # apart from the store's, so that a call never waits for a second connection while it keeps its first one
    database = postgresql.Database(url, callbacks.failed, _JOURNAL_CONNECTIONS)
    notices = postgresql.Notices(url, database, notifier.hear)
    notifier.publish = notices.publish
    served = postgresql.ServedTable(database)
    journal = _journal(postgresql.JournalTable(database, served), options, notifier, callbacks)

    def interrupt() -> None:
        store.database.interrupt()
        database.interrupt()

    return Storage(store, journal, served, notices, interrupt)


def _postgresql(url: DatabaseUrl) -> ModuleType:
    """Returns the package for PostgreSQL, whose import takes a tenth of a second. Raises StoreError if what it
    needs is not installed."""
    try:
        with IMPORTING:
            from offer_sandbox.world.store import postgresql
    except ImportError:
        needed = "needs the package psycopg with its pool (pip install 'offer-sandbox[postgresql]')"
        raise StoreError(f"{url} {needed}") from None
    return postgresql


def _journal(entries: Entries, options: Options, notifier: ChangeNotifier, callbacks: Callbacks) -> Journal:
    return StoredJournal(
        entries,
        options.journal_size,
        added=notifier.notify,
        shared=options.shared,
        lost=callbacks.lost,
        written=callbacks.written,
    )
