"""`/__admin/rules`: the armed rules of a workspace, newest first, and the providers' magic values."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from marshmallow import fields, validate

from offer_sandbox.admin.call import Body, ControlCall, JsonSchema
from offer_sandbox.admin.fields import EXAMPLE_TIME, QueryBoolean, QuerySchema, ShownSchema
from offer_sandbox.admin.http import refused
from offer_sandbox.admin.json_schemas import RULE_WRITTEN
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.rules import repository
from offer_sandbox.rules.repository import RULES, TooManyRules, all_rules, shown
from offer_sandbox.rules.schema import RULE
from offer_sandbox.rules.validation import armed_issues
from offer_sandbox.schemas.fields import Boolean, List, String, described
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import clock_from_json

_ID = described("The rule's id.", example="rule_tzi4248o19")
_COUNTERS: dict[str, Any] = {
    "matched": {
        "type": "integer",
        "minimum": 0,
        "description": "The number of calls that matched the rule.",
        "examples": [3],
    },
    "hits": {
        "type": "integer",
        "minimum": 0,
        "description": "The number of times that the rule fired.",
        "examples": [1],
    },
    "scenario": {
        "type": ["string", "null"],
        "description": "The scenario that armed the rule. Null if no scenario did.",
        "examples": ["ebay-busy"],
    },
    "expires_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "The time at which `ttl` ends, by the workspace's clock. Null without a `ttl`.",
        "examples": [EXAMPLE_TIME],
    },
    "expired": {
        "type": "boolean",
        "description": "Whether `ttl` is over. Such a rule does not fire any more.",
        "examples": [False],
    },
}
_COMPLETED = ("phase", "skip", "every", "probability")
_SHOWN = {
    "id": "rule_tzi4248o19",
    "operation": "ebay.*",
    "phase": "after",
    "skip": 0,
    "every": 1,
    "probability": 1,
    "outcome": "rate_limited",
    "times": 2,
    "matched": 3,
    "hits": 2,
    "scenario": None,
    "expires_at": None,
    "expired": False,
}
ARMED_RULE = JsonSchema(
    "ArmedRule",
    {
        **RULE,
        "description": "A rule with its defaults and its counters. `outcome` is the last part of the outcome's"
        " id, and `fault` is an object.",
        "required": ["id", "operation", *_COMPLETED, *_COUNTERS],
        "examples": [_SHOWN],
        "properties": {"id": {"type": "string", **_ID}, **RULE["properties"], **_COUNTERS},
    },
)
_RULE = {
    "operation": "ebay.sendOfferToInterestedBuyers",
    "match": {"body.offeredItems.*.listingId": {"regex": "^11"}},
    "outcome": "150022",
    "delay": {"type": "fixed", "milliseconds": 20},
    "times": 1,
    "ttl": "PT10M",
}
_OTHER_RULE = {"operation": "ebay.findEligibleItems", "fault": {"type": "DRIBBLE", "milliseconds": 500}, "skip": 2}


class RuleFilterSchema(QuerySchema):
    """The filters of the rule list."""

    builtin = QueryBoolean(
        load_default=False,
        metadata=described("Whether to list the providers' magic values too, written as rules.", example=True),
    )
    fired = QueryBoolean(
        metadata=described(
            "`true` lists only armed rules that have fired, `false` only those that have never fired.",
            example=False,
        )
    )


class BuiltinRuleSchema(ShownSchema):
    """A magic value that a provider ships, written as a rule."""

    id = String(
        required=True,
        metadata=described(
            "`builtin:` and the complete id of the outcome.",
            example="builtin:ebay.sendOfferToInterestedBuyers.150011",
        ),
    )
    builtin = Boolean(
        required=True,
        validate=validate.Equal(True),
        metadata=described("Distinguishes magic values from rules.", values={"true": "It is a magic value."}),
    )
    operation = String(
        required=True,
        metadata=described("The operation, with its provider.", example="ebay.sendOfferToInterestedBuyers"),
    )
    match = fields.Dict(
        required=True,
        metadata=described(
            "The magic value, by the path of its field.",
            example={"body.offeredItems.0.listingId": "110000150011"},
        ),
    )
    outcome = String(required=True, metadata=described("The last part of the outcome's id.", example="150011"))


class RuleListSchema(ShownSchema):
    """The rules, highest priority first."""

    rules = List(
        fields.Raw(metadata={"shape": {"anyOf": [ARMED_RULE, BuiltinRuleSchema()]}}),
        required=True,
        metadata=described("The armed rules, then the magic values if `builtin` is true."),
    )


@ControlCall(method="GET", path="/__admin/rules", query=RuleFilterSchema(), answers={200: RuleListSchema()})
def list_rules(query: dict[str, bool]) -> Any:
    """Lists the armed rules of a workspace with their counters, highest priority first.

    The newest rule has the highest priority. With `builtin=true`, the list also has the magic values. With
    `fired`, it has only the armed rules that have fired, or only those that have never fired.
    """
    fired = query.get("fired")
    with workspace() as (transaction, row):
        stored = [each for each in all_rules(transaction, row.id) if fired in (None, each["hits"] > 0)]
    return {"rules": [*(_shown(row, each) for each in stored), *(_magic() if query["builtin"] else [])]}


@ControlCall(
    method="POST",
    path="/__admin/rules",
    body=Body(shape=RULE_WRITTEN, example=_RULE),
    answers={201: ARMED_RULE},
    refusals=(409,),
)
def add_rule(body: dict[str, Any]) -> Any:
    """Arms a rule.

    It applies to the next call, and has priority over all older rules. Returns 422 for an invalid rule, with every
    problem and the known names, and 409 if the workspace already has 1,000 rules, or 4 MiB of them.
    """
    sound = _sound(body)
    with workspace() as (transaction, row), refusing_too_many():
        return _shown(row, repository.add_rule(transaction, row, sound))


@contextmanager
def refusing_too_many() -> Iterator[None]:
    """Raises ProblemDetailsError (409) if the block arms a rule for which the workspace has no room."""
    try:
        yield
    except TooManyRules as error:
        raise ProblemDetailsError(409, "too-many-rules", "Too many rules", str(error)) from None


@ControlCall(method="DELETE", path="/__admin/rules", answers={204: None})
def remove_rules() -> None:
    """Disarms all rules, including those of running scenarios.

    The scenarios themselves continue to run, with their settings and clock.
    """
    with workspace() as (transaction, row):
        transaction.empty(row.id, RULES)


@ControlCall(method="GET", path="/__admin/rules/{id}", answers={200: ARMED_RULE}, refusals=(404,))
def get_rule(id: str) -> Any:
    """Returns a rule with its counters.

    A rule that has expired or is used up is kept until you delete it.
    """
    with workspace() as (transaction, row):
        return _shown(row, _found(transaction, row, id))


@ControlCall(
    method="PUT",
    path="/__admin/rules/{id}",
    body=Body(shape=RULE_WRITTEN, example=_OTHER_RULE),
    answers={200: ARMED_RULE},
    refusals=(404, 409),
)
def replace_rule(id: str, body: dict[str, Any]) -> Any:
    """Replaces a rule with another one.

    The new rule keeps the id and the priority. Its counters and its time to live start again. Returns 409 if the
    rules of the workspace would have more than 4 MiB.
    """
    sound = _sound(body)
    with workspace() as (transaction, row):
        former = _found(transaction, row, id)
        with refusing_too_many():
            return _shown(row, repository.replace_rule(transaction, row, former, sound))


@ControlCall(method="DELETE", path="/__admin/rules/{id}", answers={204: None}, refusals=(404,))
def remove_rule(id: str) -> None:
    """Disarms a rule.

    The journal keeps the verdicts on it.
    """
    with workspace() as (transaction, row):
        _found(transaction, row, id)
        transaction.delete(row.id, RULES, id)


def _sound(body: dict[str, Any]) -> dict[str, Any]:
    issues = armed_issues(body, services().providers)
    if issues:
        raise refused(issues)
    return body


def _shown(row: WorkspaceRow, stored: Document) -> Document:
    return shown(stored, to_ms(clock_from_json(row.clock).now()))


def _found(transaction: Transaction, row: WorkspaceRow, id: str) -> Document:
    stored = transaction.get(row.id, RULES, id)
    if stored is None:
        detail = f"the workspace {row.name} has no rule {id[:60]!r}"
        raise ProblemDetailsError(404, "unknown-rule", "Unknown rule", detail)
    return stored


def _magic() -> list[Document]:
    """Returns the magic values of every provider, written as rules."""
    return [
        {
            "id": f"builtin:{provider.name}.{outcome.operation}.{outcome.name}",
            "builtin": True,
            "operation": f"{provider.name}.{outcome.operation}",
            "match": {outcome.magic.field: outcome.magic.value},
            "outcome": outcome.name,
        }
        for provider in services().providers.values()
        for outcome in provider.parts.outcomes
        if outcome.magic is not None
    ]
