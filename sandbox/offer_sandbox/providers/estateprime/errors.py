"""EstatePrime's dialect: the Basic key pair and the error envelope. Most error texts are inferred."""

import base64
from collections.abc import Sequence

from offer_sandbox.contract import (
    UNMATCHED,
    Credential,
    Dialect,
    Operation,
    Outcome,
    Request,
    RequestIssue,
    Response,
    customary_headers,
    from_base64,
    naming_field,
)
from offer_sandbox.providers.estateprime import schemas

_MESSAGES = {
    "unauthorized": "Unauthorized",
    "forbidden": "Access denied.",
    "rate_limited": "Too many requests",
    "internal_error": "Internal server error",
    "unavailable": "Service unavailable",
    "not_found": "Offer not found",
    "method_not_allowed": "Method not allowed",
    "unsupported_media_type": "Unsupported media type",
    "invalid_json": "Invalid JSON",
    "payload_too_large": "Payload too large",
}


def credential(request: Request, _: Operation) -> Credential:
    """Returns the public key of a Basic pair `public:secret`. The secret may contain colons."""
    scheme, _space, value = request.headers.get("authorization", "").strip().partition(" ")
    pair = from_base64(value)
    public, _colon, secret = pair.partition(":")
    if scheme.lower() != "basic" or not public or not secret:
        reason = "the Authorization header must be Basic followed by the base64 of public:secret"
        return Credential(
            problem=RequestIssue(outcome="unauthorized", field="header.authorization", reason=reason)
        )
    return Credential(names=(public,))


def render(outcome: Outcome, problems: Sequence[RequestIssue], _: Request) -> Response:
    """Returns the error response for the first problem. The body contains the status too."""
    text = problems[0].parameters.get("message") or _message(outcome)
    return Response(
        status=outcome.status,
        body={"status": outcome.status, "error_message": text},
        headers=customary_headers(outcome, "Basic"),
    )


def _message(outcome: Outcome) -> str:
    nowhere = outcome.operation == UNMATCHED and outcome.name == "not_found"
    return "Not found" if nowhere else _MESSAGES.get(outcome.name, outcome.title)


def _first(problems: Sequence[RequestIssue]) -> Sequence[RequestIssue]:
    return problems[:1]


def demo_pair(word: str = "") -> str:
    """Returns the Authorization header for steps that call the demo workspace.

    Its public key may end in a magic word.
    """
    public = f"sbx_demo.{word}" if word else "sbx_demo"
    return f"Basic {base64.b64encode(f'{public}:secret'.encode()).decode()}"


DIALECT = Dialect(
    credential=credential,
    render=render,
    arrange=_first,
    forced=naming_field(message="Invalid {field}"),
    error=schemas.Refusal(),
    authorization=lambda _, word: demo_pair(word),
    security={
        "keyPair": {
            "type": "http",
            "scheme": "basic",
            "description": "The public key as user name and the secret key as password. In the sandbox the public "
            "key is the key of a workspace, such as `sbx_demo`, and the secret key is any text that is not empty.",
        }
    },
)
