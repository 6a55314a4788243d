"""Sibi's dialect: Bearer token credentials and the error body `{code, message, details?}`."""

from collections.abc import Sequence

from offer_sandbox.contract import (
    INFRASTRUCTURE,
    Credential,
    Dialect,
    Operation,
    Outcome,
    Request,
    RequestIssue,
    Response,
    bearer,
    customary_headers,
    naming_field,
)
from offer_sandbox.providers.sibi.customer_page import LINK_PREFIX, minted
from offer_sandbox.schemas.fields import AnswerSchema, List, Nested, String, described

_CODES = {"internal_error": "INTERNAL_SERVER_ERROR", "unavailable": "SERVICE_UNAVAILABLE"}
_MESSAGES = {  # the first three are Sibi's own texts, the others are the sandbox's
    "validation_error": "Invalid input parameters",
    "address_processing_error": "The provided address is invalid or could not be found",
    "invalid_sub_brand_id": "The provided sub-brand ID is invalid or not found",
    "unauthorized": "Missing or invalid authentication",
    "offer_not_found": "Offer not found",
    "link_not_found": "Link not found",
    "duplicate_active_offer": "An active offer already exists for this externalJobID",
    "invalid_offer_status": "The offer must be pending or awaiting_customer",
}


class ErrorDetail(AnswerSchema):
    """An error in one field of the request."""

    field = String(
        required=True,
        metadata=described(
            "Dotted path of the field in the body, or the name of a query parameter.",
            evidence="docs",
            example="customer.email",
        ),
    )
    error = String(
        required=True,
        metadata=described("Why the value is refused, for people.", evidence="docs", example="Invalid email"),
    )


class Refusal(AnswerSchema):
    """The body of every error response. Sibi documents it for createOffer only."""

    code = String(
        required=True,
        metadata=described(
            "Stable code of the error, for programs. The documentation has the first three and"
            " `DUPLICATE_ACTIVE_OFFER`. The other codes are inferred.",
            values={
                "VALIDATION_ERROR": "A field is missing or invalid (400).",
                "ADDRESS_PROCESSING_ERROR": "The address is invalid or unknown (400).",
                "INVALID_SUB_BRAND_ID": "The sub-brand is unknown (400).",
                "INVALID_JSON": "The body is not a JSON object (400).",
                "UNAUTHORIZED": "The API key is missing or invalid (401).",
                "FORBIDDEN": "The API key does not allow the call (403).",
                "OFFER_NOT_FOUND": "No offer has this id (404).",
                "ORDER_NOT_FOUND": "No order has this id (404).",
                "LINK_NOT_FOUND": "No offer has this link (404).",
                "PRODUCT_NOT_FOUND": "No product has this sku (404).",
                "NOT_FOUND": "No call has this path (404).",
                "METHOD_NOT_ALLOWED": "The path has no call with this method (405).",
                "DUPLICATE_ACTIVE_OFFER": "The job already has an active offer (409).",
                "INVALID_OFFER_STATUS": "The offer's status does not allow the change (409).",
                "PAYLOAD_TOO_LARGE": "The body is larger than 1 MiB (413).",
                "UNSUPPORTED_MEDIA_TYPE": "The content type is not JSON (415).",
                "RATE_LIMITED": "There were too many requests (429).",
                "INTERNAL_SERVER_ERROR": "The provider failed (500).",
                "SERVICE_UNAVAILABLE": "The provider is temporarily unavailable (503).",
            },
            evidence="docs",
            example="VALIDATION_ERROR",
        ),
    )
    message = String(
        required=True,
        metadata=described(
            "One sentence about the error, for people. It does not depend on the request.",
            evidence="docs",
            example="Invalid input parameters",
        ),
    )
    details = List(
        Nested(ErrorDetail),
        metadata=described(
            "One item for each invalid field. Present only if the code is `VALIDATION_ERROR`.", evidence="docs"
        ),
    )


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


def credential(request: Request, operation: Operation) -> Credential:
    """Returns the token of a Bearer header, or on the customer's page the link in the path. A link with the id of
    an offer names only its workspace."""
    if not operation.page:
        return bearer(request, operation)
    link = request.path.rpartition("/")[2]
    key, _, own = link.partition(".")
    is_secret = own.startswith(LINK_PREFIX) or own in INFRASTRUCTURE
    return Credential(names=(link if is_secret else key,), field="path.link")


DIALECT = Dialect(
    credential=credential,
    minted=minted,
    render=render,
    arrange=_unreadable_first,
    forced=naming_field(field="{field}", error="is not accepted"),
    error=Refusal(),
    security={
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "Sibi's API key, which its customers create in the developer dashboard. In the sandbox,"
            " use `sbx_` and the name of a workspace, such as `sbx_demo`. A call without a valid key is refused"
            " with 401.",
        }
    },
)
