"""Builds eBay's initial records: listings of every marketplace, magic listings, offers in four statuses."""

import string
from datetime import datetime, timedelta
from typing import Any

from offer_sandbox.providers.ebay.behaviour import MOTORS, SELLER
from offer_sandbox.providers.ebay.codes import CODES, magic_listing
from offer_sandbox.providers.ebay.wares import AT_A_HUNDRED, CURRENCIES, ELSEWHERE
from offer_sandbox.world.clock import print_instant, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.dates import REFERENCE, by_days, shifted
from offer_sandbox.world.rng import Draw, numbered, seeded_rng

_FIRST = 110_000_000_001
_PLAIN = 20  # listings on EBAY_US, all at the same price, which documented examples rely on
_ALIKE = 23  # the first listings, which have as many interested buyers as the magic ones
_BUYERS = 3  # interested in a listing, at most
_DAYS = 2  # how long an offer is valid
_ENDED: tuple[
    tuple[str, Document | str, str, float, float], ...
] = (  # offers that ended: listing, price or percentage, status, the days before now of creation and end
    ("110000000003", "10", "ACCEPTED", 9, 8.2),
    ("110000000007", {"currency": "USD", "value": "85.00"}, "DECLINED", 6, 5.6),
    ("110000000012", "15", "EXPIRED", 5, 3),
    ("110000000024", {"currency": "GBP", "value": "29.90"}, "ACCEPTED", 13, 12.1),
    ("110000000025", {"currency": "EUR", "value": "170.00"}, "DECLINED", 20, 19.5),
    ("110000000027", "12.5", "EXPIRED", 16, 14),
)
_MESSAGES = ("Thanks for your interest. This price is for you.", "", "Postage is included at this price.")


def build(seed: int) -> dict[str, list[Document]]:
    """Returns the listings, and offers in the statuses PENDING, ACCEPTED, DECLINED and EXPIRED. The pending one
    triggers error 150019. The dates are those at 2026-04-17T19:45:00Z, see `moved`."""
    draw = seeded_rng(seed, "ebay", "fixtures")
    titles = draw.sample(AT_A_HUNDRED, len(AT_A_HUNDRED))
    wares = [("EBAY_US", titles.pop(), "100.00", 10) for _ in range(_PLAIN)] + list(ELSEWHERE)
    plain = [_listing(str(_FIRST + index), *ware, draw) for index, ware in enumerate(wares)]
    for place, each in enumerate(plain[_ALIKE:]):
        each["interestedBuyers"] = each["interestedBuyers"][: 1 + place % _BUYERS]
    magic = [
        _priced({**_listing(magic_listing(name), "EBAY_US", titles.pop(), "100.00", 10, draw), **code.listing})
        for name, code in CODES.items()
        if code.listing is not None
    ]
    ended = [_offer(seed, -place, *each, draw) for place, each in enumerate(_ENDED, 1)]
    waiting = _offer(seed, 0, magic_listing("150019"), "10", "PENDING", 1, 1, draw)
    expiry = to_ms(REFERENCE + timedelta(days=_DAYS - 1))
    waiting["sandbox"] = {"due": expiry, "renews": True}  # its magic listing promises an open offer
    return {
        "listings": [*plain, *({**listing, "magic": True} for listing in magic)],
        "offers": [waiting, *ended],
    }


def moved(world: dict[str, list[Document]], now: datetime) -> dict[str, list[Document]]:
    """Returns the world with offers that are as old at `now` as the seeded ones are at their reference. They move
    by whole days, so that a reset on the same day brings the same world."""
    dates = ("creationDate", "lastModifiedDate", "due")
    return {**world, "offers": [shifted(offer, by_days(now), dates) for offer in world["offers"]]}


def _listing(id: str, marketplace: str, title: str, price: str, quantity: int, draw: Draw) -> Document:
    return {
        "listingId": id,
        "marketplaceId": marketplace,
        "title": title,
        "seller": SELLER,
        "status": "ACTIVE",
        "price": {"currency": CURRENCIES[marketplace], "value": price},
        "quantity": quantity,
        "interestedBuyers": [] if marketplace == MOTORS else [_masked(draw) for _ in range(_BUYERS)],
    }


def _priced(listing: Document) -> Document:
    """Returns a magic listing with a price in the money of its marketplace."""
    return {**listing, "price": {**listing["price"], "currency": CURRENCIES[listing["marketplaceId"]]}}


def _masked(draw: Draw) -> str:
    """Returns the name of a buyer as eBay shows it to sellers."""
    return f"{draw.choice(string.ascii_lowercase)}***{draw.choice(string.ascii_lowercase + string.digits)}"


def _offer(
    seed: int,
    ordinal: int,
    listing: str,
    price: Document | str,
    status: str,
    made: float,
    changed: float,
    draw: Draw,
) -> dict[str, Any]:
    """Returns an offer that was made and last changed these days before the reference. `price` is a price, or a
    percentage as text."""
    message = _MESSAGES[ordinal % len(_MESSAGES)]
    discount = {"discountPercentage": price} if isinstance(price, str) else {}
    return {
        "allowCounterOffer": False,
        "buyer": {"maskedUsername": _masked(draw)},
        "creationDate": print_instant(REFERENCE - timedelta(days=made)),
        "initiatedBy": SELLER,
        "lastModifiedDate": print_instant(REFERENCE - timedelta(days=changed)),
        **({"message": message} if message else {}),
        "offerDuration": {"unit": "DAY", "value": _DAYS},
        "offeredItems": [
            {**discount, "listingId": listing, **({} if discount else {"price": price}), "quantity": 1}
        ],
        "offerId": numbered(seed, "ebay.offers", ordinal),
        "offerStatus": status,
        "offerType": "SELLER_INITIATED_OFFER",
        "revision": numbered(seed, "ebay.revisions", ordinal),
        "sandbox": {"due": None},
    }
