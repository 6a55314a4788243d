"""Covent's dialect: Bearer token credentials and the sandbox's own error body (no public page shows one)."""

from collections.abc import Sequence

from offer_sandbox.contract import Dialect, Outcome, Request, RequestIssue, Response, bearer, customary_headers
from offer_sandbox.schemas.fields import AnswerSchema, List, Nested, String

_MESSAGES = {
    "validation_error": "One or more fields are invalid.",
    "invalid_json": "The request body is not a JSON object.",
    "invalid_state": "The offer is final.",
    "listing_not_active": "The listing does not take offers.",
    "not_found": "The resource was not found.",
}


class ErrorDetail(AnswerSchema):
    """An error in one field."""

    field = String(required=True)
    message = String(required=True)


class ErrorBody(AnswerSchema):
    """The reason why a call failed."""

    code = String(required=True)
    message = String(required=True)
    details = List(Nested(ErrorDetail))


class Refusal(AnswerSchema):
    """The body of every error response. `details` is present only if fields are invalid."""

    error = Nested(ErrorBody, required=True)


def render(outcome: Outcome, problems: Sequence[RequestIssue], _: Request) -> Response:
    """Returns the error response, with one detail for each invalid field."""
    error: dict[str, object] = {
        "code": outcome.name,
        "message": _MESSAGES.get(outcome.name, f"{outcome.title}."),
    }
    if outcome.name == "validation_error":
        error["details"] = [_detail(problem) for problem in problems]
    return Response(status=outcome.status, body={"error": error}, headers=customary_headers(outcome, "Bearer"))


def _detail(problem: RequestIssue) -> dict[str, str]:
    path = problem.parameters.get("field") or problem.field.partition(".")[2]
    return {"field": path, "message": problem.parameters.get("message") or problem.reason}


def _of_one_kind(problems: Sequence[RequestIssue]) -> Sequence[RequestIssue]:
    """Returns all invalid fields together, or the first problem of any other kind alone."""
    first = problems[0].outcome
    return [each for each in problems if each.outcome == first] if first == "validation_error" else problems[:1]


DIALECT = Dialect(
    credential=bearer,
    render=render,
    arrange=_of_one_kind,
    error=Refusal(),
    security={"bearer": {"type": "http", "scheme": "bearer"}},
)
