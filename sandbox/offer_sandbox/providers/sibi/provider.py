"""Sibi's provider definition: documentation links, paths, hosts, collections and settings."""

from offer_sandbox.contract import Progression, Provider, parts_of
from offer_sandbox.world.collection import Collection

# The statuses that time can change. Somebody may have set another one by hand.
_TIMED = ("pending", "generating_upsells", "awaiting_customer", "order_placed")
OFFERS = Collection(
    provider="sibi",
    name="offers",
    key="id",
    columns={
        "status": lambda offer: offer["status"],
        "third_party": lambda offer: offer["thirdPartyId"],
        "orders": lambda offer: f",{','.join(offer['orderIds'] or [])},",
    },
    indexes=(("third_party",),),
    state=lambda offer: str(offer["status"]),
    due=lambda offer: offer["sandbox"]["due"] if offer["status"] in _TIMED else None,
)

LINKS = Collection(provider="sibi", name="links", key="link", visible=False, later=True)

EXPIRY_DAYS = 30
_PAGES = "https://docs.sibipro.com"
provider = Provider(
    name="sibi",
    title="Sibi API",
    links=(
        f"{_PAGES}/api-reference/get-offer",
        f"{_PAGES}/api-reference/create-offer",
        f"{_PAGES}/events/receive-events",
        f"{_PAGES}/api-reference/cancel-order",
    ),
    read_on="2026-11-21",
    roots=("/offers", "/products", "/orders", "/prod"),
    hosts=("api.sibipro.com",),
    collections=(OFFERS, LINKS),
    load=parts_of(__package__),
    progressions={
        "sibi.upsells": Progression(progression="time", seconds=3),
        "sibi.expiry": Progression(progression="time", seconds=EXPIRY_DAYS * 24 * 60 * 60),
        "sibi.cancellation": Progression(progression="time", seconds=60),
    },
    switches={"sibi.absent": ("null", "omit", "empty")},
    tags={
        "Offers": "Offers of a replacement product, paid upgrades or a buyout to the customer of a warranty.",
        "Products": "Replacement products with their prices and add-ons.",
        "Orders": "Orders that accepted offers created.",
    },
    topics=("offer.updated", "order.created", "order.updated", "order.exception.created"),
    signature="X-Sibi-Signature-256",
    environment={"SIBI_API_URL": "{url}", "SIBI_API_KEY": "{key}"},
)
