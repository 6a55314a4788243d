"""Starts and stops scenarios in a workspace, each with its rules, settings and clock as one unit."""

from collections.abc import Callable, Mapping
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.event import Event
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.rules.repository import add_rule, remove_rules_of
from offer_sandbox.rules.scenario import Scenario, is_ready, keep, running, touched, written
from offer_sandbox.rules.settings import SettingsReader
from offer_sandbox.world.clock import Clock, parse_instant
from offer_sandbox.world.collection import Document
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.workspaces import Workspaces
from offer_sandbox.world.world import clock_from_json, clock_to_json

Providers = Mapping[str, Provider]


class ScenarioConflict(Exception):
    """Another running scenario has set the same setting or the clock. The message is one sentence."""


class ScenarioRunner:
    """Starts and stops scenarios with a server's providers, workspaces and settings."""

    def __init__(self, providers: Providers, workspaces: Workspaces, settings: SettingsReader) -> None:
        self._providers = providers
        self._workspaces = workspaces
        self._settings = settings

    def start(self, transaction: Transaction, row: WorkspaceRow, stored: Document) -> Document:
        """Starts a scenario. One that is already running continues unchanged. If another running scenario has set
        the same setting or the clock, raises ScenarioConflict and changes nothing."""
        if stored["started"]:
            return stored
        scenario = written(stored)
        for other in running(transaction, row.id):
            both = touched(scenario) & touched(written(other))
            if both:
                raise ScenarioConflict(
                    f"the running scenario {other['name']} has also set {sorted(both)[0]} (stop it first)"
                )
        former = _former(row, scenario.get("settings", {}))
        if scenario.get("clock"):
            self.move(transaction, row, changed_clock(clock_from_json(row.clock), scenario["clock"]))
        transaction.set_settings(row.id, self._settings.merged(row.settings, scenario.get("settings", {})))
        moved = self._workspaces.row(transaction, row.name)
        for rule in scenario.get("rules", []):
            add_rule(transaction, moved, rule, scenario["scenario"])
        started = {
            **stored,
            "started": {"clock": row.clock if scenario.get("clock") else None, "settings": former},
        }
        keep(transaction, row.id, started)
        return started

    def stop(self, transaction: Transaction, row: WorkspaceRow, stored: Document) -> Document:
        """Removes the rules of a scenario, and restores the settings and the clock. One that is not running
        remains unchanged."""
        if not stored["started"]:
            return stored
        remove_rules_of(transaction, row.id, stored["name"])
        transaction.set_settings(row.id, _restored(row.settings, stored["started"]["settings"]))
        if stored["started"]["clock"] is not None:
            self.move(transaction, row, clock_from_json(stored["started"]["clock"]))
        stopped = {**stored, "started": None}
        keep(transaction, row.id, stopped)
        return stopped

    def opening(self, scenario: Scenario) -> Callable[[Transaction, WorkspaceRow], None]:
        """Returns a callback that starts a scenario in every new workspace, whether or not the workspace stores
        one of that name."""

        def begun(transaction: Transaction, row: WorkspaceRow) -> None:
            own = None if is_ready(scenario) else scenario
            self.start(transaction, row, {"name": scenario["scenario"], "scenario": own, "started": None})

        return begun

    def move(self, transaction: Transaction, row: WorkspaceRow, clock: Clock) -> list[Event]:
        """Stores a workspace's clock and applies the transitions of all providers that are due by its time.
        Returns the events in order of time."""
        transaction.set_clock(row.id, clock_to_json(clock))
        moved = self._workspaces.row(transaction, row.name)
        events = []
        # This does not seed a provider that has not been called yet, because it has no record that could be due.
        for provider in self._providers.values():
            events += apply_due_transitions(provider, self._workspaces.world(transaction, moved, provider.name))
        return sorted(events, key=lambda event: event.at)


def changed_clock(clock: Clock, changes: Mapping[str, Any]) -> Clock:
    """Returns the clock with another `mode`, another `now`, or both. Raises ClockError for an invalid
    timestamp."""
    mode = changes.get("mode", clock.mode)
    if "now" in changes:
        return clock.set(mode, parse_instant(str(changes["now"])))
    return clock if mode == clock.mode else clock.set(mode, clock.now())


def _former(row: WorkspaceRow, settings: Mapping[str, Any]) -> list[list[Any]]:
    """Returns the previous values of the settings that a scenario sets: group, name, and the value if there was
    one."""
    found = []
    for group, values in settings.items():
        for name in values:
            own = row.settings.get(group, {})
            found.append([group, name, own[name]] if name in own else [group, name])
    return found


def _restored(settings: Mapping[str, Any], former: list[list[Any]]) -> dict[str, Any]:
    restored = {group: {**values} for group, values in settings.items()}
    for group, name, *value in former:
        if value:
            restored.setdefault(group, {})[name] = value[0]
        else:
            restored.get(group, {}).pop(name, None)
    return restored
