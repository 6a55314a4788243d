"""eBay's provider definition: documentation links, paths, hosts, collections and settings."""

from offer_sandbox.contract import Provider, parts_of
from offer_sandbox.world.collection import Collection, Document


def _eligible(listing: Document) -> int:
    """Returns 1 for a listing that `findEligibleItems` may list: only an open offer could prevent a send."""
    plain = not any(listing.get(each) for each in ("magic", "refuses", "bestOffer"))
    return int(
        plain and listing["status"] == "ACTIVE" and listing["quantity"] > 0 and bool(listing["interestedBuyers"])
    )


LISTINGS = Collection(
    provider="ebay",
    name="listings",
    key="listingId",
    columns={"marketplaceId": lambda listing: listing["marketplaceId"], "eligible": _eligible},
    indexes=(("marketplaceId", "eligible"),),
)
OFFERS = Collection(
    provider="ebay",
    name="offers",
    key="offerId",
    columns={
        "listingId": lambda offer: offer["offeredItems"][0]["listingId"],
        "offerStatus": lambda offer: offer["offerStatus"],
    },
    indexes=(("listingId", "offerStatus"),),
    state=lambda offer: str(offer["offerStatus"]),
    due=lambda offer: offer["sandbox"]["due"] if offer["offerStatus"] == "PENDING" else None,
)
PER_LISTING, PER_SELLER = "ebay.offers_per_listing", "ebay.offers_per_seller"
PRODUCTION = "1.1.2"
TOKENS = Collection(provider="ebay", name="tokens", key="token", visible=False)

provider = Provider(
    name="ebay",
    title="eBay Sell Negotiation API",
    links=(
        "https://developer.ebay.com/api-docs/sell/negotiation/resources/offer/methods/sendOfferToInterestedBuyers",
        "https://developer.ebay.com/api-docs/sell/negotiation/resources/offer/methods/findEligibleItems",
        "https://developer.ebay.com/api-docs/static/oauth-tokens.html",
    ),
    read_on="2026-11-21",
    roots=("/sell", "/identity", "/oauth2"),
    hosts=("api.ebay.com", "api.sandbox.ebay.com", "auth.ebay.com", "auth.sandbox.ebay.com"),
    collections=(LISTINGS, OFFERS, TOKENS),
    load=parts_of(__package__),
    progressions={"ebay.buyers": None},
    contracts=("1.1.0", PRODUCTION),
    production=PRODUCTION,
    switches={"ebay.buyer_answer": ("accept", "decline")},
    limits=(PER_LISTING, PER_SELLER),
    tags={
        "Offers": "Listings that have interested buyers, and the offers that a seller sends to these buyers.",
        "OAuth": "The consent page and the token endpoint, which issue the tokens that other calls need.",
    },
    live_keys=(r"v\^1\.1#", r"-PRD-[0-9A-Fa-f]", r"PRD-[0-9A-Fa-f]{6}"),
    environment={
        "EBAY_BASE_URL": "{url}",
        "EBAY_AUTH_URL": "{url}/oauth2/authorize",
        "EBAY_TOKEN_URL": "{url}/identity/v1/oauth2/token",
        "EBAY_CLIENT_ID": "{key}",
        "EBAY_CLIENT_SECRET": "{key}",
        "EBAY_USER_TOKEN": "{key}",
        "EBAY_REFRESH_TOKEN": "{key}",
    },
)
