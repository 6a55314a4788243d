"""Scenarios as a workspace keeps them, and what one that runs has changed; carries out none."""

from collections.abc import Mapping
from typing import Any

from offer_sandbox.rules.scenario import Scenario, ready
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.store import Transaction

SCENARIOS = Collection(provider="sandbox", name="scenarios", key="name", visible=False, cleared=False)
MOST = 200


def stored(transaction: Transaction, workspace: int, name: str) -> Document | None:
    """A workspace's scenario: `scenario` as it was written (None for a ready one), `started` None or what it
    changed: `clock` (as the store keeps one) and `settings` ([group, name, former value or nothing])."""
    found = transaction.get(workspace, SCENARIOS, name)
    if found is None and ready(name) is not None:
        return {"name": name, "scenario": None, "started": None}
    return found


def written(kept: Document) -> Scenario:
    """The scenario itself."""
    gone: Scenario = {"scenario": kept["name"]}  # a ready one that only another version of this program has
    return kept["scenario"] or ready(kept["name"]) or gone


def keep(transaction: Transaction, workspace: int, kept: Document) -> None:
    """Stores a scenario; of a ready one nothing is kept unless it runs."""
    if kept["scenario"] is None and kept["started"] is None:
        transaction.delete(workspace, SCENARIOS, kept["name"])
    else:
        transaction.put(workspace, SCENARIOS, [kept])


def running(transaction: Transaction, workspace: int) -> list[Document]:
    """The scenarios that run."""
    return [kept for kept in transaction.select(workspace, SCENARIOS, {}) if kept["started"]]


def touched(scenario: Mapping[str, Any]) -> set[str]:
    """What a scenario sets, so that two that set the same cannot run at once."""
    settings = scenario.get("settings", {})
    names = {f"settings.{group}.{name}" for group, values in settings.items() for name in values}
    return names | ({"clock"} if scenario.get("clock") else set())
