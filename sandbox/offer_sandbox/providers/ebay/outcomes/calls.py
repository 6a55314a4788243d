"""The literal calls that eBay's catalogue is made of; sends none of them."""

import base64
from typing import Any
from urllib.parse import urlencode

from offer_sandbox.contract import Step, demo_bearer
from offer_sandbox.providers.ebay.consent import AUTHORIZE
from offer_sandbox.providers.ebay.operations import FIND, SEND
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
    kept = {name: value for name, value in given.items() if value is not None}
    return Step(method="POST", path=_SEND_PATH, headers=kept, body=body)


def offer(**changes: Any) -> Step:
    """A valid send with these members changed."""
    return send({"message": "Ten percent off, this week only.", "offeredItems": [item()], **changes})


def offer_on(listing: str, **changes: Any) -> Step:
    """A valid send on a listing with these members of its item changed."""
    return offer(offeredItems=[item(listing, **changes)])


def find(query: str = "", **headers: str | None) -> Step:
    """A find with this query; a header given as None is left out."""
    given = {**_HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    kept = {name: value for name, value in given.items() if value is not None and name != "Content-Type"}
    return Step(method="GET", path=f"{FIND_PATH}{query}", headers=kept)


def token(body: str, **headers: str | None) -> Step:
    """A call of the token endpoint with this form."""
    pair = base64.b64encode(b"sbx_demo:sbx_demo").decode()
    given: dict[str, str | None] = {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    kept = {name: value for name, value in given.items() if value is not None}
    return Step(method="POST", path=_TOKEN_PATH, headers=kept, body=body)


def consent(client: str = "sbx_demo", **changes: str) -> Step:
    """A visit of the consent page."""
    asked = {
        "client_id": client,
        "redirect_uri": "http://localhost:8000/callback",
        "response_type": "code",
        "scope": INVENTORY,
        "state": "my-state",
        **changes,
    }
    return Step(method="GET", path=f"{_CONSENT_PATH}?{urlencode(asked)}")


def send_without_marketplace() -> Step:
    """A send without its mandatory header."""
    return send({"offeredItems": [item()]}, X_EBAY_C_MARKETPLACE_ID=None)


PLAIN = {
    SEND: offer(),
    FIND: find("?limit=10&offset=0"),
    AUTHORIZE: consent(),
    "token": token("grant_type=refresh_token&refresh_token=sbx_demo"),
}


def authorization(operation: str, word: str) -> str:
    """The Authorization header whose credential ends in a magic word."""
    if operation != "token":
        return demo_bearer(word)
    return f"Basic {base64.b64encode(f'sbx_demo.{word}:sbx_demo'.encode()).decode()}"
