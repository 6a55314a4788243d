"""Validates Covent's calls, merges updates into records, and selects the fields of responses."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from marshmallow import Schema

from offer_sandbox.contract import Call, RequestIssue
from offer_sandbox.contract.http import JSON
from offer_sandbox.contract.operation import Validator
from offer_sandbox.schemas.accept import wanted
from offer_sandbox.schemas.fields import Nested
from offer_sandbox.world.clock import ClockError, parse_instant, print_instant
from offer_sandbox.world.collection import Document

_UNREADABLE = ("unsupported_media_type", "payload_too_large", "invalid_json")
Check = Callable[[Call], Sequence[RequestIssue]]


def validate(collection: str = "", *checks: Check) -> Validator:
    """Returns the validator of a call.

    `collection` is that of the record that the path names (empty: it names no record). `checks` apply to the body
    in addition to its schema.
    """

    def validated(call: Call, found: Sequence[RequestIssue]) -> Sequence[RequestIssue]:
        if unreadable := [*_unacceptable(call), *_no_json(call, found)]:
            return unreadable
        if collection and call.world.get(collection, call.path["id"]) is None:
            reason = f"this workspace has no record {call.path['id'][:80]} in {collection}"
            return [RequestIssue(outcome="not_found", field="path.id", reason=reason)]
        further = [problem for check in checks for problem in check(call)]
        return sorted([*map(_worded, found), *further], key=lambda problem: _place(call, problem))

    return validated


def validated_record(call: Call, collection: str) -> Document:
    """Returns the record that the path names, after the call is validated."""
    record = call.world.get(collection, call.path["id"])
    assert record is not None, "validation rejects an unknown record"
    return record


def something(call: Call) -> list[RequestIssue]:
    """Checks that an update contains at least one documented field."""
    assert call.operation.body is not None
    known = list(call.operation.body.fields)
    if any(name in call.body for name in known):
        return []
    return [invalid("", f"at least one of {', '.join(known)} must be given")]


def instant(name: str) -> Check:
    """Returns a check that a field, if it is a string, is a timestamp with a time zone."""

    def check(call: Call) -> list[RequestIssue]:
        value = call.body.get(name)
        if not isinstance(value, str):
            return []
        try:
            parse_instant(value)
        except ClockError as error:
            return [invalid(name, str(error))]
        return []

    return check


def future(name: str) -> Check:
    """Returns a check that a field, if it is a string, is a timestamp after the workspace's time."""
    valid = instant(name)

    def check(call: Call) -> Sequence[RequestIssue]:
        problems, now = valid(call), call.world.now
        if problems or not isinstance(call.body.get(name), str) or parse_instant(call.body[name]) > now:
            return problems
        reason = (
            f"must be after now: the workspace's clock shows {print_instant(now)} (PUT /__admin/clock sets it)"
        )
        return [replace(invalid(name, reason), parameters={"message": "must be in the future"})]

    return check


def existing(name: str, collection: str) -> Check:
    """Returns a check that a field, if it is a string, is the id of a record."""

    def check(call: Call) -> list[RequestIssue]:
        id = call.body.get(name)
        if not isinstance(id, str) or call.world.get(collection, id) is not None:
            return []
        return [invalid(name, f"there is no record {id[:80]!r} among the {collection}")]

    return check


def invalid(name: str, reason: str) -> RequestIssue:
    """Returns the problem of a body field that breaks a rule."""
    return RequestIssue(outcome="validation_error", field=f"body.{name}".rstrip("."), reason=reason)


def _unacceptable(call: Call) -> list[RequestIssue]:
    accept = call.request.headers.get("accept", "")
    if not accept.strip() and call.switches["covent.headers"] == "strict":
        reason = f"the Accept header is required (switch covent.headers) and must allow {JSON}"
    elif wanted(accept, JSON):
        return []
    else:
        reason = f"the Accept header {accept[:80]!r} does not allow {JSON}"
    return [RequestIssue(outcome="not_acceptable", field="header.accept", reason=reason)]


def _no_json(call: Call, found: Sequence[RequestIssue]) -> list[RequestIssue]:
    """Returns the problems that make the body unreadable. A missing content type or body is one too."""
    if call.operation.body is None:
        return []
    unreadable = [problem for problem in found if problem.outcome in _UNREADABLE]
    if not unreadable and call.request.media_type != JSON:
        reason = f"the Content-Type header is required and must be {JSON}"
        return [RequestIssue(outcome="unsupported_media_type", field="header.content-type", reason=reason)]
    if not unreadable and call.body is None:
        return [
            RequestIssue(outcome="invalid_json", field="body", reason="the body is empty or null, not an object")
        ]
    return unreadable


def _worded(problem: RequestIssue) -> RequestIssue:
    """Gives every problem of an amount the complete reason."""
    if problem.field == "body.amount" and problem.key != "required":
        return replace(problem, reason="must be a number greater than 0")
    return problem


def _place(call: Call, problem: RequestIssue) -> int:
    names = list(call.operation.body.fields) if call.operation.body is not None else []
    first = problem.field.split(".")[1] if "." in problem.field else ""
    return names.index(first) if first in names else len(names)


def shown(record: Document, shape: Schema) -> Document:
    """Returns the record's fields that the schema has, in the schema's order, including nested fields.

    The record must have all of them.
    """
    return {
        name: shown(record[name], field.schema) if isinstance(field, Nested) else record[name]
        for name, field in shape.fields.items()
    }


def merged(record: Document, sent: Document, shape: Schema) -> Document:
    """Returns the record with the sent values of the schema's fields.

    Omitted fields of nested objects keep their values.
    """
    after = dict(record)
    for name, field in shape.fields.items():
        if name not in sent:
            continue
        after[name] = merged(record[name], sent[name], field.schema) if isinstance(field, Nested) else sent[name]
    return after
