"""`/__admin/rules`: what a user has armed, newest first; and the magic that providers ship."""

from typing import Any

from flask import Blueprint, Response, request

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import json_object, json_response, no_content, unprocessable
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.rules.repository import RULES, TooManyRules, add_rule, all_rules, replace_rule, shown
from offer_sandbox.rules.validation import ValidationIssue, armed_issues
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import clock_from_json

resource = Blueprint("rules", __name__)


@resource.get("/rules")
@accepts("builtin", "fired")
def list_rules() -> Response:
    """The armed rules with their counters, those that fire first first. With `builtin=true` the magic ones too,
    with `fired` those alone that have fired, or that never have."""
    builtin, fired = _truth("builtin"), _truth("fired")
    with workspace() as (transaction, row):
        stored = [each for each in all_rules(transaction, row.id) if fired in (None, each["hits"] > 0)]
    return json_response({"rules": [*(_shown(row, each) for each in stored), *(_magic() if builtin else [])]})


@resource.post("/rules")
@accepts(body=True)
def add() -> Response:
    """Arms a rule."""
    body = _sound(json_object())
    with workspace() as (transaction, row):
        try:
            return json_response(_shown(row, add_rule(transaction, row, body)), 201)
        except TooManyRules as error:
            raise ProblemDetailsError(409, "too-many-rules", "Too many rules", str(error)) from None


@resource.delete("/rules")
def remove_all() -> Response:
    """Disarms every rule, those of running scenarios too."""
    with workspace() as (transaction, row):
        transaction.empty(row.id, RULES)
    return no_content()


@resource.get("/rules/<id>")
def one(id: str) -> Response:
    """One rule with its counters."""
    with workspace() as (transaction, row):
        return json_response(_shown(row, _found(transaction, row, id)))


@resource.put("/rules/<id>")
@accepts(body=True)
def replace_one(id: str) -> Response:
    """Puts another rule in its place, with its rank; the counters and the time to live begin anew."""
    body = _sound(json_object())
    with workspace() as (transaction, row):
        former = _found(transaction, row, id)
        return json_response(_shown(row, replace_rule(transaction, row, former, body)))


@resource.delete("/rules/<id>")
def remove_one(id: str) -> Response:
    """Disarms one rule."""
    with workspace() as (transaction, row):
        _found(transaction, row, id)
        transaction.delete(row.id, RULES, id)
    return no_content()


def refused(issues: list[ValidationIssue]) -> ProblemDetailsError:
    """422 that tells every flaw with its place, and the words that are known where the first one stands."""
    first = issues[0]
    extra: dict[str, Any] = {"known": list(first.known)} if first.known else {}
    problems = [{"field": ".".join(map(str, issue.path)), "detail": issue.text} for issue in issues]
    return unprocessable(str(first), problems=problems, **extra)


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


def _truth(name: str) -> bool | None:
    """An argument of the address that is true or false; None where it is not there."""
    text = request.args.get(name)
    if text not in (None, "true", "false"):
        raise unprocessable(f"{name} is true or false")
    return None if text is None else text == "true"


def _magic() -> list[Document]:
    """The magic values of every provider, written as rules."""
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
