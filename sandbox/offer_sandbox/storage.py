"""Opens the store, the journal and the set of served outcomes where the options say."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from offer_sandbox.options import Options
from offer_sandbox.world.collection import Collection
from offer_sandbox.world.journal import Journal
from offer_sandbox.world.memory_journal import MemoryJournal
from offer_sandbox.world.served_outcomes import ServedOutcomes
from offer_sandbox.world.store import Store, StoreError
from offer_sandbox.world.store.journal import JournalFile
from offer_sandbox.world.store.served import ServedFile
from offer_sandbox.world.store.sqlite import SqliteStore
from offer_sandbox.world.stored_journal import StoredJournal


@dataclass(frozen=True, kw_only=True)
class JournalCallbacks:
    """What a journal calls: `added` after each exchange with its workspace, `lost` with the number of exchanges
    that were dropped, and `written` to change an entry's JSON before it is stored."""

    added: Callable[[str], None]
    lost: Callable[[int], None]
    written: Callable[[bytes], bytes]


@dataclass(frozen=True)
class Storage:
    """Everything that a server stores."""

    store: Store
    journal: Journal
    served: ServedOutcomes


def opened(
    options: Options,
    collections: Iterable[Collection],
    callbacks: JournalCallbacks,
    failed: Callable[[StoreError], None],
) -> Storage:
    """Opens the storage. `failed` is called with every failure. Raises StoreError if it cannot be opened."""
    size, told = options.journal_size, callbacks
    folder, made, shared = options.data, options.made, options.shared
    store = SqliteStore(folder, collections, failed, made=made, shared=shared)
    served = ServedFile(folder, failed, made=made, shared=shared)
    if folder is None:
        return Storage(store, MemoryJournal(size, added=told.added, lost=told.lost, written=told.written), served)
    entries = JournalFile(folder, failed, made=made)
    journal = StoredJournal(entries, size, added=told.added, shared=shared, lost=told.lost, written=told.written)
    return Storage(store, journal, served)


def check(options: Options, collections: Iterable[Collection]) -> None:
    """Opens what the options name, writes to it and closes it again. Raises StoreError if that fails."""
    if options.data is not None:
        store = SqliteStore(options.data, collections)
        with store.transaction() as transaction:
            transaction.probe()
        store.close()
        JournalFile(options.data).close()
        ServedFile(options.data).close()
