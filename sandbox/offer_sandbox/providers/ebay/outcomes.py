"""eBay's catalogue: every documented outcome with its evidence, a sample problem and the calls that lead to it."""

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from offer_sandbox.contract import Magic, Outcome, Step, answered, infrastructure, refusal
from offer_sandbox.providers.ebay.behaviour import magic_listing
from offer_sandbox.providers.ebay.consent import AUTHORIZE, authorize
from offer_sandbox.providers.ebay.operations import FIND, MAGIC_OFFSET, SEND
from offer_sandbox.providers.ebay.schemas import MARKETPLACES
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
    """An offered item; a member given as None is left out."""
    item = {"listingId": listing, "discountPercentage": "10", "quantity": 1, **changes}
    return {name: value for name, value in item.items() if value is not None}


def send(body: Any, **headers: str | None) -> Step:
    """A send with this body; a header given as None is left out."""
    given = {**_HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    stored = {name: value for name, value in given.items() if value is not None}
    return Step(method="POST", path=_SEND_PATH, headers=stored, body=body)


def offer(**changes: Any) -> Step:
    """A valid send with these members changed."""
    return send({"message": "Ten percent off, this week only.", "offeredItems": [item()], **changes})


def offer_on(listing: str, **changes: Any) -> Step:
    """A valid send on a listing with these members of its item changed."""
    return offer(offeredItems=[item(listing, **changes)])


def find(query: str = "", **headers: str | None) -> Step:
    """A find with this query; a header given as None is left out."""
    given = {**_HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    stored = {name: value for name, value in given.items() if value is not None and name != "Content-Type"}
    return Step(method="GET", path=f"{FIND_PATH}{query}", headers=stored)


def token(body: str, **headers: str | None) -> Step:
    """A call of the token endpoint with this form."""
    pair = base64.b64encode(b"sbx_demo:sbx_demo").decode()
    given: dict[str, str | None] = {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    stored = {name: value for name, value in given.items() if value is not None}
    return Step(method="POST", path=_TOKEN_PATH, headers=stored, body=body)


def consent(client: str = "sbx_demo", **changes: str) -> Step:
    """A visit of the consent page."""
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
    """A send without its mandatory header."""
    return send({"offeredItems": [item()]}, X_EBAY_C_MARKETPLACE_ID=None)


PLAIN = {
    SEND: offer(),
    FIND: find("?limit=10&offset=0"),
    AUTHORIZE: consent(),
    "token": token("grant_type=refresh_token&refresh_token=sbx_demo"),
}


_SEND_SOURCE = "eBay, sendOfferToInterestedBuyers: Error codes"
_FIND_SOURCE = "eBay, findEligibleItems: Error codes"
COMMON_SOURCE = "eBay, Handling errors: errors common to all eBay REST APIs"


def error(
    operation: str,
    code: str,
    title: str,
    *steps: Step,
    **parameters: str,
) -> Outcome:
    """An outcome that is one of eBay's 150xxx errors; its number decides status and kind."""
    business = 150010 <= int(code) <= 150026
    return refusal(
        operation,
        code,
        title,
        409 if business else 500 if code == "150000" else 400,
        *steps,
        kind="denial" if business else "error",
        evidence="docs" if operation == FIND else "seed",
        source=_FIND_SOURCE if operation == FIND else _SEND_SOURCE,
        **parameters,
    )


def missing_token(operation: str) -> list[Outcome]:
    """No Authorization header, and one of another scheme."""
    step = PLAIN[operation]
    without = {name: value for name, value in step.headers.items() if name != "Authorization"}
    basic = {**step.headers, "Authorization": "Basic sbx_demo"}
    return [
        refusal(
            operation,
            "1002",
            "The access token is missing",
            400,
            replace(step, headers=without),
            kind="infrastructure",
            evidence="docs",
            source=COMMON_SOURCE,
        ),
        refusal(
            operation,
            "1003",
            "The token type is invalid",
            400,
            replace(step, headers=basic),
            kind="infrastructure",
            evidence="docs",
            source=COMMON_SOURCE,
            scheme="Basic",
        ),
    ]


def _unmatched() -> list[Outcome]:
    """Calls that are none of the documented ones."""
    headers = {"Authorization": "Bearer sbx_demo"}
    return [
        refusal(
            "unmatched",
            "not_found",
            "No such resource",
            404,
            Step(method="GET", path="/ebay/sell/negotiation/v1/offers", headers=headers),
        ),
        refusal(
            "unmatched",
            "method_not_allowed",
            "The resource does not take the method",
            405,
            Step(method="DELETE", path=FIND_PATH, headers=headers),
        ),
        refusal(
            "unmatched",
            "options",
            "The methods of a resource",
            204,
            Step(method="OPTIONS", path=FIND_PATH, headers=headers),
            kind="success",
        ),
    ]


def send_outcomes() -> list[Outcome]:
    """Every outcome of a send that is its own, the plain success first."""
    return [_sent(), *_send_requests(), *_send_business(), *_unreadable()]


def _on_magic_listing(code: str, title: str, **parameters: str) -> Outcome:
    listing = magic_listing(code)
    plain = error(SEND, code, title, offer_on(listing), listingId=listing, **parameters)
    return replace(plain, magic=Magic("body.offeredItems.0.listingId", listing))


def _sent() -> Outcome:
    title, source = "Every interested buyer has been sent an offer", "eBay, sendOfferToInterestedBuyers"
    return answered(SEND, "success", title, 200, offer(), source=f"{source}: Response fields", evidence="seed")


def _send_requests() -> list[Outcome]:
    """REQUEST errors of a send, and 150000."""
    two = [item(), item("110000000002")]
    price = {"currency": "USD", "value": "90.00"}
    return [
        _on_magic_listing("150000", "eBay has an internal error"),
        error(SEND, "150001", "A mandatory header is missing", send_without_marketplace()),
        error(
            SEND,
            "150002",
            "The marketplace is not supported",
            send({"offeredItems": [item()]}, X_EBAY_C_MARKETPLACE_ID="EBAY_XX"),
            marketplaceId="EBAY_XX",
            marketplaceIds=", ".join(MARKETPLACES),
        ),
        error(
            SEND,
            "150005",
            "The offer names more than one item",
            offer(offeredItems=two),
            listingIds="110000000001, 110000000002",
        ),
        error(SEND, "150006", "The request is empty", send({})),
        error(
            SEND,
            "150007",
            "Price and discount percentage are both given",
            offer_on(LISTING, price=price),
        ),
        error(
            SEND,
            "150008",
            "The discount is less than five percent",
            offer_on(LISTING, discountPercentage="3"),
            minPercentageDifference="5%",
        ),
        error(
            SEND,
            "150009",
            "A field has an invalid value",
            offer_on(LISTING, quantity=0),
            fieldName="offeredItems.quantity",
            additionalInfo="Must be at least 1.",
        ),
        error(
            SEND,
            "150027",
            "The offer's duration is not the one allowed",
            offer(offerDuration={"unit": "DAY", "value": 3}),
            durationValue="2",
            durationUnit="DAY",
        ),
    ]


def _send_business() -> list[Outcome]:
    """BUSINESS errors of a send; the magic listings stand on EBAY_US."""
    too_high = {"currency": "USD", "value": "100.01"}
    return [
        error(
            SEND,
            "150010",
            "The message has HTML or a blocked word, or is too long",
            offer(message="<b>Sale</b>"),
        ),
        _on_magic_listing("150011", "The listing has ended"),
        _on_magic_listing("150012", "The seller has no such listing"),
        _on_magic_listing(
            "150013", "The listing does not fit the marketplace", additionalInfo="The listing is on EBAY_GB."
        ),
        _on_magic_listing("150014", "Fewer items are available than offered"),
        _on_magic_listing("150015", "The price is under the listing's lowest offer", minPrice="95.00"),
        error(
            SEND,
            "150016",
            "The price exceeds the listing's",
            offer_on(LISTING, discountPercentage=None, price=too_high),
            listingId=LISTING,
        ),
        _on_magic_listing("150017", "The listing does not support offers"),
        _on_magic_listing("150018", "A best offer exists on the listing"),
        _on_magic_listing("150019", "Offers on the listing still wait for their buyers"),
        _on_magic_listing("150020", "The listing has no interested buyers"),
        _on_magic_listing("150021", "The seller is not active"),
        _on_magic_listing("150022", "The limit of offers is reached"),
        _on_magic_listing("150023", "The seller's limit of offers is exceeded"),
        _on_magic_listing("150024", "The items are listed on different sites"),
        _on_magic_listing("150025", "The offer is invalid", additionalInfo="The offer cannot be sent."),
        _on_magic_listing("150026", "The listing is a Motors listing"),
    ]


def _unreadable() -> list[Outcome]:
    """A send whose body cannot be read."""
    return [
        refusal(
            SEND,
            "invalid_json",
            "The body is not a JSON object",
            400,
            send("{not json"),
            evidence="docs",
            source=COMMON_SOURCE,
        ),
        refusal(
            SEND,
            "unsupported_media_type",
            "The content type is not JSON",
            400,
            send("a=1", Content_Type="text/plain"),
            evidence="docs",
            source=COMMON_SOURCE,
        ),
        refusal(SEND, "payload_too_large", "The body is larger than the sandbox reads", 413),
    ]


def find_outcomes() -> list[Outcome]:
    """Every outcome of a find that is its own, the plain success first."""
    title, page = "A page of listings with interested buyers", "eBay, findEligibleItems"
    found = answered(FIND, "success", title, 200, PLAIN[FIND], source=f"{page}: Response fields")
    nothing = answered(
        FIND,
        "no_content",
        "No listing of the marketplace has interested buyers",
        204,
        find(X_EBAY_C_MARKETPLACE_ID="EBAY_IT"),
        source=f"{page}: HTTP status codes",
    )
    unknown = {"marketplaceId": "EBAY_XX", "marketplaceIds": ", ".join(MARKETPLACES)}
    return [
        found,
        nothing,
        _find_internal(),
        error(
            FIND,
            "150001",
            "A mandatory header is missing",
            find(X_EBAY_C_MARKETPLACE_ID=None),
        ),
        error(
            FIND,
            "150002",
            "The marketplace is not supported",
            find(X_EBAY_C_MARKETPLACE_ID="EBAY_XX"),
            **unknown,
        ),
        error(
            FIND,
            "150003",
            "The limit is out of range",
            find("?limit=201"),
            minLimit="1",
            maxLimit="200",
        ),
        error(FIND, "150004", "The offset is negative", find("?offset=-1")),
    ]


def _find_internal() -> Outcome:
    """The error that a listing's id asks for in a send; a find has no listing, so its offset does."""
    plain = error(FIND, "150000", "eBay has an internal error", find(f"?offset={MAGIC_OFFSET}"))
    return replace(plain, magic=Magic("query.offset", MAGIC_OFFSET))


def token_outcomes() -> list[Outcome]:
    """The token endpoint's own outcomes; their texts are known from public issue threads only."""
    source = "eBay, OAuth grants; the answer's form is known from copies of eBay's sample"
    granted = answered(
        "token", "success", "A token is granted", 200, PLAIN["token"], source=source, evidence="inferred"
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
            "The client cannot be authenticated",
            401,
            token("grant_type=client_credentials", Authorization=None),
        ),
        (
            "invalid_scope",
            "The scope exceeds what was granted",
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
    too_large = refusal("token", "payload_too_large", "The body is larger than the sandbox reads", 413)
    return [granted, *(refusal("token", *row) for row in refusals), too_large]


def consent_outcomes() -> list[Outcome]:
    """The page, its errors (known from public issue threads at best), and what every call can have: asked for
    by the application's id, since a browser sends no token."""
    token_flow, foreign = consent(response_type="token"), consent(scope="https://example.com/scope")
    return [
        answered(
            AUTHORIZE, "success", "The page with its Agree button", 200, PLAIN[AUTHORIZE], source=authorize.source
        ),
        refusal(AUTHORIZE, "invalid_request", "A parameter is missing or invalid", 400, token_flow),
        refusal(AUTHORIZE, "invalid_scope", "A scope is none of eBay's", 400, foreign),
        *(_by_client(each) for each in infrastructure(AUTHORIZE, PLAIN[AUTHORIZE], str)),
    ]


def _by_client(outcome: Outcome) -> Outcome:
    client = f"sbx_demo.{outcome.name}"
    return replace(outcome, steps=(consent(client),), magic=Magic("query.client_id", client))


OUTCOMES = (
    *send_outcomes(),
    *missing_token(SEND),
    *find_outcomes(),
    *missing_token(FIND),
    *token_outcomes(),
    *consent_outcomes(),
    *_unmatched(),
)
