"""eBay's catalogue: every documented outcome with its evidence, a sample problem and the calls that lead to it."""

import base64
from dataclasses import replace
from typing import Any

from offer_sandbox.contract import Magic, Outcome, Problem, Step
from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.providers.ebay.behaviour import magic_listing
from offer_sandbox.providers.ebay.operations import FIND, MAGIC_OFFSET, SEND
from offer_sandbox.providers.ebay.schemas import MARKETPLACES

_SEND_PATH = "/ebay/sell/negotiation/v1/send_offer_to_interested_buyers"
_FIND_PATH = "/ebay/sell/negotiation/v1/find_eligible_items"
_TOKEN_PATH = "/ebay/identity/v1/oauth2/token"  # noqa: S105 - a path
_SEND_SOURCE = "eBay, sendOfferToInterestedBuyers: Error codes"
_FIND_SOURCE = "eBay, findEligibleItems: Error codes"
_COMMON_SOURCE = "eBay, Handling errors: errors common to all eBay REST APIs"
_OURS = "no public page; the sandbox's own choice"
_LISTING = "110000000001"
_HEADERS = {
    "Authorization": "Bearer sbx_demo",
    "Content-Type": "application/json",
    "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
}


def _item(listing: str = _LISTING, **changes: Any) -> dict[str, Any]:
    item = {"listingId": listing, "discountPercentage": "10", "quantity": 1, **changes}
    return {name: value for name, value in item.items() if value is not None}


def _send(body: Any, **headers: str | None) -> Step:
    given = {**_HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    kept = {name: value for name, value in given.items() if value is not None}
    return Step(method="POST", path=_SEND_PATH, headers=kept, body=body)


def _offer(**changes: Any) -> Step:
    return _send({"message": "Ten percent off, this week only.", "offeredItems": [_item()], **changes})


def _offer_on(listing: str, **changes: Any) -> Step:
    return _offer(offeredItems=[_item(listing, **changes)])


def _find(query: str = "", **headers: str | None) -> Step:
    given = {**_HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    kept = {name: value for name, value in given.items() if value is not None and name != "Content-Type"}
    return Step(method="GET", path=f"{_FIND_PATH}{query}", headers=kept)


def _token(body: str, **headers: str | None) -> Step:
    pair = base64.b64encode(b"sbx_demo:sbx_demo").decode()
    given: dict[str, str | None] = {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    kept = {name: value for name, value in given.items() if value is not None}
    return Step(method="POST", path=_TOKEN_PATH, headers=kept, body=body)


_PLAIN = {
    SEND: _offer(),
    FIND: _find("?limit=10&offset=0"),
    "token": _token("grant_type=refresh_token&refresh_token=sbx_demo"),
}


def _problem(code: str, **parameters: str) -> Problem:
    return Problem(outcome=code, reason="forced by the request", parameters=parameters)


def _code(
    operation: str,
    code: str,
    title: str,
    *steps: Step,
    **parameters: str,
) -> Outcome:
    """An outcome that is one of eBay's 150xxx errors; its number decides status and kind."""
    business = 150010 <= int(code) <= 150026
    internal = code == "150000"
    kind: Kind = "denial" if business else "error"
    return Outcome(
        operation=operation,
        name=code,
        title=title,
        kind=kind,
        status=409 if business else 500 if internal else 400,
        evidence="docs" if operation == FIND else "seed",
        source=_FIND_SOURCE if operation == FIND else _SEND_SOURCE,
        problem=_problem(code, **parameters),
        steps=steps,
    )


def _on_magic_listing(code: str, title: str, **parameters: str) -> Outcome:
    listing = magic_listing(code)
    plain = _code(SEND, code, title, _offer_on(listing), listingId=listing, **parameters)
    return replace(plain, magic=Magic("body.offeredItems.0.listingId", listing))


def _sent() -> Outcome:
    return Outcome(
        operation=SEND,
        name="success",
        title="Every interested buyer has been sent an offer",
        kind="success",
        status=200,
        evidence="seed",
        source="eBay, sendOfferToInterestedBuyers: Response fields",
        steps=(_offer(),),
    )


def _send_requests() -> list[Outcome]:
    """REQUEST errors of a send, and 150000."""
    two = [_item(), _item("110000000002")]
    price = {"currency": "USD", "value": "90.00"}
    return [
        _on_magic_listing("150000", "eBay has an internal error"),
        _code(SEND, "150001", "A mandatory header is missing", _send_without_marketplace()),
        _code(
            SEND,
            "150002",
            "The marketplace is not supported",
            _send({"offeredItems": [_item()]}, X_EBAY_C_MARKETPLACE_ID="EBAY_XX"),
            marketplaceId="EBAY_XX",
            marketplaceIds=", ".join(MARKETPLACES),
        ),
        _code(
            SEND,
            "150005",
            "The offer names more than one item",
            _offer(offeredItems=two),
            listingIds="110000000001, 110000000002",
        ),
        _code(SEND, "150006", "The request is empty", _send({})),
        _code(
            SEND,
            "150007",
            "Price and discount percentage are both given",
            _offer_on(_LISTING, price=price),
        ),
        _code(
            SEND,
            "150008",
            "The discount is less than five percent",
            _offer_on(_LISTING, discountPercentage="3"),
            minPercentageDifference="5%",
        ),
        _code(
            SEND,
            "150009",
            "A field has an invalid value",
            _offer_on(_LISTING, quantity=0),
            fieldName="offeredItems.quantity",
            additionalInfo="Must be at least 1.",
        ),
        _code(
            SEND,
            "150027",
            "The offer's duration is not the one allowed",
            _offer(offerDuration={"unit": "DAY", "value": 3}),
            durationValue="2",
            durationUnit="DAY",
        ),
    ]


def _send_without_marketplace() -> Step:
    return _send({"offeredItems": [_item()]}, X_EBAY_C_MARKETPLACE_ID=None)


def _send_business() -> list[Outcome]:
    """BUSINESS errors of a send; the magic listings stand on EBAY_US."""
    too_high = {"currency": "USD", "value": "100.01"}
    return [
        _code(
            SEND,
            "150010",
            "The message has HTML or a blocked word, or is too long",
            _offer(message="<b>Sale</b>"),
        ),
        _on_magic_listing("150011", "The listing has ended"),
        _on_magic_listing("150012", "The seller has no such listing"),
        _on_magic_listing(
            "150013", "The listing does not fit the marketplace", additionalInfo="The listing is on EBAY_GB."
        ),
        _on_magic_listing("150014", "Fewer items are available than offered"),
        _on_magic_listing("150015", "The price is under the listing's lowest offer", minPrice="95.00"),
        _code(
            SEND,
            "150016",
            "The price exceeds the listing's",
            _offer_on(_LISTING, discountPercentage=None, price=too_high),
            listingId=_LISTING,
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


def _find_outcomes() -> list[Outcome]:
    found = Outcome(
        operation=FIND,
        name="success",
        title="A page of listings with interested buyers",
        kind="success",
        status=200,
        evidence="docs",
        source="eBay, findEligibleItems: Response fields",
        steps=(_PLAIN[FIND],),
    )
    nothing = Outcome(
        operation=FIND,
        name="no_content",
        title="No listing of the marketplace has interested buyers",
        kind="success",
        status=204,
        evidence="docs",
        source="eBay, findEligibleItems: HTTP status codes",
        steps=(_find(X_EBAY_C_MARKETPLACE_ID="EBAY_IT"),),
    )
    unknown = {"marketplaceId": "EBAY_XX", "marketplaceIds": ", ".join(MARKETPLACES)}
    return [
        found,
        nothing,
        _find_internal(),
        _code(
            FIND,
            "150001",
            "A mandatory header is missing",
            _find(X_EBAY_C_MARKETPLACE_ID=None),
            evidence="docs",
        ),
        _code(
            FIND,
            "150002",
            "The marketplace is not supported",
            _find(X_EBAY_C_MARKETPLACE_ID="EBAY_XX"),
            **unknown,
        ),
        _code(
            FIND,
            "150003",
            "The limit is out of range",
            _find("?limit=201"),
            evidence="docs",
            minLimit="1",
            maxLimit="200",
        ),
        _code(FIND, "150004", "The offset is negative", _find("?offset=-1")),
    ]


def _find_internal() -> Outcome:
    """The error that a listing's id asks for in a send; a find has no listing, so its offset does."""
    plain = _code(FIND, "150000", "eBay has an internal error", _find(f"?offset={MAGIC_OFFSET}"))
    return replace(plain, magic=Magic("query.offset", MAGIC_OFFSET))


def _token_outcomes() -> list[Outcome]:
    """The token endpoint's own outcomes; their texts are known from public issue threads only."""
    granted = Outcome(
        operation="token",
        name="success",
        title="A token is granted",
        kind="success",
        status=200,
        evidence="inferred",
        source="eBay, OAuth grants; the answer's form is known from copies of eBay's sample",
        steps=(_PLAIN["token"],),
    )
    refusals = (
        ("invalid_request", "A parameter is missing", 400, _token("grant_type=refresh_token")),
        (
            "invalid_grant",
            "The code or refresh token is invalid",
            400,
            _token("grant_type=refresh_token&refresh_token=unknown"),
        ),
        (
            "invalid_client",
            "The client cannot be authenticated",
            401,
            _token("grant_type=client_credentials", Authorization=None),
        ),
        (
            "invalid_scope",
            "The scope exceeds what was granted",
            400,
            _token("grant_type=refresh_token&refresh_token=sbx_demo&scope=unknown"),
        ),
        (
            "unsupported_grant_type",
            "The grant type is not supported",
            400,
            _token("grant_type=password"),
        ),
    )
    return [granted, *(_refusal("token", *refusal) for refusal in refusals)]


def _refusal(
    operation: str,
    name: str,
    title: str,
    status: int,
    *steps: Step,
    evidence: Evidence = "inferred",
    kind: Kind = "error",
    magic: Magic | None = None,
    **parameters: str,
) -> Outcome:
    return Outcome(
        operation=operation,
        name=name,
        title=title,
        kind=kind,
        status=status,
        evidence=evidence,
        source=_OURS if evidence == "inferred" else _COMMON_SOURCE,
        problem=_problem(name, **parameters),
        magic=magic,
        steps=steps,
    )


def _infrastructure(operation: str) -> list[Outcome]:
    """The five outcomes that every call can have, each by a word at the end of the credential."""
    return [
        _refusal(
            operation,
            name,
            title,
            status,
            _with_word(_PLAIN[operation], name),
            kind="infrastructure",
            magic=Magic("header.authorization", _authorization(operation, name)),
        )
        for name, title, status in (
            ("unauthorized", "The access token is invalid or expired", 401),
            ("forbidden", "The token does not open this resource", 403),
            ("rate_limited", "Too many requests", 429),
            ("internal_error", "eBay's systems have an internal error", 500),
            ("unavailable", "The service is temporarily unavailable", 503),
        )
    ]


def _authorization(operation: str, word: str) -> str:
    if operation != "token":
        return f"Bearer sbx_demo.{word}"
    return f"Basic {base64.b64encode(f'sbx_demo.{word}:sbx_demo'.encode()).decode()}"


def _with_word(step: Step, word: str) -> Step:
    operation = "token" if step.path == _TOKEN_PATH else ""
    return replace(step, headers={**step.headers, "Authorization": _authorization(operation, word)})


def _missing_token(operation: str) -> list[Outcome]:
    step = _PLAIN[operation]
    without = {name: value for name, value in step.headers.items() if name != "Authorization"}
    basic = {**step.headers, "Authorization": "Basic sbx_demo"}
    return [
        _refusal(
            operation,
            "1002",
            "The access token is missing",
            400,
            replace(step, headers=without),
            evidence="docs",
            kind="infrastructure",
        ),
        _refusal(
            operation,
            "1003",
            "The token type is invalid",
            400,
            replace(step, headers=basic),
            evidence="docs",
            kind="infrastructure",
            scheme="Basic",
        ),
    ]


def _unreadable() -> list[Outcome]:
    """A send whose body cannot be read."""
    return [
        _refusal(SEND, "invalid_json", "The body is not a JSON object", 400, _send("{not json"), evidence="docs"),
        _refusal(
            SEND,
            "unsupported_media_type",
            "The content type is not JSON",
            400,
            _send("a=1", Content_Type="text/plain"),
            evidence="docs",
        ),
        _refusal(SEND, "payload_too_large", "The body is larger than the sandbox reads", 413),
        _refusal("token", "payload_too_large", "The body is larger than the sandbox reads", 413),
    ]


def _unmatched() -> list[Outcome]:
    headers = {"Authorization": "Bearer sbx_demo"}
    return [
        _refusal(
            "unmatched",
            "not_found",
            "No such resource",
            404,
            Step(method="GET", path="/ebay/sell/negotiation/v1/offers", headers=headers),
        ),
        _refusal(
            "unmatched",
            "method_not_allowed",
            "The resource does not take the method",
            405,
            Step(method="DELETE", path=_FIND_PATH, headers=headers),
        ),
        _refusal(
            "unmatched",
            "options",
            "The methods of a resource",
            204,
            Step(method="OPTIONS", path=_FIND_PATH, headers=headers),
            kind="success",
        ),
    ]


OUTCOMES = (
    _sent(),
    *_send_requests(),
    *_send_business(),
    *_unreadable()[:3],
    *_missing_token(SEND),
    *_infrastructure(SEND),
    *_find_outcomes(),
    *_missing_token(FIND),
    *_infrastructure(FIND),
    *_token_outcomes(),
    *_unreadable()[3:],
    *_infrastructure("token"),
    *_unmatched(),
)
