"""The parts of a running server."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.pipeline import Pipeline
from offer_sandbox.exchange.scenario_runner import ScenarioRunner
from offer_sandbox.publish.coverage import Coverage
from offer_sandbox.publish.exchange_log import ExchangeLog
from offer_sandbox.publish.metrics import Metrics
from offer_sandbox.rules.settings import SettingsReader
from offer_sandbox.webhooks.dispatcher import Dispatcher
from offer_sandbox.world.journal import Journal
from offer_sandbox.world.notifier import ChangeNotifier
from offer_sandbox.world.store import Store, StoreError
from offer_sandbox.world.workspaces import Workspaces

log = logging.getLogger("offer_sandbox")


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of a running server. `admin_token` is None if the server is bound to the loopback and requires no
    token. `public_url` is the origin of all links. If it is None, links use the origin of each request.
    `close` closes what is stored, after which nothing else works. `interrupt` ends the statements that are being
    carried out behind a network."""

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
    coverage: Coverage
    admin_token: str | None
    public_url: str | None
    close: Callable[[], None]
    interrupt: Callable[[], None]

    def use(self, workspace: str) -> None:
        """Notes that a workspace is in use, so that it is not deleted as an idle one."""
        try:
            self.workspaces.touch(self.store, workspace)
        except StoreError as error:
            log.error("the store failed: %s", error)

    def changed_elsewhere(self) -> Callable[[], bool]:
        """Returns a function that returns whether another process has changed a file since its last call."""
        seen: tuple[int, int] | None = None

        def changed() -> bool:
            nonlocal seen
            try:
                former, seen = seen, (self.store.version(), self.journal.version())
            except StoreError:
                return False
            return seen != former

        return changed
