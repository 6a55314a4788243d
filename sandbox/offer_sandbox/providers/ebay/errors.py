"""eBay's errors: their texts, how credentials are read, how a refusal is worded."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from offer_sandbox.providers.ebay.consent import AUTHORIZE
from offer_sandbox.providers.ebay.contracts import contract
from offer_sandbox.providers.ebay.tokens import authenticate, minted

NEGOTIATION = "API_NEGOTIATION"
CLIENT = "clientCredentials"  # the security scheme of an application's id and secret


@dataclass(frozen=True)
class Error:
    """An eBay error: `message` may hold `{placeholders}`, each of which becomes a parameter."""

    id: int
    category: str
    message: str
    domain: str = NEGOTIATION
    long_message: str = ""


def _request(id: int, message: str) -> Error:
    return Error(id, "REQUEST", message)


def _business(id: int, message: str) -> Error:
    return Error(id, "BUSINESS", message)


_INVALID = Error(
    2004,
    "REQUEST",
    "Invalid request",
    "ACCESS",
    "Request has errors. For help, see the documentation for this API.",
)

ERRORS = {
    "150000": Error(
        150000,
        "APPLICATION",
        "Internal error. Please try the call again after a minute or two. If the error persists, contact eBay"
        " developer support for assistance.",
    ),
    "150001": _request(150001, "Mandatory headers are missing."),
    "150002": _request(
        150002,
        "The marketplace value {marketplaceId} is not supported. The supported values are: {marketplaceIds}",
    ),
    "150003": _request(150003, "Invalid limit. Limit should be between {minLimit} and {maxLimit}."),
    "150004": _request(150004, "Invalid offset. Offset cannot be less than 0."),
    "150005": _request(150005, "Offer contains multiple listings {listingIds}."),
    "150006": _request(150006, "Request cannot be null/empty."),
    "150007": _request(150007, "Both offer price and discount percentage cannot be present in the request."),
    "150008": _request(
        150008, "Price must be at least {minPercentageDifference} less than your Buy It Now price."
    ),
    "150009": _request(150009, "Invalid value for {fieldName}. {additionalInfo}"),
    "150010": _business(
        150010,
        "Invalid message. Message cannot contain HTML or blocked words and cannot exceed maximum character"
        " limit of 2000.",
    ),
    "150011": _business(150011, "Invalid listingId {listingId}. The listing for this offer has ended."),
    "150012": _business(150012, "Invalid listingId {listingId}. No such listing for this seller."),
    "150013": _business(150013, "Invalid listingId {listingId}. {additionalInfo}"),
    "150014": _business(
        150014, "Current available quantity for this listing {listingId} is less than the offer quantity."
    ),
    "150015": _business(
        150015, "Invalid price for listing {listingId}. Minimum offer price of {minPrice} not met."
    ),
    "150016": _business(150016, "Invalid price for listing {listingId}. Price value exceeds the listing price."),
    "150017": _business(150017, "Listing {listingId} does not support offer."),
    "150018": _business(150018, "Offer is invalid. A best offer currently exists on the listing {listingId}."),
    "150019": _business(
        150019, "Offer is invalid. Listing {listingId} currently has a seller-initiated negotiation."
    ),
    "150020": _business(150020, "Listing {listingId} has no interested buyers."),
    "150021": _business(150021, "Seller initiating the offer is not active."),
    "150022": _business(150022, "Offer is invalid. Maximum allowed offer limit reached."),
    "150023": _business(150023, "Offer is invalid. Seller has exceeded their seller-initiated offer limit."),
    "150024": _business(150024, "Offer is invalid. Items are listed on different sites."),
    "150025": _business(150025, "Offer is invalid. {additionalInfo}"),
    "150026": _business(
        150026,
        "Listing ID {listingId} is invalid, sellers cannot initiate an offer to a buyer for a Motors listing.",
    ),
    "150027": _request(
        150027, "Offer is invalid. Please specify a valid duration of {durationValue} {durationUnit}"
    ),
    "unauthorized": Error(
        1001,
        "REQUEST",
        "Invalid access token",
        "OAuth",
        "Invalid access token. Check the value of the Authorization HTTP request header.",
    ),
    "1002": Error(
        1002,
        "REQUEST",
        "Missing access token",
        "OAuth",
        "Access token is missing in the Authorization HTTP request header.",
    ),
    "1003": Error(1003, "REQUEST", "Token type in the Authorization header is invalid:{scheme}", "OAuth"),
    "forbidden": Error(
        1100, "REQUEST", "Access denied", "ACCESS", "Insufficient permissions to fulfill the request."
    ),
    "rate_limited": Error(
        2001,
        "REQUEST",
        "Too many requests.",
        "ACCESS",
        "Too many requests. The request limit has been reached for the resource.",
    ),
    "not_found": Error(
        2002,
        "REQUEST",
        "Resource not found",
        "ACCESS",
        "A resource (URI) associated with the request could not be resolved.",
    ),
    "internal_error": Error(
        2003, "APPLICATION", "Internal error", "ACCESS", "There was a problem with an eBay internal system."
    ),
    "unavailable": Error(
        3005, "APPLICATION", "Service unavailable", "ROUTING", "The service is temporarily unavailable."
    ),
    "invalid_json": _INVALID,
    "unsupported_media_type": _INVALID,
    "payload_too_large": _INVALID,
    "method_not_allowed": _INVALID,
}

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
    found = ERRORS.get(problem.outcome)
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
    error = ERRORS.get(problem.outcome) or ERRORS["internal_error" if status >= 500 else "invalid_json"]
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
