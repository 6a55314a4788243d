"""Builds the services of a server from its options."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache, partial

from offer_sandbox import storage
from offer_sandbox.contract import Provider
from offer_sandbox.contract.http import host_name
from offer_sandbox.exchange.cross_origin import CrossOrigin
from offer_sandbox.exchange.foreign_pages import ForeignPages
from offer_sandbox.exchange.journal_entry import CallRecord
from offer_sandbox.exchange.live_keys import LiveKeys
from offer_sandbox.exchange.pipeline import Pipeline
from offer_sandbox.exchange.scenario_runner import ScenarioRunner
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.publish.coverage import Coverage
from offer_sandbox.publish.exchange_file import ExchangeFile
from offer_sandbox.publish.exchange_log import ExchangeLog
from offer_sandbox.publish.metrics import Metrics
from offer_sandbox.resources import bundled
from offer_sandbox.rules.repository import RULES
from offer_sandbox.rules.scenario import SCENARIOS
from offer_sandbox.rules.settings import SettingsReader
from offer_sandbox.services import Services
from offer_sandbox.storage import Callbacks
from offer_sandbox.webhooks.allowlist import Allowlist, hosts
from offer_sandbox.webhooks.dispatcher import Dispatcher
from offer_sandbox.world.cleanup import Cleanup
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.journal import Journal
from offer_sandbox.world.json_codec import load
from offer_sandbox.world.notifier import ChangeNotifier
from offer_sandbox.world.outbox import OUTBOX
from offer_sandbox.world.rng import DEFAULT_SEED
from offer_sandbox.world.store import Store, StoreError
from offer_sandbox.world.workspaces import Workspaces

Providers = Mapping[str, Provider]


def assembled(options: Options, known: Providers) -> Services:
    """Builds the server's services and resumes work that an earlier process left unfinished. Raises StoreError."""
    metrics, notifier = Metrics(), ChangeNotifier()
    live_keys = LiveKeys.of(known.values())
    callbacks = Callbacks(failed=metrics.store_failed, lost=metrics.dropped, written=live_keys.without_in_json)
    stored = storage.opened(options, kinds(known), notifier, callbacks)
    store, journal = stored.store, stored.journal
    metrics.gauges = partial(_gauges, store)
    workspaces = Workspaces(options.beginning, fixtures_of(known), options.limits, keyed=options.keyed)
    dispatcher = Dispatcher(
        known,
        store,
        workspaces,
        Allowlist(hosts(options.webhook_hosts), loopback=not options.exposed),
        hold=options.hold_webhooks,
        shared=options.remote,
    )
    settings = SettingsReader(known, dispatcher.wrong_target)
    exchange_log = ExchangeLog(live_keys.without)
    coverage = Coverage(stored.served, known)
    listeners: list[Callable[[CallRecord], None]] = [
        metrics.exchange,
        coverage.exchange,
        journal.add,  # after the coverage, which a database stores together with the entry
        exchange_log,
    ]
    if options.exchanges is not None:
        listeners.append(ExchangeFile(options.exchanges, live_keys.without_in_json))
    tell = _telling(*listeners)
    services = Services(
        providers=known,
        pipeline=Pipeline(
            list(known.values()),
            store,
            workspaces,
            tell,
            dispatcher.wake,
            CrossOrigin(options.cors),
            options.plain,
            live_keys=live_keys,
            foreign_pages=_foreign_pages(options, known),
        ),
        store=store,
        workspaces=workspaces,
        journal=journal,
        dispatcher=dispatcher,
        scenario_runner=ScenarioRunner(known, workspaces, settings),
        settings=settings,
        notifier=notifier,
        metrics=metrics,
        exchange_log=exchange_log,
        coverage=coverage,
        admin_token=options.admin_token,
        public_url=options.public_url,
        close=partial(_close, dispatcher, stored),
        interrupt=stored.interrupt,
    )
    if options.scenario is not None:
        workspaces.begun = services.scenario_runner.opening(options.scenario)
    cleanup = Cleanup(store)
    # Another process may have added journal entries for a deleted workspace of the same name.
    workspaces.making = journal.forget
    workspaces.dropped = _forgetting(store, journal, cleanup)
    dispatcher.resume()
    cleanup.sweep()
    return services


def _foreign_pages(options: Options, known: Providers) -> ForeignPages:
    return ForeignPages(
        allowed=CrossOrigin(options.cors).allows,
        documented=lambda host: any(provider.has_host(host) for provider in known.values()),
        names=tuple(known),
        others=tuple(host.lower() for host in options.allow_hosts) + _public_host(options),
        exposed=options.exposed,
    )


def _public_host(options: Options) -> tuple[str, ...]:
    """Returns the host of the public URL, by which clients call the server. Empty without a public URL."""
    return (host_name(options.public_url.partition("://")[2]),) if options.public_url else ()


def check_providers() -> None:
    """Loads every provider. Raises IncompleteProvider if a provider's declarations do not fit together."""
    for provider in providers().values():
        assert provider.parts


def check_store(options: Options) -> None:
    """Opens the data folder or the database, if the options name one, writes to it and closes it again. Raises
    StoreError if that fails."""
    storage.check(options, kinds(providers()))


def kinds(known: Providers) -> Iterable[Collection]:
    """Returns every collection that a store holds."""
    return (OUTBOX, RULES, SCENARIOS, *(kind for each in known.values() for kind in each.collections))


def _telling(*listeners: Callable[[CallRecord], None]) -> Callable[[CallRecord], None]:
    """Returns a callback that passes each exchange to the listeners in order."""

    def tell(record: CallRecord) -> None:
        for listener in listeners:
            listener(record)

    return tell


def _gauges(store: Store) -> dict[str, tuple[str, float]]:
    """Returns the gauges, read each time a client requests the metrics. Empty if the store fails, because another
    metric counts its failures."""
    try:
        with store.transaction(writes=False) as transaction:
            workspaces = transaction.count_workspaces()
    except StoreError:
        return {}
    return {"workspaces": ("Number of workspaces.", workspaces)}


def _close(dispatcher: Dispatcher, stored: storage.Storage) -> None:
    dispatcher.close()
    stored.close()


def _forgetting(store: Store, journal: Journal, cleanup: Cleanup) -> Callable[[str], None]:
    """Returns the callback that runs after a workspace is deleted. Another process may have created it again by
    then: its journal was emptied at that time, and has new entries since."""

    def forget(name: str) -> None:
        with store.transaction() as transaction:  # nobody creates it meanwhile
            if transaction.workspace(name) is None:
                journal.forget(name)
        cleanup.sweep()

    return forget


Fixtures = Callable[[str, int, datetime], dict[str, list[Document]]]


def fixtures_of(providers: Mapping[str, Provider]) -> Fixtures:
    """Returns a function from provider name, seed and the workspace's time to fixtures. It caches the most recent
    worlds. Nothing changes a cached world, because the store copies the records."""

    def fixtures(provider: str, seed: int, now: datetime) -> dict[str, list[Document]]:
        return providers[provider].parts.moved(world_of(provider, seed), now)

    @lru_cache(maxsize=64)
    def world_of(provider: str, seed: int) -> dict[str, list[Document]]:
        if seed != DEFAULT_SEED:
            return providers[provider].parts.fixtures(seed)
        text = (bundled("fixtures") / f"{provider}.json").read_bytes()
        world: dict[str, list[Document]] = load(text)
        return world

    return fixtures
