"""Builds eBay's initial records: listings of every marketplace, magic listings, offers in four statuses."""

import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

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


@dataclass(frozen=True)
class _Send:
    """Offers that the seller sent to the buyers who are interested in a listing.

    `price` is a price, or a percentage as text. `status` is that of the first buyer's offer. `made` and `ended`
    are the days before the reference at which the offers were made and the first buyer answered.
    """

    listing: str
    price: Document | str
    status: str
    made: float
    ended: float


_SENDS = (
    _Send(magic_listing("150019"), "10", "PENDING", 0.8, 0.8),
    _Send("110000000003", "10", "ACCEPTED", 9, 8.2),
    _Send("110000000007", {"currency": "USD", "value": "85.00"}, "DECLINED", 6, 5.6),
    _Send("110000000012", "15", "EXPIRED", 5, 3),
    _Send("110000000024", {"currency": "GBP", "value": "29.90"}, "ACCEPTED", 13, 12.1),
    _Send("110000000025", {"currency": "EUR", "value": "170.00"}, "DECLINED", 20, 19.5),
    _Send("110000000027", "12.5", "EXPIRED", 16, 14),
)
_NUMBERS = {"offerId": "offers", "revision": "revisions"}
_MESSAGES = ("Thanks for your interest. This price is for you.", "", "Postage is included at this price.")


def build(seed: int) -> dict[str, list[Document]]:
    """Returns the listings, and what became of seven sends: offers in the statuses PENDING, ACCEPTED, DECLINED and
    EXPIRED. The pending ones trigger error 150019. The dates are those at 2026-04-17T19:45:00Z, see `moved`."""
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
    listings = {each["listingId"]: each for each in [*plain, *({**each, "magic": True} for each in magic)]}
    offers = [
        offer
        for send, message in zip(_SENDS, cycle(_MESSAGES), strict=False)
        for offer in _offers(send, listings[send.listing], message, draw)
    ]
    for place, offer in enumerate(offers):
        offer |= {name: numbered(seed, f"ebay.{kind}", -place) for name, kind in _NUMBERS.items()}
    return {"listings": list(listings.values()), "offers": offers}


def moved(world: dict[str, list[Document]], now: datetime) -> dict[str, list[Document]]:
    """Returns the world with offers that are as old at `now` as the seeded ones are at their reference. They move
    by whole days, so that a reset on the same day brings the same world."""
    move, dates = by_days(now), ("creationDate", "lastModifiedDate", "due")
    return {**world, "offers": [shifted(offer, move, dates) for offer in world["offers"]]}


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


def _offers(send: _Send, listing: Document, message: str, draw: Draw) -> list[Document]:
    """Returns the offers of a send, one for each interested buyer. Where the first buyer has answered, the other
    offers expired."""
    made = REFERENCE - timedelta(days=send.made, minutes=draw.randrange(1, 200), seconds=draw.randrange(60))
    ended = made + timedelta(days=send.made - send.ended)
    expiry = made + timedelta(days=_DAYS)
    pending = send.status == "PENDING"
    discount = {"discountPercentage": send.price} if isinstance(send.price, str) else {}
    price = {} if discount else {"price": send.price}
    return [
        {
            "allowCounterOffer": False,
            "buyer": {"maskedUsername": buyer},
            "creationDate": print_instant(made),
            "initiatedBy": SELLER,
            "lastModifiedDate": print_instant(made if pending else ended if place == 0 else expiry),
            **({"message": message} if message else {}),
            "offerDuration": {"unit": "DAY", "value": _DAYS},
            "offeredItems": [{**discount, "listingId": listing["listingId"], **price, "quantity": 1}],
            "offerId": "",
            "offerStatus": send.status if pending or place == 0 else "EXPIRED",
            "offerType": "SELLER_INITIATED_OFFER",
            "revision": "",
            # the magic listing of the pending offers promises an open one
            "sandbox": {"due": to_ms(expiry), "renews": True} if pending else {"due": None},
        }
        for place, buyer in enumerate(listing["interestedBuyers"])
    ]
