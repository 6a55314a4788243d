"""eBay's dialect: how credentials are read, how a refusal is worded."""

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
    """A Bearer token; on the token endpoint the client id and secret of a Basic header, on the consent page the
    application in the address."""
    header = request.headers.get("authorization", "").strip()
    scheme, _, value = header.partition(" ")
    if operation.name == TOKEN_OPERATION:
        return _client(scheme, value.strip())
    if operation.page:  # a browser sends no token: the application is named in the address
        client = request.argument("client_id")
        return Credential(names=(client,) if client else (), field="query.client_id")
    if not header or (scheme.lower() == "bearer" and not value.strip()):
        return Credential(problem=_problem("1002", "the Authorization header is missing or empty"))
    if scheme.lower() != "bearer":
        shown_scheme = (
            scheme if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,19}", scheme) else "unknown"
        )  # it may be a token
        reason = f"the Authorization scheme is {shown_scheme}, not Bearer"
        return Credential(problem=_problem("1003", reason, scheme=shown_scheme))
    return Credential(names=(value.strip(),))


def error_id(problem: RequestIssue) -> int:
    """The number eBay gives the problem; 0 where the token endpoint has a word instead."""
    found = CODES.get(problem.outcome)
    return found.id if found else 0


def render(outcome: Outcome, problems: Sequence[RequestIssue], _: Request) -> Response:
    """The refusal in the errors[] envelope, or in OAuth's form on the token endpoint."""
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
        reason = "the client id and secret are missing: Basic with base64 of id:secret"
        return Credential(problem=_problem("invalid_client", reason))
    return Credential(names=(client, secret))


def _problem(outcome: str, reason: str, **parameters: str) -> RequestIssue:
    return RequestIssue(outcome=outcome, field="header.authorization", reason=reason, parameters=parameters)


def _ascending(problems: Sequence[RequestIssue]) -> Sequence[RequestIssue]:
    return sorted(problems, key=error_id)


_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _fitting(call: Call, problem: RequestIssue) -> RequestIssue:
    """A forced error names what the call's contract allows."""
    if problem.outcome != "150027":
        return problem
    days = contract(call.world, call.request.headers.get("x-ebay-c-marketplace-id", "")).days
    return replace(problem, parameters={**problem.parameters, "durationValue": str(days)})


def _demo(operation: Operation, word: str) -> str:
    """The Authorization header with which steps call the demo workspace: a token, or an application's id and
    secret, that ends in a word of magic."""
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
    error=schemas.Errors(),
    authorization=_demo,
    security={
        "userToken": {"type": "http", "scheme": "bearer"},
        CLIENT: {"type": "http", "scheme": "basic"},
    },
)
