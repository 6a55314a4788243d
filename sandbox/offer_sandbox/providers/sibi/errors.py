"""Sibi's dialect: Bearer token credentials and the error body `{code, message, details?}`."""

from collections.abc import Sequence

from offer_sandbox.contract import Dialect, Outcome, Request, RequestIssue, Response, bearer, customary_headers
from offer_sandbox.schemas.fields import AnswerSchema, List, Nested, String

_CODES = {"internal_error": "INTERNAL_SERVER_ERROR", "unavailable": "SERVICE_UNAVAILABLE"}
_MESSAGES = {  # the first three are Sibi's own texts, the others are the sandbox's
    "validation_error": "Invalid input parameters",
    "address_processing_error": "The provided address is invalid or could not be found",
    "invalid_sub_brand_id": "The provided sub-brand ID is invalid or not found",
    "unauthorized": "Missing or invalid authentication",
    "offer_not_found": "Offer not found",
    "duplicate_active_offer": "An active offer already exists for this externalJobID",
    "invalid_offer_status": "The offer must be pending or awaiting_customer",
}


class ErrorDetail(AnswerSchema):
    """An error in one field. `field` is a dotted path."""

    field = String(required=True)
    error = String(required=True)


class Refusal(AnswerSchema):
    """The body of every error response."""

    code = String(required=True)
    message = String(required=True)
    details = List(Nested(ErrorDetail))


def render(outcome: Outcome, problems: Sequence[RequestIssue], _: Request) -> Response:
    """Returns the error response, with one detail for each invalid field."""
    body: dict[str, object] = {
        "code": _CODES.get(outcome.name, outcome.name.upper()),
        "message": _MESSAGES.get(outcome.name, outcome.title),
    }
    if outcome.name == "validation_error":
        body["details"] = [_detail(problem) for problem in problems]
    return Response(status=outcome.status, body=body, headers=customary_headers(outcome, "Bearer"))


def _detail(problem: RequestIssue) -> dict[str, str]:
    path = problem.parameters.get("field") or problem.field.partition(".")[2]
    return {"field": path, "error": problem.parameters.get("error") or problem.reason}


def _unreadable_first(problems: Sequence[RequestIssue]) -> Sequence[RequestIssue]:
    """Returns all invalid fields, or only the first other problem if there is one, such as an unreadable body."""
    others = [each for each in problems if each.outcome != "validation_error"]
    return others[:1] or problems


DIALECT = Dialect(
    credential=bearer,
    render=render,
    arrange=_unreadable_first,
    error=Refusal(),
    security={"bearer": {"type": "http", "scheme": "bearer"}},
)
