"""eBay's dialect: credentials and error responses."""

import base64
import re
from collections.abc import Sequence
from dataclasses import replace

from offer_sandbox.contract import (
    Call,
    Credential,
    Dialect,
    Operation,
    Outcome,
    Request,
    RequestIssue,
    Response,
    customary_headers,
    demo_bearer,
    from_base64,
)
from offer_sandbox.providers.ebay import schemas
from offer_sandbox.providers.ebay.codes import CODES
from offer_sandbox.providers.ebay.consent import AUTHORIZE
from offer_sandbox.providers.ebay.contracts import contract
from offer_sandbox.providers.ebay.tokens import authenticate, minted

CLIENT = "clientCredentials"  # the security scheme of an application's id and secret


TOKEN_ERRORS = {
    "invalid_grant": "the provided authorization grant code is invalid or was issued to another client",
    "invalid_client": "client authentication failed",
    "unauthorized": "client authentication failed",
    "invalid_scope": "The requested scope is invalid, unknown, malformed, or exceeds the scope granted to the"
    " client",
    "unsupported_grant_type": "the grant type is not supported",
    "invalid_request": "the request is missing a required parameter or is malformed",
}

CONSENT_ERRORS = {
    "invalid_request": "Input request parameters are invalid.",
    "invalid_scope": TOKEN_ERRORS["invalid_scope"],
}


TOKEN_OPERATION = "token"  # noqa: S105 - an operation's name


def credential(request: Request, operation: Operation) -> Credential:
    """Returns the credential of a request.

    This is a Bearer token. On the token endpoint it is the client id and secret of a Basic header. On the consent
    page it is the `client_id` in the URL.
    """
    header = request.headers.get("authorization", "").strip()
    scheme, _, value = header.partition(" ")
    if operation.name == TOKEN_OPERATION:
        return _client(scheme, value.strip())
    if operation.page:  # a browser sends no token, so the URL names the application
        client = request.argument("client_id")
        return Credential(names=(client,) if client else (), field="query.client_id")
    if not header or (scheme.lower() == "bearer" and not value.strip()):
        return Credential(problem=_problem("1002", "the Authorization header is missing or empty"))
    if scheme.lower() != "bearer":
        shown_scheme = (
            scheme if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,19}", scheme) else "unknown"
        )  # a header without a scheme may be a token
        reason = f"the Authorization scheme is {shown_scheme}, not Bearer"
        return Credential(problem=_problem("1003", reason, scheme=shown_scheme))
    return Credential(names=(value.strip(),))


def error_id(problem: RequestIssue) -> int:
    """Returns eBay's error number, or 0 if the error has only a name, as on the token endpoint."""
    found = CODES.get(problem.outcome)
    return found.id if found else 0


def render(outcome: Outcome, problems: Sequence[RequestIssue], _: Request) -> Response:
    """Returns the error in the `errors[]` envelope, or in OAuth's form on the token endpoint.

    The consent page has a form of its own.
    """
    headers = customary_headers(outcome)
    if outcome.operation == TOKEN_OPERATION and outcome.name in TOKEN_ERRORS:
        text = problems[0].parameters.get("description", TOKEN_ERRORS[outcome.name])
        word = "invalid_client" if outcome.name == "unauthorized" else outcome.name
        return Response(status=outcome.status, body={"error": word, "error_description": text})
    if outcome.operation == AUTHORIZE:
        return Response(status=outcome.status, body=_consent_error(outcome), headers=headers)
    body = {"errors": [_worded(problem, outcome.status) for problem in problems]}
    return Response(status=outcome.status, body=body, headers=headers)


def _worded(problem: RequestIssue, status: int) -> dict[str, object]:
    error = CODES.get(problem.outcome) or CODES["internal_error" if status >= 500 else "invalid_json"]
    message = _PLACEHOLDER.sub(lambda hole: problem.parameters.get(hole[1], ""), error.message).strip()
    worded: dict[str, object] = {
        "errorId": error.id,
        "domain": error.domain,
        "category": error.category,
        "message": message,
        "longMessage": error.long_message or message,
    }
    names = _PLACEHOLDER.findall(error.message)
    if names:
        worded["parameters"] = [{"name": name, "value": problem.parameters.get(name, "")} for name in names]
    return worded


def _consent_error(outcome: Outcome) -> dict[str, object]:
    text = CONSENT_ERRORS.get(outcome.name, f"{outcome.title}.")
    return {"error_id": outcome.name, "error_description": text, "http_status_code": outcome.status}


def _client(scheme: str, value: str) -> Credential:
    pair = from_base64(value) if scheme.lower() == "basic" else ""
    client, _, secret = pair.partition(":")
    if not client or not secret:
        reason = "the Authorization header must be Basic followed by the base64 of id:secret"
        return Credential(problem=_problem("invalid_client", reason))
    return Credential(names=(client, secret))


def _problem(outcome: str, reason: str, **parameters: str) -> RequestIssue:
    return RequestIssue(outcome=outcome, field="header.authorization", reason=reason, parameters=parameters)


def _ascending(problems: Sequence[RequestIssue]) -> Sequence[RequestIssue]:
    return sorted(problems, key=error_id)


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _fitting(call: Call, problem: RequestIssue) -> RequestIssue:
    """Fills the parameters of a forced error with the values of the request. A sample value stays only if the
    request has none."""
    own = _own_parameters(call)
    if "fieldName" in problem.parameters and (name := call.first_field):
        own |= {"fieldName": name, "additionalInfo": "The value is not accepted."}
    return replace(
        problem, parameters={name: own.get(name, sample) for name, sample in problem.parameters.items()}
    )


def _own_parameters(call: Call) -> dict[str, str]:
    """Returns the values of the request by the names of error parameters."""
    marketplace = call.request.headers.get("x-ebay-c-marketplace-id", "")
    found = {"durationValue": str(contract(call.world, marketplace).days)}
    if marketplace:
        found["marketplaceId"] = marketplace
    if listings := _listings(call):
        found |= {"listingId": listings[0], "listingIds": ", ".join(dict.fromkeys(listings))}
    return found


def _listings(call: Call) -> list[str]:
    """Returns the listing ids in the body, whatever else the body has."""
    items = call.sent.get("offeredItems")
    ids = [item.get("listingId") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [id for id in ids if isinstance(id, str) and id.strip()]


def _demo(operation: Operation, word: str) -> str:
    """Returns the Authorization header for steps that call the demo workspace.

    The token, or the application's id in a Basic header, ends in a magic word.
    """
    if operation.security != CLIENT:
        return demo_bearer(word)
    return f"Basic {base64.b64encode(f'sbx_demo.{word}:sbx_demo'.encode()).decode()}"


DIALECT = Dialect(
    credential=credential,
    authenticate=authenticate,
    minted=minted,
    render=render,
    arrange=_ascending,
    forced=_fitting,
    error=schemas.ErrorResponse(),
    authorization=_demo,
    security={
        "userToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "A user access token from the token endpoint. Unless the server requires keys, the"
            " sandbox also accepts any invented token, and `sbx_<workspace>` selects a workspace. Tokens that look"
            " live (`v^1.1#` or `-PRD-`) are refused.",
        },
        CLIENT: {
            "type": "http",
            "scheme": "basic",
            "description": "The application's client id as user name and its client secret as password. Either can"
            " be `sbx_<workspace>`, which selects a workspace of the sandbox.",
        },
    },
)
