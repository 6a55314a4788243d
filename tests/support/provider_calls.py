"""One call that reads and one that writes for each provider, with any credential."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from ebay_calls import body
from graphql_calls import CREATE, CREATE_VARIABLES
from offer_sandbox.providers.covent import samples as covent
from offer_sandbox.providers.sibi import samples as sibi
from offer_sandbox.resources import bundled
from running_server import EBAY_FIND, EBAY_SEND


def bearer(key: str) -> str:
    """As covent, ebay and sibi take a key."""
    return f"Bearer {key}"


def raw(key: str) -> str:
    """As opendoor takes it."""
    return f"Basic {key}"


def pair(key: str) -> str:
    """As estateprime takes it: the public half."""
    return f"Basic {base64.b64encode(f'{key}:any-secret'.encode()).decode()}"


@dataclass(frozen=True)
class Calls:
    """How a provider is called: `read` and `write` are method, path and body; `ids` finds what a write has made
    among the records of `collection`, which a provider that has no writing call lacks."""

    authorization: Callable[[str], str]
    read: tuple[str, str, Any]
    write: tuple[str, str, Any]
    collection: str
    headers: tuple[tuple[str, str], ...] = ()


_WITHOUT_JOB = {name: value for name, value in sibi.CREATE_OFFER.items() if name != "externalJobID"}
CALLS = {
    "covent": Calls(
        bearer,
        ("GET", "/api/v1/listings/lst_123", None),
        ("POST", "/api/v1/offers", covent.CREATE_OFFER),
        "offers",
    ),
    "opendoor": Calls(
        raw,
        ("POST", "/graphql", {"query": "{ __typename }"}),
        ("POST", "/graphql", {"query": CREATE, "variables": CREATE_VARIABLES}),
        "offerRequests",
    ),
    "ebay": Calls(
        bearer,
        ("GET", EBAY_FIND, None),
        ("POST", EBAY_SEND, body()),
        "offers",
        (("X-EBAY-C-MARKETPLACE-ID", "EBAY_US"),),
    ),
    "sibi": Calls(bearer, ("GET", "/offers/offer-123", None), ("POST", "/offers/", _WITHOUT_JOB), "offers"),
    "estateprime": Calls(
        pair,
        ("GET", "/api/offers", None),
        ("GET", "/api/offers/54", None),  # it has no call that writes
        "offers",
        (("Content-Type", "application/json"),),
    ),
}


NEGOTIATED = sum(  # offers that match the sample's store and status, more than the sample itself with its date
    (each["store_id"], each["status"]) == (2, "under_negotiation")
    for each in json.loads((bundled("fixtures") / "estateprime.json").read_text())["offers"]
)
assert NEGOTIATED > 127


def send(
    url: str, provider: str, key: str | None, call: str = "read", session: Any = requests, **headers: str
) -> requests.Response:
    """A provider's `read` or `write` with that key, or without a credential."""
    calls = CALLS[provider]
    method, path, content = getattr(calls, call)
    own = {**dict(calls.headers), **({"Authorization": calls.authorization(key)} if key is not None else {})}
    return session.request(method, f"{url}{path}", json=content, headers={**own, **headers}, timeout=60)
