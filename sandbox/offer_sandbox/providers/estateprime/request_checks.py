"""The order of EstatePrime's errors in a request, and their messages."""

from collections.abc import Sequence
from dataclasses import replace

from offer_sandbox.contract import Call, RequestIssue
from offer_sandbox.contract.http import JSON

_READABLE = ("unsupported_media_type", "payload_too_large", "invalid_json")


def validate(call: Call, found: Sequence[RequestIssue]) -> list[RequestIssue]:
    """Returns the problems in EstatePrime's order: the media type, then the body, then its fields."""
    problems = [each for each in found if each.outcome in _READABLE]
    if call.switches["estateprime.require_json"] and call.request.media_type != JSON:
        problems.insert(0, _media_type(call))
    return problems + [worded(each) for each in found if each.outcome not in _READABLE]


def worded(problem: RequestIssue) -> RequestIssue:
    """Adds EstatePrime's message to the problem of an invalid field."""
    path = problem.field.partition(".")[2]
    if problem.key == "required":
        text = f"Missing {path}"
    elif problem.key == "pattern" and "." in path:
        text = "Invalid datetime format"
    else:
        text = f"Invalid {path}"
    return replace(problem, parameters={"message": text})


def _media_type(call: Call) -> RequestIssue:
    given = call.request.media_type[:60] or "missing"
    reason = f"the content type is {given}, but {JSON} is required even on GET (switch estateprime.require_json)"
    return RequestIssue(outcome="unsupported_media_type", field="header.content-type", reason=reason)
