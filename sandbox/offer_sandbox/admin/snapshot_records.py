"""The schemas and the validation of rules and scenarios in a snapshot."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields

from offer_sandbox.admin.services import services
from offer_sandbox.rules.repository import RULES
from offer_sandbox.rules.scenario import SCENARIOS, ready, scenario_issues
from offer_sandbox.rules.schema import CLOCK_VALUES
from offer_sandbox.rules.settings import SettingsRefused
from offer_sandbox.rules.validation import ValidationIssue, rule_issues
from offer_sandbox.schemas.fields import (
    AnswerSchema,
    Integer,
    List,
    Nested,
    Object,
    String,
    described,
    in_calendar,
    one_of,
    within,
)
from offer_sandbox.world.clock import LATEST, real_now, to_ms
from offer_sandbox.world.collection import Collection, Document

_MAX_CALLS = 10**15


class RuleRecord(AnswerSchema):
    """An armed rule with its counters."""

    id = String(required=True)
    stamp = String(required=True)
    rule = Object(required=True)
    matched = Integer(required=True, validate=within(0, _MAX_CALLS))
    hits = Integer(required=True, validate=within(0, _MAX_CALLS))
    scenario = String(required=True, allow_none=True)
    expires = Integer(required=True, allow_none=True, validate=in_calendar())


class StoredClock(AnswerSchema):
    """A clock in its stored form."""

    mode = String(
        required=True,
        validate=one_of("real", "frozen"),
        metadata=described("Whether the clock runs.", values=CLOCK_VALUES),
    )
    offset = Integer(
        required=True,
        validate=within(-to_ms(LATEST), to_ms(LATEST)),
        metadata=described(
            "The difference between a running clock and real time, in milliseconds. A frozen clock ignores it.",
            example=86_400_000,
        ),
    )
    at = Integer(
        required=True,
        validate=in_calendar(),
        metadata=described(
            "The time of a frozen clock, in milliseconds since 1970. A running clock ignores it.",
            example=1_776_455_100_000,
        ),
    )


class _Started(AnswerSchema):
    clock = Nested(StoredClock, required=True, allow_none=True)
    settings = List(fields.Raw(), required=True, maximum=1_000)


class ScenarioRecord(AnswerSchema):
    """A scenario, and the former clock and settings to restore if it is running."""

    name = String(required=True)
    scenario = Object(required=True, allow_none=True)
    started = Nested(_Started, required=True, allow_none=True)


SCHEMAS: Mapping[str, Schema] = {RULES.table: RuleRecord(), SCENARIOS.table: ScenarioRecord()}


def in_calendar_now(clock: Mapping[str, int]) -> bool:
    """Returns whether a clock with valid fields currently shows a time from 1970 on."""
    return to_ms(real_now()) + clock["offset"] >= 0


def plain_numbers(value: Any) -> Any:
    """Returns the value with every whole number as an int, even if it was written as `3.0`. Numbers beyond any
    counter stay as they are, because `1e300` has many digits."""
    if isinstance(value, dict):
        return {name: plain_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain_numbers(item) for item in value]
    if isinstance(value, Decimal) and value == value.to_integral_value() and value < _MAX_CALLS:
        return int(value)
    return value


def meaningless(kind: Collection, record: Document) -> Iterator[ValidationIssue]:
    """Yields the errors in a record that its schema cannot detect."""
    providers = services().providers
    if kind is RULES:
        yield from (issue.below("rule") for issue in rule_issues(record["rule"], providers))
        if not {"phase", "skip", "every", "probability"} <= record["rule"].keys():
            yield ValidationIssue(("rule",), "must have the fields phase, skip, every and probability")
        elif not isinstance(record["rule"].get("fault", {}), dict):
            yield ValidationIssue(("rule", "fault"), "must be an object")
        elif not isinstance(record["rule"].get("webhook", {}), dict):
            yield ValidationIssue(("rule", "webhook"), "must be an object")
    if kind is SCENARIOS:
        if record["scenario"] is None and ready(record["name"]) is None:
            yield ValidationIssue(("scenario",), f"this sandbox has no ready scenario {record['name'][:80]!r}")
        found = scenario_issues(record["scenario"], providers) if record["scenario"] is not None else []
        yield from (issue.below("scenario") for issue in found if not issue.advisory)
        yield from _flaws_of_started(record["started"])


def _flaws_of_started(started: Any) -> Iterator[ValidationIssue]:
    """Yields the errors in a scenario's values to restore, which must be values that a workspace could have
    had."""
    if started is None:
        return
    if started["clock"] is not None and not in_calendar_now(started["clock"]):
        yield ValidationIssue(("started", "clock", "offset"), "sets the clock to a time before 1970")
    former: dict[str, Any] = {}
    for index, each in enumerate(started["settings"]):
        if not isinstance(each, list) or not 2 <= len(each) <= 3 or not all(isinstance(n, str) for n in each[:2]):
            yield ValidationIssue(
                ("started", "settings", index), "must be a list of a group, a name and optionally a value"
            )
            return
        if len(each) == 3:
            former.setdefault(each[0], {})[each[1]] = each[2]
    try:
        whole = services().settings.merged({}, former)
    except SettingsRefused as error:
        yield from (issue.below("started", "settings") for issue in error.issues)
        return
    if whole != former:  # merging adds nothing to settings that a workspace has stored
        yield ValidationIssue(("started", "settings"), "are not in the form in which a workspace stores them")
