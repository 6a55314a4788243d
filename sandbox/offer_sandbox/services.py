"""The parts of a running server."""

from collections.abc import Mapping
from dataclasses import dataclass

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.pipeline import Pipeline
from offer_sandbox.exchange.scenario_runner import ScenarioRunner
from offer_sandbox.publish.exchange_log import ExchangeLog
from offer_sandbox.publish.metrics import Metrics
from offer_sandbox.rules.settings import SettingsReader
from offer_sandbox.webhooks.dispatcher import Dispatcher
from offer_sandbox.world.journal import Journal
from offer_sandbox.world.notifier import ChangeNotifier
from offer_sandbox.world.store import Store
from offer_sandbox.world.workspaces import Workspaces


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of a running server. `admin_token` is None if the server is bound to the loopback and requires no
    token. `public_url` is the origin of all links. If it is None, links use the origin of each request."""

    providers: Mapping[str, Provider]
    pipeline: Pipeline
    store: Store
    workspaces: Workspaces
    journal: Journal
    dispatcher: Dispatcher
    scenario_runner: ScenarioRunner
    settings: SettingsReader
    notifier: ChangeNotifier
    metrics: Metrics
    exchange_log: ExchangeLog
    admin_token: str | None
    allow_hosts: tuple[str, ...]
    public_url: str | None
