"""Covent's provider definition: documentation links, paths, hosts, collections and settings."""

from offer_sandbox.contract import Provider, parts_of
from offer_sandbox.world.clock import parse_instant, to_ms
from offer_sandbox.world.collection import Collection, Document


def _due(offer: Document) -> int | None:
    """Returns when time alone ends a submitted offer (ms): at its decision or its expiry, whichever is first."""
    if offer["status"] != "submitted":
        return None
    expiry = offer["expires_at"] and to_ms(parse_instant(offer["expires_at"]))
    return min((each for each in (offer["sandbox"]["decision"], expiry) if each is not None), default=None)


OFFERS = Collection(
    provider="covent",
    name="offers",
    key="id",
    columns={"status": lambda offer: offer["status"], "listing_id": lambda offer: offer["listing_id"]},
    state=lambda offer: str(offer["status"]),
    due=_due,
)
LISTINGS = Collection(
    provider="covent",
    name="listings",
    key="id",
    columns={
        "status": lambda listing: listing["status"],
        "market": lambda listing: listing["metadata"]["market"],
        "headline": lambda listing: listing["headline"],
        "created_at": lambda listing: listing["created_at"],
        "updated_at": lambda listing: listing["updated_at"],
    },
    indexes=(("status", "market"), ("updated_at",)),
)
INDIVIDUALS = Collection(provider="covent", name="individuals", key="id")

_PAGES = "https://getcovent.com/developer/api"
provider = Provider(
    name="covent",
    title="Covent API (proposed)",
    links=(
        f"{_PAGES}/offers/post-offers",
        f"{_PAGES}/offers/get-offers-id",
        f"{_PAGES}/listings/get-listings",
        f"{_PAGES}/individuals/post-individuals",
    ),
    read_on="2026-11-21",
    roots=("/api/v1",),
    hosts=("api.getcovent.com",),
    collections=(OFFERS, LISTINGS, INDIVIDUALS),
    load=parts_of(__package__),
    progressions={"covent.decision": None},
    switches={
        "covent.headers": ("relaxed", "strict"),
        "covent.on_acceptance": ("nothing", "reject_others", "close_listing"),
    },
    tags={
        "Offers": "Offers of buyers on listings, from their creation to acceptance, rejection or expiry.",
        "Listings": "Properties for sale, with their prices and details.",
        "Individuals": "Investors and buyers, with their buying criteria and e-mail addresses.",
    },
    environment={"COVENT_API_URL": "{url}/api/v1", "COVENT_API_KEY": "{key}"},
)
