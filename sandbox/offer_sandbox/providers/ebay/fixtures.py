"""Builds eBay's initial records: hand-written listings with titles and buyers from Faker."""

from typing import Any

from offer_sandbox.providers.ebay.behaviour import MOTORS, SELLER
from offer_sandbox.providers.ebay.codes import CODES, magic_listing
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import faker, numbered

_CURRENCIES = {"EBAY_US": "USD", "EBAY_GB": "GBP", "EBAY_DE": "EUR", "EBAY_AU": "AUD", MOTORS: "USD"}


def build(seed: int) -> dict[str, list[Document]]:
    """Returns listings by marketplace, the magic listings, and the pending offer that triggers 150019."""
    fake = faker(seed, "ebay")
    places = ["EBAY_US"] * 20 + ["EBAY_GB", "EBAY_DE", "EBAY_AU"] * 2
    plain = [_listing(str(110_000_000_001 + index), place, fake) for index, place in enumerate(places)]
    magic = [
        {**_listing(magic_listing(name), "EBAY_US", fake), "magic": True, **code.listing}
        for name, code in CODES.items()
        if code.listing is not None
    ]
    return {"listings": [*plain, *magic], "offers": [_waiting_offer(seed, fake)]}


def _listing(id: str, marketplace: str, fake: Any) -> Document:
    return {
        "listingId": id,
        "marketplaceId": marketplace,
        "title": f"{fake.color_name()} {fake.word(part_of_speech='noun')}",
        "seller": SELLER,
        "status": "ACTIVE",
        "price": {"currency": _CURRENCIES[marketplace], "value": "100.00"},
        "quantity": 10,
        "interestedBuyers": [_masked(fake) for _ in range(3)],
    }


def _masked(fake: Any) -> str:
    name = fake.user_name()
    return f"{name[0]}***{name[-1]}"


def _waiting_offer(seed: int, fake: Any) -> Document:
    """Returns an offer that is permanently pending, since time never changes fixture records."""
    created = "2026-04-17T19:45:00.000Z"
    return {
        "allowCounterOffer": False,
        "buyer": {"maskedUsername": _masked(fake)},
        "creationDate": created,
        "initiatedBy": SELLER,
        "lastModifiedDate": created,
        "offerDuration": {"unit": "DAY", "value": 2},
        "offeredItems": [{"discountPercentage": "10", "listingId": magic_listing("150019"), "quantity": 1}],
        "offerId": numbered(seed, "ebay.offers", 0),
        "offerStatus": "PENDING",
        "offerType": "SELLER_INITIATED_OFFER",
        "revision": numbered(seed, "ebay.revisions", 0),
        "sandbox": {"due": None},
    }
