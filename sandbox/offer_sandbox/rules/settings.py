"""The settings of a workspace: their validation, the merging of changes, and the effective values."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from offer_sandbox.contract import Progression, Provider
from offer_sandbox.contract.lifecycle import MAX_POLLS, MAX_SECONDS
from offer_sandbox.rules.validation import ValidationIssue, not_one_of, shortened, unknown_field
from offer_sandbox.world.world import World

Providers = Mapping[str, Provider]
Settings = dict[str, Any]
GROUPS = ("progressions", "contracts", "switches", "webhooks", "limits")
_MAX_LIMIT = 1_000_000
_KINDS = ("immediate", "time", "manual")


class SettingsRefused(ValueError):
    """Invalid settings. `issues` lists each problem with its path."""

    def __init__(self, issues: list[ValidationIssue]) -> None:
        super().__init__(str(issues[0]))
        self.issues = issues


class SettingsReader:
    """Validates and merges settings for these providers. `wrong_target` returns the reason why a webhook's URL is
    invalid, or None if it is valid."""

    def __init__(self, providers: Providers, wrong_target: Callable[[str], str | None] = lambda _: None) -> None:
        self._wrong_target = wrong_target
        self._progressions = {
            name: progression for each in providers.values() for name, progression in each.progressions.items()
        }
        self._contracts = {name: each.contracts for name, each in providers.items() if each.contracts}
        self._switches = {name: values for each in providers.values() for name, values in each.switches.items()}
        self._webhooks = {name: each for name, each in providers.items() if each.topics}
        self._limits = [name for each in providers.values() for name in each.limits]

    def effective(self, stored: Settings) -> Settings:
        """Returns the defaults, overridden by the settings of the workspace."""
        progressions = {name: _leaves(progression) for name, progression in self._progressions.items()}
        contracts = {name: versions[0] for name, versions in self._contracts.items()}
        switches = {name: values[0] for name, values in self._switches.items()}
        targets = stored.get("webhooks", {})
        return {
            "progressions": {**progressions, **stored.get("progressions", {})},
            "contracts": {**contracts, **stored.get("contracts", {})},
            "switches": {**switches, **stored.get("switches", {})},
            "webhooks": {name: {"url": None, "secret": None, **targets.get(name, {})} for name in self._webhooks},
            "limits": {**dict.fromkeys(self._limits), **stored.get("limits", {})},
        }

    def merged(self, stored: Settings, changes: Any) -> Settings:
        """Returns the stored settings, overridden by the changes leaf by leaf. Raises SettingsRefused."""
        if issues := list(self.issues(stored, changes)):
            raise SettingsRefused(issues)
        changed = {group: {**values} for group, values in stored.items()}
        for group, values in changes.items():
            for name, value in values.items():
                changed.setdefault(group, {})[name] = self._whole(stored, group, name, value)
        return changed

    def issues(self, stored: Settings, changes: Any) -> Iterator[ValidationIssue]:
        """Yields every issue in changes to these stored settings."""
        if not isinstance(changes, dict):
            yield ValidationIssue((), "settings must be an object")
            return
        known = (self._progression, self._contract, self._switch, self._target, self._limit)
        judges = dict(zip(GROUPS, known, strict=True))
        for group, values in changes.items():
            if group not in judges:
                yield unknown_field((group,), GROUPS)
            elif not isinstance(values, dict):
                yield ValidationIssue((group,), "must be an object")
            else:
                for name, value in values.items():
                    yield from (issue.below(group, name) for issue in judges[group](stored, name, value))

    def _whole(self, stored: Settings, group: str, name: str, value: Any) -> Any:
        """Returns a value as it is stored. Keeps leaves that the kind of a progression does not use, for when the
        kind changes."""
        if group == "progressions" and value is not None:
            whole = {**(self.effective(stored)[group].get(name) or {}), **value}
            return {"polls": 1, **whole} if whole["progression"] == "manual" else whole
        if group == "webhooks":
            return {**stored.get(group, {}).get(name, {}), **value}
        return value

    def _progression(self, stored: Settings, name: str, value: Any) -> Iterator[ValidationIssue]:
        if name not in self._progressions:
            text = f"unknown progression {name!r}"
            yield ValidationIssue((), text, tuple(self._progressions), label="known progressions")
        elif value is None and self._progressions[name] is not None:
            yield ValidationIssue((), "must not be null, because this progression cannot be turned off")
        elif value is not None:
            yield from _flaws_of_progression(self.effective(stored)["progressions"].get(name) or {}, value)

    def _contract(self, _: Settings, name: str, value: Any) -> Iterator[ValidationIssue]:
        versions = self._contracts.get(name)
        if versions is None:
            text, label = f"{name!r} has no contract versions", "providers with contract versions"
            yield ValidationIssue((), text, tuple(self._contracts), label=label)
        elif value not in versions:
            yield not_one_of((), versions, value)

    def _switch(self, _: Settings, name: str, value: Any) -> Iterator[ValidationIssue]:
        values = self._switches.get(name)
        if values is None:
            text = f"unknown switch {name!r}"
            yield ValidationIssue((), text, tuple(self._switches), label="known switches")
        elif not any(each == value and type(each) is type(value) for each in values):
            yield not_one_of((), values, value)

    def _limit(self, _: Settings, name: str, value: Any) -> Iterator[ValidationIssue]:
        if name not in self._limits:
            yield ValidationIssue((), f"unknown limit {name!r}", tuple(self._limits), label="known limits")
        elif value is not None and (
            isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_LIMIT
        ):
            text = f"must be null, or a whole number from 0 to {_MAX_LIMIT}, not {shortened(value)}"
            yield ValidationIssue((), text)

    def _target(self, _: Settings, name: str, value: Any) -> Iterator[ValidationIssue]:
        """Validates the target of a provider's webhooks: the URL (null keeps them unsent), and the secret that
        signs them."""
        if name not in self._webhooks:
            text = f"{name!r} sends no webhooks"
            yield ValidationIssue((), text, tuple(self._webhooks), label="providers with webhooks")
        elif not isinstance(value, dict):
            yield ValidationIssue((), "must be an object")
        else:
            yield from self._flaws_of_target(self._webhooks[name], value)

    def _flaws_of_target(self, provider: Provider, value: dict[str, Any]) -> Iterator[ValidationIssue]:
        for leaf, text in value.items():
            if leaf not in ("url", "secret"):
                yield unknown_field((leaf,), ("url", "secret"))
            elif not isinstance(text, str | None) or text == "":
                yield ValidationIssue((leaf,), "must be a string that is not empty, or null")
            elif leaf == "secret" and text and not provider.signature:
                yield ValidationIssue((leaf,), f"must be null, because {provider.name} documents no signature")
            elif leaf == "url" and text and (wrong := self._wrong_target(text)):
                yield ValidationIssue((leaf,), wrong)


def _flaws_of_progression(former: dict[str, Any], value: Any) -> Iterator[ValidationIssue]:
    """Yields every issue in new leaves that override the former ones."""
    if not isinstance(value, dict):
        yield ValidationIssue((), "must be an object")
        return
    for leaf in value:
        if leaf not in ("progression", "seconds", "polls"):
            yield unknown_field((leaf,), ("progression", "seconds", "polls"))
    kind = {**former, **value}.get("progression")
    if kind not in _KINDS:
        yield not_one_of(("progression",), _KINDS, kind)
    for leaf, maximum in (("seconds", MAX_SECONDS), ("polls", MAX_POLLS)):
        number = value.get(leaf, 0)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= maximum:
            text = f"must be a whole number from 0 to {maximum}, not {shortened(number)}"
            yield ValidationIssue((leaf,), text)


def _leaves(progression: Progression | None) -> dict[str, Any] | None:
    """Returns the leaves that a progression sets, or None if it is off."""
    if progression is None:
        return None
    leaves = {"seconds": progression.seconds, "polls": progression.polls}
    return {"progression": progression.progression, **{name: value for name, value in leaves.items() if value}}


def progressions(provider: Provider, world: World) -> dict[str, Progression]:
    """Returns the provider's progressions, without those that are turned off."""
    stored = world.row.settings.get("progressions", {})
    found = {}
    for name, default in provider.progressions.items():
        leaves = stored.get(name)
        progression = Progression(**leaves) if leaves else None if name in stored else default
        if progression is not None:
            found[name] = progression
    return found


def switches(provider: Provider, world: World) -> dict[str, str | bool]:
    """Returns the effective values of the provider's switches."""
    stored = world.row.settings.get("switches", {})
    return {name: stored.get(name, values[0]) for name, values in provider.switches.items()}


def limits(provider: Provider, world: World) -> dict[str, int | None]:
    """Returns the effective limits of the provider, None for those that are off."""
    stored = world.row.settings.get("limits", {})
    return {name: stored.get(name) for name in provider.limits}
