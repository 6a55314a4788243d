"""eBay's catalogue: documented outcomes with their evidence, a sample problem and the calls that produce them."""

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from offer_sandbox.contract import Magic, Outcome, Step, answered, infrastructure, refusal
from offer_sandbox.providers.ebay.codes import CODES, magic_listing
from offer_sandbox.providers.ebay.consent import AUTHORIZE, authorize
from offer_sandbox.providers.ebay.operations import FIND, MAGIC_OFFSET, SEND
from offer_sandbox.providers.ebay.tokens import INVENTORY

_SEND_PATH = "/ebay/sell/negotiation/v1/send_offer_to_interested_buyers"

FIND_PATH = "/ebay/sell/negotiation/v1/find_eligible_items"

_TOKEN_PATH = "/ebay/identity/v1/oauth2/token"  # noqa: S105 - a path

_CONSENT_PATH = "/ebay/oauth2/authorize"

LISTING = "110000000001"

_HEADERS = {
    "Authorization": "Bearer sbx_demo",
    "Content-Type": "application/json",
    "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
}


def item(listing: str = LISTING, **changes: Any) -> dict[str, Any]:
    """Returns an offered item. A field with the value None is left out."""
    item = {"listingId": listing, "discountPercentage": "10", "quantity": 1, **changes}
    return {name: value for name, value in item.items() if value is not None}


def send(body: Any, **headers: str | None) -> Step:
    """Returns a send with this body. A header with the value None is left out."""
    given = {**_HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    stored = {name: value for name, value in given.items() if value is not None}
    return Step(method="POST", path=_SEND_PATH, headers=stored, body=body)


def offer(**changes: Any) -> Step:
    """Returns a valid send with these fields changed."""
    return send({"message": "Ten percent off, this week only.", "offeredItems": [item()], **changes})


def offer_on(listing: str, **changes: Any) -> Step:
    """Returns a valid send on a listing, with these fields of its item changed."""
    return offer(offeredItems=[item(listing, **changes)])


def find(query: str = "", **headers: str | None) -> Step:
    """Returns a find with this query. A header with the value None is left out."""
    given = {**_HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    stored = {name: value for name, value in given.items() if value is not None and name != "Content-Type"}
    return Step(method="GET", path=f"{FIND_PATH}{query}", headers=stored)


def token(body: str, **headers: str | None) -> Step:
    """Returns a call to the token endpoint with this form."""
    pair = base64.b64encode(b"sbx_demo:sbx_demo").decode()
    given: dict[str, str | None] = {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    stored = {name: value for name, value in given.items() if value is not None}
    return Step(method="POST", path=_TOKEN_PATH, headers=stored, body=body)


def consent(client: str = "sbx_demo", **changes: str) -> Step:
    """Returns a request for the consent page."""
    body = {
        "client_id": client,
        "redirect_uri": "http://localhost:8000/callback",
        "response_type": "code",
        "scope": INVENTORY,
        "state": "my-state",
        **changes,
    }
    return Step(method="GET", path=f"{_CONSENT_PATH}?{urlencode(body)}")


def send_without_marketplace() -> Step:
    """Returns a send without its mandatory header."""
    return send({"offeredItems": [item()]}, X_EBAY_C_MARKETPLACE_ID=None)


PLAIN = {
    SEND: offer(),
    FIND: find("?limit=10&offset=0"),
    AUTHORIZE: consent(),
    "token": token("grant_type=refresh_token&refresh_token=sbx_demo"),
}


_STATUS_SOURCE = "the HTTP status of a category: Negotiation API contract"
_SEND_SOURCE = f"eBay, sendOfferToInterestedBuyers: Error codes; {_STATUS_SOURCE}"
_FIND_SOURCE = f"eBay, findEligibleItems: Error codes; {_STATUS_SOURCE}"
COMMON_SOURCE = "eBay, Handling errors: errors common to all eBay REST APIs"
_INVALID_SOURCE = f"{COMMON_SOURCE} (that this mistake returns error 2004 is inferred)"


def error(operation: str, name: str, *steps: Step) -> Outcome:
    """Returns the outcome for one of eBay's 150xxx errors."""
    code = CODES[name]
    source = _FIND_SOURCE if operation == FIND else _SEND_SOURCE
    return refusal(
        operation,
        name,
        code.title,
        code.status,
        *steps,
        kind="denial" if code.category == "BUSINESS" else "error",
        evidence="docs" if operation == FIND else code.evidence,
        source=f"{source} (inferred: {code.inferred})" if code.inferred else source,
        **code.sample,
    )


def missing_token(operation: str) -> list[Outcome]:
    """Returns the outcomes for a missing Authorization header and for one with another scheme."""
    step = PLAIN[operation]
    without = {name: value for name, value in step.headers.items() if name != "Authorization"}
    basic = {**step.headers, "Authorization": "Basic sbx_demo"}
    ways = {"1002": replace(step, headers=without), "1003": replace(step, headers=basic)}
    return [
        refusal(
            operation,
            name,
            CODES[name].title,
            400,
            way,
            kind="infrastructure",
            evidence=CODES[name].evidence,
            source=COMMON_SOURCE,
            **CODES[name].sample,
        )
        for name, way in ways.items()
    ]


def _unmatched() -> list[Outcome]:
    """Returns the outcomes of calls that match no documented operation."""
    headers = {"Authorization": "Bearer sbx_demo"}
    return [
        refusal(
            "unmatched",
            "not_found",
            "The path is not documented",
            404,
            Step(method="GET", path="/ebay/sell/negotiation/v1/offers", headers=headers),
        ),
        refusal(
            "unmatched",
            "method_not_allowed",
            "The resource does not support the method",
            405,
            Step(method="DELETE", path=FIND_PATH, headers=headers),
        ),
        refusal(
            "unmatched",
            "options",
            "The allowed methods of a resource",
            204,
            Step(method="OPTIONS", path=FIND_PATH, headers=headers),
            kind="success",
        ),
    ]


def send_outcomes() -> list[Outcome]:
    """Returns the outcomes that are specific to a send, with the plain success first."""
    return [_sent(), *map(_sending, (*_REQUEST_CODES, *_BUSINESS_CODES)), *_unreadable()]


def _sending(name: str) -> Outcome:
    """Returns an error of a send, triggered by the code's magic listing if it has one."""
    if CODES[name].listing is None:
        return error(SEND, name, _SENDS[name])
    listing = magic_listing(name)
    outcome = error(SEND, name, offer_on(listing))
    assert outcome.problem is not None
    problem = replace(outcome.problem, parameters={"listingId": listing, **outcome.problem.parameters})
    return replace(outcome, problem=problem, magic=Magic("body.offeredItems.0.listingId", listing))


def _sent() -> Outcome:
    title, source = "An offer is sent to every interested buyer", "eBay, sendOfferToInterestedBuyers"
    return answered(SEND, "success", title, 200, offer(), source=f"{source}: Response fields", evidence="seed")


_SENDS = {
    "150001": send_without_marketplace(),
    "150002": send({"offeredItems": [item()]}, X_EBAY_C_MARKETPLACE_ID="EBAY_XX"),
    "150005": offer(offeredItems=[item(), item("110000000002")]),
    "150006": send({}),
    "150007": offer_on(LISTING, price={"currency": "USD", "value": "90.00"}),
    "150008": offer_on(LISTING, discountPercentage="3"),
    "150009": offer_on(LISTING, quantity=0),
    "150027": offer(offerDuration={"unit": "DAY", "value": 3}),
    "150010": offer(message="<b>Sale</b>"),
    "150016": offer_on(LISTING, discountPercentage=None, price={"currency": "USD", "value": "100.01"}),
}
_REQUEST_CODES = ("150000", "150001", "150002", *(str(code) for code in range(150005, 150010)), "150027")
_BUSINESS_CODES = tuple(name for name, code in CODES.items() if code.category == "BUSINESS")


def _unreadable() -> list[Outcome]:
    """Returns the outcomes of a send with an unreadable body."""
    return [
        refusal(
            SEND,
            "invalid_json",
            "The body is not a JSON object",
            400,
            send("{not json"),
            source=_INVALID_SOURCE,
        ),
        refusal(
            SEND,
            "unsupported_media_type",
            "The content type is not JSON",
            400,
            send("a=1", Content_Type="text/plain"),
            source=_INVALID_SOURCE,
        ),
        refusal(SEND, "payload_too_large", "The body is larger than 1 MiB", 413),
    ]


def find_outcomes() -> list[Outcome]:
    """Returns the outcomes that are specific to a find, with the plain success first."""
    title, page = "A page of listings with interested buyers", "eBay, findEligibleItems"
    found = answered(FIND, "success", title, 200, PLAIN[FIND], source=f"{page}: Response fields")
    nothing = answered(
        FIND,
        "no_content",
        "No listing on the marketplace has interested buyers",
        204,
        find(X_EBAY_C_MARKETPLACE_ID="EBAY_MOTORS_US"),
        source=f"{page}: HTTP status codes",
    )
    return [
        found,
        nothing,
        _find_internal(),
        error(FIND, "150001", find(X_EBAY_C_MARKETPLACE_ID=None)),
        error(FIND, "150002", find(X_EBAY_C_MARKETPLACE_ID="EBAY_XX")),
        error(FIND, "150003", find("?limit=201")),
        error(FIND, "150004", find("?offset=-1")),
    ]


def _find_internal() -> Outcome:
    """Returns the internal error of a find.

    In a send, a listing id triggers this error. A find has no listing id, so a magic offset triggers it.
    """
    plain = error(FIND, "150000", find(f"?offset={MAGIC_OFFSET}"))
    return replace(plain, magic=Magic("query.offset", MAGIC_OFFSET))


def token_outcomes() -> list[Outcome]:
    """Returns the outcomes of the token endpoint. Their texts are known only from public issue threads."""
    source = "eBay, OAuth grants (the response's form is known from copies of eBay's sample)"
    granted = answered(
        "token", "success", "A token is issued", 200, PLAIN["token"], source=source, evidence="inferred"
    )
    refusals = (
        ("invalid_request", "A parameter is missing", 400, token("grant_type=refresh_token")),
        (
            "invalid_grant",
            "The code or refresh token is invalid",
            400,
            token("grant_type=refresh_token&refresh_token=unknown"),
        ),
        (
            "invalid_client",
            "Client authentication fails",
            401,
            token("grant_type=client_credentials", Authorization=None),
        ),
        (
            "invalid_scope",
            "The scope exceeds the granted scopes",
            400,
            token("grant_type=refresh_token&refresh_token=sbx_demo&scope=unknown"),
        ),
        (
            "unsupported_grant_type",
            "The grant type is not supported",
            400,
            token("grant_type=password"),
        ),
    )
    too_large = refusal("token", "payload_too_large", "The body is larger than 1 MiB", 413)
    return [granted, *(refusal("token", *row) for row in refusals), too_large]


def consent_outcomes() -> list[Outcome]:
    """Returns the outcomes of the consent page: the page, its errors and the infrastructure errors.

    The page's errors are known from public issue threads at best. The application's id triggers the infrastructure
    errors, since a browser sends no token.
    """
    token_flow, foreign = consent(response_type="token"), consent(scope="https://example.com/scope")
    return [
        answered(AUTHORIZE, "success", "The consent page", 200, PLAIN[AUTHORIZE], source=authorize.source),
        refusal(AUTHORIZE, "invalid_request", "A parameter is missing or invalid", 400, token_flow),
        refusal(AUTHORIZE, "invalid_scope", "A scope is not an eBay scope", 400, foreign),
        *(_by_client(each) for each in infrastructure(AUTHORIZE, PLAIN[AUTHORIZE], str)),
    ]


def _by_client(outcome: Outcome) -> Outcome:
    client = f"sbx_demo.{outcome.name}"
    return replace(outcome, steps=(consent(client),), magic=Magic("query.client_id", client))


_QUOTED = {  # error responses that people quote
    "unauthorized": "public issues davidtsadler/ebay-sdk-examples#42 and #81: error 1001 in a response of eBay",
    "forbidden": "public issue hendt/ebay-api#58: error 1100 in a response of eBay (the status: another project)",
    "rate_limited": "another project's public notes: error 2001 in a response of eBay (the domain is inferred)",
}
OBSERVED = {
    **{f"{operation}.{name}": source for operation in (SEND, FIND) for name, source in _QUOTED.items()},
    "token.invalid_grant": "public issues hendt/ebay-api#77 (text and status) and #122 (text)",
    "token.invalid_client": "public issue pajaydev/ebay-node-api#81: the text (the status is inferred)",
    "token.invalid_scope": "public issue eBay/ebay-oauth-python-client#9: the text (the status is inferred)",
    f"{AUTHORIZE}.invalid_request": "public issue matecsaj/ebay_rest#35: status and body",
    "unmatched.not_found": "public issue YosefHayim/ebay-mcp#136: error 2002 and its long message"
    " (the short message is the sandbox's own)",
}
OUTCOMES = (
    *send_outcomes(),
    *missing_token(SEND),
    *find_outcomes(),
    *missing_token(FIND),
    *token_outcomes(),
    *consent_outcomes(),
    *_unmatched(),
)
