"""Scenario files: their validation, the ready scenarios, and the scenarios stored in a workspace."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from itertools import chain, islice
from typing import Any

from marshmallow import fields

from offer_sandbox.resources import bundled
from offer_sandbox.rules.matching import TEXT_ONLY, keys
from offer_sandbox.rules.settings import SettingsReader
from offer_sandbox.rules.validation import (
    MAX_ISSUES,
    Providers,
    ValidationIssue,
    armed_issues,
    concerned,
    duration,
    fits,
    pattern_issues,
    schema_errors,
)
from offer_sandbox.rules.yaml_reader import Position, Read, TextError, read
from offer_sandbox.schemas.fields import field_at
from offer_sandbox.world.clock import MAX_ADVANCE, ClockError, parse_instant
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.store import Transaction

Scenario = dict[str, Any]
_MAX_KNOWN = 16
_OTHER_OPERATORS = {"lt", "gt", "present", "absent", "regex"}  # they compare no text, so values keep their types
_MAX_LISTED = 1000  # rules or steps, because the schema rejects more


@dataclass(frozen=True)
class Mistake:
    """A mistake in a scenario's text, and its position. An `advisory` one does not make the scenario invalid."""

    position: Position
    text: str
    advisory: bool = False

    def __str__(self) -> str:
        """Returns one line. Escapes characters that a terminal acts on, because names in a file may have them."""
        kind = "warning: " if self.advisory else ""
        text = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in self.text)
        return f"{self.position.line}:{self.position.column}: {kind}{text}"


def read_scenario(text: bytes, providers: Providers) -> tuple[Scenario | None, list[Mistake]]:
    """Reads a scenario from YAML or JSON. Returns the scenario (None if it is invalid) and its mistakes."""
    try:
        found = read(text)
    except TextError as error:
        return None, [Mistake(error.position, str(error))]
    scenario = _as_written(found)
    flaws = scenario_issues(scenario, providers)
    mistakes = sorted((_placed(found, issue) for issue in flaws), key=_place)
    usable = all(issue.advisory for issue in flaws)
    return (scenario if usable else None), mistakes


def _as_written(found: Read) -> Any:
    """Returns the value of a text. Conditions on the query, the path or a header compare text, so numbers and
    booleans in them stay as they were written: `02134`, not 2134."""
    for path, text in found.texts.items():
        if len(path) < 4 or (path[0], path[2]) != ("rules", "match") or set(path[4:]) & _OTHER_OPERATORS:
            continue
        if str(path[3]).partition(".")[0] in TEXT_ONLY:
            within = found.value
            for name in path[:-1]:
                within = within[name]
            within[path[-1]] = text
    return found.value


def scenario_issues(scenario: Any, providers: Providers) -> list[ValidationIssue]:
    """Returns the first hundred issues in a scenario. A scenario with only advisory issues is valid."""
    found = schema_errors("scenario", scenario)
    meaning = _meaningless(scenario, found, providers) if isinstance(scenario, dict) else iter(())
    return list(islice(chain(found, meaning), MAX_ISSUES))


@cache
def ready_names() -> tuple[str, ...]:
    """Returns the names of the scenarios that are included in the sandbox, in alphabetical order."""
    return tuple(sorted(path.stem for path in bundled("scenarios").glob("*.yaml")))


def ready(name: str) -> Scenario | None:
    """Returns a scenario that is included in the sandbox, or None for an unknown name. Callers must not modify it,
    because it is cached."""
    return _ready(name) if name in ready_names() else None


def ready_for(operation: str, outcome: str) -> str | None:
    """Returns the name of a ready scenario in which an operation has this outcome, or None. Prefers a scenario
    that has few outcomes."""
    found = [(len(listed), name) for name in ready_names() if (operation, outcome) in (listed := _outcomes(name))]
    return min(found)[1] if found else None


@cache
def _outcomes(name: str) -> frozenset[tuple[str, str]]:
    """Returns the outcomes that the steps of a ready scenario expect, each with its operation."""
    steps = _ready(name).get("play", [])
    return frozenset(
        (each["call"], each["expect"]["outcome"])
        for each in steps
        if "call" in each and "outcome" in each.get("expect", {})
    )


def is_ready(scenario: Scenario) -> bool:
    """Returns whether a scenario equals the ready scenario of the same name in every detail."""
    return ready(scenario["scenario"]) == scenario


@cache
def _ready(name: str) -> Scenario:
    found: Scenario = _as_written(read((bundled("scenarios") / f"{name}.yaml").read_bytes()))
    return found


def _place(mistake: Mistake) -> tuple[int, int]:
    return mistake.position.line, mistake.position.column


def _placed(found: Read, issue: ValidationIssue) -> Mistake:
    """Adds a position to an issue. An invalid key has its own position, any other mistake that of the value."""
    position = found.key_position(issue.path) if issue.at_key else found.position(issue.path)
    known = f" ({issue.label}: {', '.join(_nearest(issue))})" if issue.label else ""
    return Mistake(position, f"{issue}{known}", issue.advisory)


def _nearest(issue: ValidationIssue) -> list[str]:
    """Returns the known names. If there are many, returns those most similar to the one in the text."""
    if len(issue.known) <= _MAX_KNOWN:
        return list(issue.known)
    name = issue.unknown or str(issue.path[-1])
    return [*get_close_matches(name, issue.known, n=_MAX_KNOWN, cutoff=0.0), "..."]


def _never_equal(rule: Mapping[str, Any], providers: Providers) -> Iterator[ValidationIssue]:
    """Warns about numbers that can never equal the value at their path, because the documentation defines it as
    text."""
    bodies = [provider.operations[name].body for provider, name in concerned(rule["operation"], providers)]
    for path, wanted in rule.get("match", {}).items():
        numbers = wanted if not isinstance(wanted, dict) else next(iter(wanted.get("one_of", ())), None)
        if isinstance(numbers, bool) or not isinstance(numbers, int | Decimal):
            continue
        source, *names = keys(path)
        if source == "body" and all(isinstance(field_at(body, names), fields.String) for body in bodies):
            text = "a number never equals this value, which is text in the documentation (put it in quotes)"
            yield ValidationIssue(("match", path), text, advisory=True)


def _meaningless(
    scenario: Mapping[str, Any], found: list[ValidationIssue], providers: Providers
) -> Iterator[ValidationIssue]:
    """Yields issues that the schema cannot detect, except where it has found one already."""
    for index, rule in enumerate(_listed(scenario, "rules")):
        known = {issue.path[2:] for issue in found if issue.path[:2] == ("rules", index)}
        flaws = armed_issues(rule, providers)
        yield from (issue.below("rules", index) for issue in flaws if issue.path not in known)
        if not flaws and not known:
            yield from (issue.below("rules", index) for issue in _never_equal(rule, providers))
    for issue in SettingsReader(providers).issues({}, scenario.get("settings", {})):
        below = issue.below("settings")
        if not any(below.path[: len(other.path)] == other.path for other in found if other.path):
            yield below
    if fits("clock", clock := scenario.get("clock", {})):
        yield from _bad_clock(clock)
    for index, step in enumerate(_listed(scenario, "play")):
        if fits("step", step):
            yield from (issue.below("play", index) for issue in _bad_step(step, providers))
    if not found:
        yield from _standing_still(scenario)


def _listed(scenario: Mapping[str, Any], name: str) -> list[Any]:
    value = scenario.get(name, [])
    return value[:_MAX_LISTED] if isinstance(value, list) else []


def _bad_clock(clock: Mapping[str, Any]) -> Iterator[ValidationIssue]:
    if "now" in clock:
        try:
            parse_instant(clock["now"])
        except ClockError as error:
            yield ValidationIssue(("clock", "now"), str(error))


def _bad_step(step: Mapping[str, Any], providers: Providers) -> Iterator[ValidationIssue]:
    if "advance" in step:
        yield from _bad_advance(step["advance"])
        return
    calls = concerned(step["call"], providers)
    if len(calls) != 1 or "*" in step["call"]:
        yield ValidationIssue(("call",), f"unknown operation {step['call']!r}")
        return
    provider, operation = calls[0]
    known = tuple(name for owner, name in provider.outcomes if owner == operation)
    if "like" in step and not _has_steps(provider, operation, str(step["like"])):
        text = f"{step['call']} has no outcome {step['like']!r} with a call in the catalogue"
        yield ValidationIssue(("like",), text, known, label="known outcomes", unknown=str(step["like"]))
    expected = step.get("expect", {})
    named = str(expected.get("outcome", known[0]))
    if named not in known and not (named.startswith("status_") and named[7:].isdecimal()):
        text = f"{step['call']} has no outcome {named!r}"
        yield ValidationIssue(("expect", "outcome"), text, known, label="known outcomes", unknown=named)
    for part in ("body", "header"):
        yield from (issue.below("expect", part) for issue in pattern_issues(expected.get(part, {})))


def _has_steps(provider: Any, operation: str, name: str) -> bool:
    outcome = provider.outcomes.get((operation, name))
    return outcome is not None and bool(outcome.steps)


def _bad_advance(text: str) -> Iterator[ValidationIssue]:
    span, flaws = duration(text, "advance")
    if not 0 <= span <= MAX_ADVANCE.total_seconds():
        yield ValidationIssue(("advance",), "the clock can only move forward, by at most P3650D")
    yield from flaws


def _standing_still(scenario: Mapping[str, Any]) -> Iterator[ValidationIssue]:
    """Warns if a frozen clock keeps a timed progression from ever ending, unless a client advances the clock."""
    timed = [
        name
        for name, value in scenario.get("settings", {}).get("progressions", {}).items()
        if value and value.get("progression") == "time"
    ]
    advances = any("advance" in step for step in scenario.get("play", []))
    if scenario.get("clock", {}).get("mode") == "frozen" and timed and not advances:
        text = f"the clock is frozen, so {timed[0]} never ends unless a client advances the clock"
        yield ValidationIssue(("clock", "mode"), text, advisory=True)


SCENARIOS = Collection(provider="sandbox", name="scenarios", key="name", visible=False, cleared=False)
MAX_SCENARIOS = 200


def stored(transaction: Transaction, workspace: int, name: str) -> Document | None:
    """Returns a workspace's scenario, or None. `scenario` is the scenario as it was written, or None for a ready
    one. `started` is None unless the scenario runs. Then it has the former values to restore: `clock` (in its
    stored form, None if unchanged) and `settings` (a list of [group, name, former value], without the value if
    there was none)."""
    found = transaction.get(workspace, SCENARIOS, name)
    if found is None and ready(name) is not None:
        return {"name": name, "scenario": None, "started": None}
    return found


def written(record: Document) -> Scenario:
    """Returns the scenario itself."""
    gone: Scenario = {"scenario": record["name"]}  # a ready scenario that this version of the program lacks
    return record["scenario"] or ready(record["name"]) or gone


def keep(transaction: Transaction, workspace: int, record: Document) -> None:
    """Stores a scenario. A ready one is stored only while it runs."""
    if record["scenario"] is None and record["started"] is None:
        transaction.delete(workspace, SCENARIOS, record["name"])
    else:
        transaction.put(workspace, SCENARIOS, [record])


def running(transaction: Transaction, workspace: int) -> list[Document]:
    """Returns the running scenarios."""
    return [record for record in transaction.select(workspace, SCENARIOS, {}) if record["started"]]


def touched(scenario: Mapping[str, Any]) -> set[str]:
    """Returns the names of everything that a scenario sets. Two that set the same cannot run at the same time."""
    settings = scenario.get("settings", {})
    names = {f"settings.{group}.{name}" for group, values in settings.items() for name in values}
    return names | ({"clock"} if scenario.get("clock") else set())
