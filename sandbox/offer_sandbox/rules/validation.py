"""Validates rules: their structure, then the operations, outcomes and collections that they name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jsonschema_rs

from offer_sandbox.contract import Outcome, Provider
from offer_sandbox.rules.patterns import PatternError, pattern
from offer_sandbox.rules.schema import CLOCK, RULE, SCENARIO
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.clock import MAX_ADVANCE, ClockError, parse_duration

Path = tuple[str | int, ...]
_SCHEMAS: Mapping[str, Any] = {
    "rule": RULE,
    "scenario": SCENARIO,
    "clock": CLOCK,
    "step": SCENARIO["properties"]["play"]["items"],
    **{f"rule.{name}": member for name, member in RULE["properties"].items()},
}
MAX_ISSUES = 100
_MAX_UNEXPECTED = 20
_MAX_LENGTH = 300
_BOUNDS = {
    "maxLength": "has more than {} characters",
    "maxItems": "has more than {} items",
    "maxProperties": "has more than {} members",
}


@dataclass(frozen=True)
class ValidationIssue:
    """One issue in a value. `path` has the names and indexes on the way to the value, and `text` describes the
    issue. `known` lists the valid names or values, if their number is limited. `label` is the heading of `known`
    for a reader, and is empty if the text itself lists them. `unknown` is the name that is none of them. If it is
    empty, that is the last name in the path. `at_key` means that the key at the path is invalid, not its value. An
    `advisory` issue does not make the value invalid."""

    path: Path
    text: str
    known: tuple[str, ...] = ()
    advisory: bool = False
    label: str = ""
    unknown: str = ""
    at_key: bool = False

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"{where}: {self.text}" if where else self.text

    def below(self, *path: str | int) -> "ValidationIssue":
        """Returns the issue as it is in a larger value, with `path` before its own path."""
        return replace(self, path=(*path, *self.path))


def unknown_field(path: Path, known: tuple[str, ...]) -> ValidationIssue:
    """Returns the issue for a field that an object cannot have."""
    return ValidationIssue(path, "unknown field", known, label="known fields", at_key=True)


def not_one_of(path: Path, choices: Iterable[Any], value: Any) -> ValidationIssue:
    """Returns the issue for a value that is none of these."""
    known = tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in choices)
    return ValidationIssue(path, f"must be one of {', '.join(known)}, not {shortened(value)}", known)


def shortened(value: Any) -> str:
    """Returns a value as messages show it."""
    return repr(value)[:80]


def fits(kind: str, value: Any) -> bool:
    """Returns whether the schema of this kind (`rule`, `scenario`, or a part of them) accepts a value. Code that
    reads a value checks it with this function. `schema_errors` stops after a hundred issues, so a part that it
    does not list may be invalid too."""
    return bool(_compiled(kind).is_valid(value))


def schema_errors(kind: str, value: Any) -> list[ValidationIssue]:
    """Returns the first hundred issues that the schema of this kind finds, each once."""
    if fits(kind, value):
        return []
    found: dict[tuple[Path, str], ValidationIssue] = {}
    for error in _compiled(kind).iter_errors(value):
        found.update({(issue.path, issue.text): issue for issue in _worded(_SCHEMAS[kind], error)})
        if len(found) >= MAX_ISSUES:
            break
    return list(found.values())[:MAX_ISSUES]


@cache
def _compiled(kind: str) -> Any:
    return jsonschema_rs.validator_for(_SCHEMAS[kind])


def _members(schema: Any, error: jsonschema_rs.ValidationError) -> tuple[str, ...]:
    """Returns the property names in the schema at the position of the error."""
    return tuple(_at(schema, error.schema_path[:-1]).get("properties", ()))


def _at(schema: Any, path: Sequence[str | int]) -> Any:
    """Returns the part of the schema at a path."""
    for step in path:
        schema = schema[step]
    return schema


def _worded(schema: Any, error: jsonschema_rs.ValidationError) -> Iterator[ValidationIssue]:
    path, rule = tuple(error.instance_path), error.schema_path[-1]
    kind: Any = error.kind
    if rule == "additionalProperties" and hasattr(kind, "unexpected"):
        for name in kind.unexpected[:_MAX_UNEXPECTED]:
            yield unknown_field((*path, name), _members(schema, error))
    elif rule == "required" and hasattr(kind, "property"):
        yield ValidationIssue((*path, kind.property), "is missing")
    elif rule == "enum":
        yield not_one_of(path, kind.options, error.instance)
    elif rule in _BOUNDS:
        yield ValidationIssue(path, _BOUNDS[str(rule)].format(_at(schema, error.schema_path)))
    elif rule == "pattern" and "propertyNames" not in error.schema_path:
        expected = _at(schema, error.schema_path)
        yield ValidationIssue(path, f"{shortened(error.instance)} does not match the pattern {expected}")
    elif rule == "not":
        if isinstance(error.instance, dict):  # a value that is not an object has its own issue already
            yield ValidationIssue(path, "a rule cannot have both outcome and status")
    elif "propertyNames" in error.schema_path:
        yield ValidationIssue(path, f"has an invalid name: {error.message[:_MAX_LENGTH]}")
    elif "dependentSchemas" in error.schema_path:
        fault, member = ("LATE", "seconds") if "webhook" in error.schema_path else ("DRIBBLE", "milliseconds")
        yield ValidationIssue(path, f"only the fault {fault} can have {member}")
    else:
        yield ValidationIssue(path, error.message[:_MAX_LENGTH])


Providers = Mapping[str, Provider]
GIFTS = (
    "outcome",
    "status",
    "delay",
    "fault",
    "mutate",
    "state",
    "webhook",
)  # a rule must have at least one of these
_DEFAULTS = {"phase": "after", "skip": 0, "every": 1, "probability": 1}
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # parsing a duration needs a start, and any start will do


def rule_issues(rule: Any, providers: Providers) -> list[ValidationIssue]:
    """Returns every issue in a rule as it was written. Empty for a valid rule."""
    found = schema_errors("rule", rule)
    sound = _sound_members(rule)
    return found + (list(_meaningless(sound, providers)) if "operation" in sound else [])


def armed_issues(rule: Any, providers: Providers) -> list[ValidationIssue]:
    """Returns every issue in a rule that a client arms. Such a rule must also have an effect. A rule in a snapshot
    may have none, because older versions did not require one."""
    idle = isinstance(rule, dict) and not any(rule.get(name) is not None for name in GIFTS)
    text = f"the rule has no effect, because it has none of {', '.join(GIFTS)}"
    nothing = [ValidationIssue((), text, GIFTS)] if idle else []
    return rule_issues(rule, providers) or nothing


def _sound_members(rule: Any) -> dict[str, Any]:
    """Returns the members of a rule that its schema accepts, so that their meaning can be validated too."""
    if not isinstance(rule, dict):
        return {}
    return {name: rule[name] for name in RULE["properties"] if name in rule and fits(f"rule.{name}", rule[name])}


def complete(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Adds the defaults to a valid rule. In the result, an outcome is always a string and a fault an object."""
    whole = {"operation": rule["operation"], **_DEFAULTS, **{k: v for k, v in rule.items() if v is not None}}
    if "outcome" in whole:
        whole["outcome"] = str(whole["outcome"]).rpartition(".")[2]
    if isinstance(whole.get("fault"), str):
        whole["fault"] = {"type": whole["fault"]}
    if isinstance(whole.get("webhook"), str):
        whole["webhook"] = {"type": whole["webhook"]}
    return whole


def concerned(operation: str, providers: Providers) -> list[tuple[Provider, str]]:
    """Returns the calls that a rule's `operation` covers. Empty if it does not exist."""
    owner, _, name = operation.partition(".")
    named = list(providers.values()) if owner == "*" else [providers[owner]] if owner in providers else []
    every = [(provider, each) for provider in named for each in provider.operations]
    return every if name in ("", "*") else [pair for pair in every if pair[1] == name]


def concerned_topics(operation: str, providers: Providers) -> list[tuple[Provider, str]]:
    """Returns the topics that the `operation` of a rule for webhooks covers. Empty if it does not exist."""
    owner, _, name = operation.partition(".")
    every = [(each, topic) for each in providers.values() for topic in each.topics if owner in ("*", each.name)]
    return every if name in ("", "*") else [pair for pair in every if pair[1] == name]


def operation_names(providers: Providers) -> tuple[str, ...]:
    """Returns the name of every operation, with its provider's name before it."""
    return tuple(f"{provider.name}.{name}" for provider, name in concerned("*", providers))


def of_status(provider: Provider, operation: str, status: int) -> Outcome | None:
    """Returns the first outcome of an operation with this status, in catalogue order, or None."""
    found = (outcome for (owner, _), outcome in provider.outcomes.items() if owner == operation)
    return next((outcome for outcome in found if outcome.status == status), None)


def _meaningless(rule: Mapping[str, Any], providers: Providers) -> Iterator[ValidationIssue]:
    operation = rule["operation"]
    if "webhook" in rule:
        yield from _bad_webhook_rule(rule, providers)
        return
    calls = concerned(operation, providers)
    if not calls:
        text, known = f"unknown operation {operation!r}", operation_names(providers)
        yield ValidationIssue(("operation",), text, known, label="known operations", unknown=operation)
        return
    if "outcome" in rule:
        yield from _unknown_outcome(str(rule["outcome"]), operation, calls)
    yield from _bad_match(rule.get("match", {}))
    yield from _bad_delay(rule.get("delay", {}))
    yield from _bad_ttl(rule.get("ttl"))
    for name, records in rule.get("state", {}).items():
        yield from (issue.below("state", name) for issue in _bad_records(name, records, providers))


def _bad_webhook_rule(rule: Mapping[str, Any], providers: Providers) -> Iterator[ValidationIssue]:
    topics = concerned_topics(rule["operation"], providers)
    if not topics:
        known = tuple(f"{provider.name}.{topic}" for provider, topic in concerned_topics("*", providers))
        text = f"unknown webhook topic {rule['operation']!r}"
        yield ValidationIssue(("operation",), text, known, label="known topics", unknown=rule["operation"])
    for name in GIFTS:
        if name in rule and name != "webhook":
            yield ValidationIssue((name,), "a rule with webhook concerns no calls, so it has no other effect")
    for path in rule.get("match", {}):
        if path.partition(".")[0] != "body":
            yield ValidationIssue(("match", path), "a condition on a webhook concerns its body")
    signed = any(provider.signature for provider, _ in topics)
    if topics and _webhook_type(rule) == "WRONG_SIGNATURE" and not signed:
        yield ValidationIssue(("webhook",), f"{topics[0][0].name} does not sign its webhooks")
    yield from _bad_match(rule.get("match", {}))
    yield from _bad_ttl(rule.get("ttl"))


def _webhook_type(rule: Mapping[str, Any]) -> str:
    fault = rule["webhook"]
    return str(fault["type"] if isinstance(fault, dict) else fault)


def _unknown_outcome(outcome: str, operation: str, calls: list[tuple[Provider, str]]) -> Iterator[ValidationIssue]:
    owner, dot, name = outcome.rpartition(".")
    for provider, called in calls:
        if (dot and owner != f"{provider.name}.{called}") or (called, name) not in provider.outcomes:
            known = tuple(each for other, each in provider.outcomes if other == called)
            text = f"{provider.name}.{called} has no outcome {outcome!r}"
            yield ValidationIssue(("outcome",), text, known, label="known outcomes", unknown=outcome)
            return


def match_issues(conditions: Any) -> list[ValidationIssue]:
    """Returns every issue in the `match` of an object that lacks the required fields of a rule."""
    whole = {"operation": "*", **conditions}
    return schema_errors("rule", whole) or list(_bad_match(whole.get("match", {})))


def _bad_match(match: Mapping[str, Any]) -> Iterator[ValidationIssue]:
    for path in match:
        if re.search(r"(^|(?<!\\)\.)(\.|$)", path):
            yield ValidationIssue(("match", path), "the path has an empty name (write a dot in a name as \\.)")
    yield from (issue.below("match") for issue in pattern_issues(match))


def pattern_issues(conditions: Mapping[str, Any]) -> Iterator[ValidationIssue]:
    """Yields an issue for each unusable pattern in the conditions."""
    for path, wanted in conditions.items():
        if not isinstance(wanted, dict):
            continue
        if "regex" in wanted:
            try:
                pattern(wanted["regex"])
            except PatternError as error:
                yield ValidationIssue((path, "regex"), str(error))
        if "not" in wanted:
            yield from (issue.below(path) for issue in pattern_issues({"not": wanted["not"]}))


def _bad_delay(delay: Mapping[str, Any]) -> Iterator[ValidationIssue]:
    if delay.get("type") == "uniform" and delay["lower"] > delay["upper"]:
        yield ValidationIssue(("delay",), "lower must not be greater than upper")


def _bad_ttl(text: str | None) -> Iterator[ValidationIssue]:
    if text is None:
        return
    span, flaws = duration(text, "ttl")
    if not flaws and not 0 < span <= MAX_ADVANCE.total_seconds():
        yield ValidationIssue(("ttl",), "must be longer than zero and at most P3650D")
    yield from flaws


def duration(text: str, member: str) -> tuple[float, list[ValidationIssue]]:
    """Returns the seconds of a duration and its issues. An invalid duration has 0 seconds and one issue."""
    try:
        return parse_duration(text, _ANY_TIME).total_seconds(), []
    except ClockError as error:
        return 0.0, [ValidationIssue((member,), str(error))]


def _bad_records(name: str, records: list[Any], providers: Providers) -> Iterator[ValidationIssue]:
    """Validates records. They may be incomplete, because they may be merged, but their fields must be valid."""
    owner, _, collection = name.partition(".")
    provider = providers.get(owner)
    kinds = {kind.name: kind for kind in provider.visible} if provider else {}
    if provider is None or collection not in kinds:
        known = tuple(f"{each.name}.{kind.name}" for each in providers.values() for kind in each.visible)
        text = f"unknown collection {name!r}"
        yield ValidationIssue((), text, known, label="known collections")
        return
    record_validator = validator_for(provider.parts.records[collection])
    for index, record in enumerate(records):
        if kinds[collection].key not in record:
            yield ValidationIssue((index,), f"{kinds[collection].key} is missing")
        found = record_validator.issues(record)
        yield from (
            ValidationIssue((index, *issue.path), issue.text) for issue in found if issue.key != "required"
        )
        if not found and (wrong := kinds[collection].unstorable(record)):
            yield ValidationIssue((index,), wrong.lstrip(": "))
