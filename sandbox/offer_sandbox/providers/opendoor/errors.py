"""Opendoor's dialect: the Basic key and GraphQL errors. Every error text and code is the sandbox's own."""

from collections.abc import Sequence

from offer_sandbox.contract import (
    Credential,
    Dialect,
    Operation,
    Outcome,
    Request,
    RequestIssue,
    Response,
    customary_headers,
    from_base64,
)
from offer_sandbox.schemas.graphql import GraphQLResponse

_CODES = {
    "unauthorized": ("UNAUTHENTICATED", "Unauthorized"),
    "forbidden": ("FORBIDDEN", "Forbidden"),
    "rate_limited": ("RATE_LIMITED", "Too many requests"),
    "internal_error": ("INTERNAL_SERVER_ERROR", "Internal server error"),
    "unavailable": ("SERVICE_UNAVAILABLE", "Service unavailable"),
    "NOT_FOUND": ("NOT_FOUND", "Offer request not found"),
    "not_found": ("NOT_FOUND", "Not found"),
    "method_not_allowed": ("METHOD_NOT_ALLOWED", "Method not allowed"),
    "mutation_by_get": ("METHOD_NOT_ALLOWED", "Mutations are sent by POST"),
    "invalid_json": ("BAD_REQUEST", "The request is not valid JSON"),
    "invalid_parameters": ("BAD_REQUEST", "The request is not a well-formed GraphQL request"),
    "batching": ("BATCHING_NOT_SUPPORTED", "Batched requests are not supported"),
    "persisted_query": (
        "PERSISTED_QUERY_NOT_SUPPORTED",
        "PersistedQueryNotSupported",
    ),  # Apollo's client reads both
    "unsupported_media_type": ("UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"),
    "not_acceptable": ("NOT_ACCEPTABLE", "Not acceptable"),
    "payload_too_large": ("PAYLOAD_TOO_LARGE", "Payload too large"),
}
# Outcomes whose reason is also the message, as in GraphQL libraries.
_SPOKEN = {
    "parse_error": "GRAPHQL_PARSE_FAILED",
    "validation_error": "GRAPHQL_VALIDATION_FAILED",
    "coercion_error": "BAD_USER_INPUT",
    "BAD_USER_INPUT": "BAD_USER_INPUT",
    "token_limit": "GRAPHQL_LIMIT_EXCEEDED",
    "depth_limit": "GRAPHQL_LIMIT_EXCEEDED",
    "alias_limit": "GRAPHQL_LIMIT_EXCEEDED",
}


def credential(request: Request, _: Operation) -> Credential:
    """Returns the key after `Basic `: raw, or base64 of `key` or `key:`."""
    scheme, _space, value = request.headers.get("authorization", "").strip().partition(" ")
    value = value.strip()
    if scheme.lower() != "basic" or not value:
        reason = "the Authorization header must be Basic followed by the API key"
        return Credential(
            problem=RequestIssue(outcome="unauthorized", field="header.authorization", reason=reason)
        )
    return Credential(names=(_key(value),))


def render(outcome: Outcome, problems: Sequence[RequestIssue], _: Request) -> Response:
    """Returns a GraphQL response without data. The protocol sets the status and the media type."""
    headers = customary_headers(outcome, "Basic")
    errors = [_worded(outcome, problem) for problem in problems]
    return Response(status=outcome.status, body={"errors": errors}, headers=headers)


def _worded(outcome: Outcome, problem: RequestIssue) -> dict[str, object]:
    if outcome.name in _SPOKEN:
        return {"message": problem.reason, "extensions": {"code": _SPOKEN[outcome.name]}}
    code, message = _CODES.get(outcome.name, (outcome.name.upper(), outcome.title))
    return {"message": message, "extensions": {"code": code}}


def _key(value: str) -> str:
    if value[:3].lower() == "sbx":
        return value
    return from_base64(value).partition(":")[0] or value


def demo_key(word: str) -> str:
    """Returns the Authorization header for steps that call the demo workspace. Its key ends in a magic word."""
    return f"Basic sbx_demo.{word}"


DIALECT = Dialect(
    credential=credential,
    render=render,
    error=GraphQLResponse(),
    authorization=lambda _, word: demo_key(word),
    security={
        "apiKey": {
            "type": "http",
            "scheme": "basic",
            "description": "`Basic` and the API key itself, without a user name and without base64. The sandbox"
            " also accepts base64 of `key` or `key:`. A key such as `sbx_team1` selects the workspace `team1`.",
        }
    },
)
