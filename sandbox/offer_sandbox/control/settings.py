"""`/__admin/settings`: progressions, contract versions, switches and webhook targets of a workspace."""

from typing import Any

from flask import Blueprint, Response

from offer_sandbox.contract import Progression
from offer_sandbox.contract.progression import LONGEST_SECONDS, MOST_POLLS
from offer_sandbox.control.answers import answer
from offer_sandbox.control.body import json_object, misunderstood, only
from offer_sandbox.control.site import site, workspace
from offer_sandbox.webhooks import target

resource = Blueprint("settings", __name__)


@resource.get("/settings")
def show() -> Response:
    """The settings in force."""
    with workspace() as (_, row):
        return answer(_effective(row.settings))


@resource.put("/settings")
def change() -> Response:
    """Merges the given settings into those in force, leaf by leaf; all or none."""
    given = json_object()
    with workspace() as (transaction, row):
        changed = merged(row.settings, given)
        transaction.set_settings(row.id, changed)
        return answer(_effective(changed))


def merged(stored: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What a workspace has set, with the given settings over it leaf by leaf; 422 for what is not understood."""
    only(given, "progressions", "contracts", "switches", "webhooks")
    changed = {group: {**values} for group, values in stored.items()}
    for name, value in _group(given, "progressions").items():
        former = _effective(stored)["progressions"].get(name)
        changed.setdefault("progressions", {})[name] = _progression(name, former or {}, value)
    for name, value in _group(given, "contracts").items():
        changed.setdefault("contracts", {})[name] = _contract(name, value)
    for name, value in _group(given, "switches").items():
        changed.setdefault("switches", {})[name] = _switch(name, value)
    for name, value in _group(given, "webhooks").items():
        former = changed.setdefault("webhooks", {}).get(name, {})
        changed["webhooks"][name] = _webhooks(name, {**former, **_mapping(name, value)})
    return changed


def _effective(stored: dict[str, Any]) -> dict[str, Any]:
    """Defaults with what the workspace has set over them."""
    progressions = {
        name: _shown(progression)
        for provider in site().providers.values()
        for name, progression in provider.progressions.items()
    }
    contracts = {name: each.contracts[0] for name, each in site().providers.items() if each.contracts}
    switches = {name: values[0] for name, values in _switches().items()}
    return {
        "progressions": {**progressions, **stored.get("progressions", {})},
        "contracts": {**contracts, **stored.get("contracts", {})},
        "switches": {**switches, **stored.get("switches", {})},
        "webhooks": {
            name: {"url": None, "secret": None, **stored.get("webhooks", {}).get(name, {})}
            for name, provider in site().providers.items()
            if provider.topics
        },
    }


def _shown(progression: Progression | None) -> dict[str, Any] | None:
    """The leaves that a progression sets; None for one that is off."""
    if progression is None:
        return None
    leaves = {"seconds": progression.seconds, "polls": progression.polls}
    return {"progression": progression.progression, **{name: value for name, value in leaves.items() if value}}


def _group(given: dict[str, Any], name: str) -> dict[str, Any]:
    return _mapping(name, given.get(name, {}))


def _mapping(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise misunderstood(f"{name} must be an object")
    return value


def _progression(name: str, former: dict[str, Any], given: Any) -> dict[str, Any] | None:
    """The merged leaves of a progression (those that its kind does not use are kept for when it does), None
    for one that is turned off."""
    known = {
        known: each for provider in site().providers.values() for known, each in provider.progressions.items()
    }
    if name not in known:
        raise misunderstood(f"there is no progression {name!r}", known=list(known))
    if given is None and known[name] is None:
        return None
    value = {**former, **_mapping(name, given)}
    only(value, "progression", "seconds", "polls")
    if value.get("progression") not in ("immediate", "time", "manual"):
        raise misunderstood(f"{name}.progression is immediate, time or manual")
    for leaf, most in (("seconds", LONGEST_SECONDS), ("polls", MOST_POLLS)):
        if leaf in value:
            _whole(name, leaf, value[leaf], most)
    return {"polls": 1, **value} if value["progression"] == "manual" else value


def _whole(name: str, member: str, value: Any, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise misunderstood(f"{name}.{member} is a whole number from 0 to {most}")


def _contract(name: str, value: Any) -> str:
    versions = {known: each.contracts for known, each in site().providers.items() if each.contracts}
    if name not in versions:
        raise misunderstood(f"{name!r} has no contract versions", known=sorted(versions))
    if value not in versions[name]:
        raise misunderstood(f"contracts.{name} is one of {', '.join(versions[name])}", known=list(versions[name]))
    return str(value)


def _webhooks(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """Where a provider's webhooks go (`url` null: they are kept), and the secret that signs them."""
    known = {name: each for name, each in site().providers.items() if each.topics}
    if name not in known:
        raise misunderstood(f"{name!r} sends no webhooks", known=sorted(known))
    only(value, "url", "secret")
    for leaf in ("url", "secret"):
        if not isinstance(value.get(leaf), str | None) or value.get(leaf) == "":
            raise misunderstood(f"webhooks.{name}.{leaf} is a text that is not empty, or null")
    if value.get("secret") and not known[name].signature:
        raise misunderstood(f"webhooks.{name}.secret: {name} documents no signature, so none is made")
    if value.get("url"):
        try:
            target.read(value["url"], site().courier.named)
        except target.Refused as refused:
            raise misunderstood(f"webhooks.{name}.url: {refused}") from None
    return value


def _switches() -> dict[str, tuple[str | bool, ...]]:
    """Every provider's switches with the values they can have."""
    return {name: values for provider in site().providers.values() for name, values in provider.switches.items()}


def _switch(name: str, value: Any) -> str | bool:
    known = _switches()
    if name not in known:
        raise misunderstood(f"there is no switch {name!r}", known=sorted(known))
    found = [each for each in known[name] if each == value and type(each) is type(value)]
    if not found:
        raise misunderstood(f"switches.{name} has another value", known=list(known[name]))
    return found[0]
