"""Covent's dialect: Bearer token credentials and the sandbox's own error body (no public page shows one)."""

from collections.abc import Sequence

from offer_sandbox.contract import (
    Dialect,
    Outcome,
    Request,
    RequestIssue,
    Response,
    bearer,
    customary_headers,
    naming_field,
)
from offer_sandbox.schemas.fields import AnswerSchema, List, Nested, String, described

_MESSAGES = {
    "validation_error": "One or more fields are invalid.",
    "invalid_json": "The request body is not a JSON object.",
    "invalid_state": "The offer is final.",
    "listing_not_active": "The listing does not take offers.",
    "not_found": "The resource was not found.",
}


class ErrorDetail(AnswerSchema):
    """An error in one field."""

    field = String(
        required=True,
        metadata=described(
            "Path of the field in the body, such as `pricing.asking_price`, or the name of the query parameter. "
            "Empty if the error concerns the body as a whole.",
            example="amount",
            evidence="inferred",
        ),
    )
    message = String(
        required=True,
        metadata=described(
            "Description of the error for people.", example="must be a number greater than 0", evidence="inferred"
        ),
    )


class ErrorBody(AnswerSchema):
    """The reason why a call failed."""

    code = String(
        required=True,
        metadata=described(
            "Name of the error, for programs.",
            example="validation_error",
            evidence="inferred",
            values={
                "invalid_json": "the body is not a JSON object (400)",
                "unauthorized": "the credential is missing or invalid (401)",
                "forbidden": "the credential does not allow this call (403)",
                "not_found": "the path, or the record that it names, does not exist (404)",
                "method_not_allowed": "the path does not support this method (405)",
                "not_acceptable": "the `Accept` header does not allow JSON (406)",
                "invalid_state": "the offer has a final status (409)",
                "listing_not_active": "the listing does not accept offers (409)",
                "payload_too_large": "the body is larger than 1 MiB (413)",
                "unsupported_media_type": "the content type is not JSON (415)",
                "validation_error": "fields or parameters are missing or invalid (422)",
                "rate_limited": "there were too many requests (429)",
                "internal_error": "the provider has an internal error (500)",
                "unavailable": "the service is temporarily unavailable (503)",
            },
        ),
    )
    message = String(
        required=True,
        metadata=described(
            "Description of the error for people.", example=_MESSAGES["validation_error"], evidence="inferred"
        ),
    )
    details = List(
        Nested(ErrorDetail),
        metadata=described(
            "All invalid fields, in the order of the request's fields. Present only if `code` is "
            "`validation_error`.",
            evidence="inferred",
        ),
    )


class ErrorResponse(AnswerSchema):
    """The body of every error response. Covent documents no errors, so this form is the sandbox's own."""

    error = Nested(
        ErrorBody,
        required=True,
        metadata=described("Code, message and details of the error.", evidence="inferred"),
    )


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
    forced=naming_field(field="{field}", message="is not accepted"),
    error=ErrorResponse(),
    security={
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": (
                "An API key in `Authorization: Bearer <API_KEY>`. Covent does not document how to get one. The "
                "sandbox accepts any key by default, and `sbx_<workspace>` selects a workspace."
            ),
        }
    },
)
