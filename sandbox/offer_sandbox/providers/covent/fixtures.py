"""Builds Covent's initial records: the listing and individual that its pages print, and more that are recent."""

from datetime import datetime, timedelta
from typing import Any

from offer_sandbox.providers.covent import behaviour, samples
from offer_sandbox.providers.covent.behaviour import ACCEPTED, EXPIRED, FATES, REJECTED, SUBMITTED
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Document
from offer_sandbox.world.dates import REFERENCE, by_days, shifted
from offer_sandbox.world.rng import Draw, faker, letters, seeded_rng
from offer_sandbox.world.us_places import US_PLACES, street

MORE = 10
DRAFT = "lst_draft"
OFFERS = {"off_123": "submitted", "off_accepted": ACCEPTED, "off_rejected": REJECTED, "off_expired": EXPIRED}
_FIRST = 124
_KINDS = ("single_family", "duplex", "condo", "townhouse")
_SELLING_POINTS = (
    "needs cosmetic work",
    "tenant in place",
    "vacant",
    "corner lot",
    "new roof",
    "close to downtown",
)
_CREATED = "2026-04-17T19:45:00Z"
_ENDED = "2026-04-17T20:10:00Z"
_STRATEGIES = ("buy_and_hold", "fix_and_flip", "wholesale")
_NOTES = ("Cash close.", "Subject to a walk-through.", "")
_RECENT = (  # offers: status, age in days, whether it was changed, days from creation to its expiry (0: none)
    (SUBMITTED, 1, False, 0),
    (SUBMITTED, 2, True, 4),
    (SUBMITTED, 6, True, 11),
    (ACCEPTED, 5, False, 0),
    (REJECTED, 3, False, 0),
    (EXPIRED, 8, True, 3),
    (ACCEPTED, 12, True, 20),
    (REJECTED, 21, False, 0),
)
# The printed list call is about one market, in which the printed listing is the latest on any clock.
_ELSEWHERE = [place for place in US_PLACES if place.market != samples.LISTING["metadata"]["market"]]
_PRINTED = frozenset((*OFFERS, samples.LISTING["id"], "ind_123"))
_DATES = frozenset(("created_at", "updated_at", "expires_at", "accepted_at", "rejected_at", "at"))


def build(seed: int) -> dict[str, list[Document]]:
    """Returns the printed listing and individual, and more records around them.

    These are ten listings, ten individuals, a draft listing, three magic listings, the printed offer in each
    status and eight recent offers. Time changes only the recent offers that have an expiry. The dates are those at
    2026-04-17T19:45:00Z, see `moved`.
    """
    fake, draw = faker(seed, "covent"), seeded_rng(seed, "covent", "fixtures")
    more = [_listing(f"lst_{number}", "active", draw) for number in range(_FIRST, _FIRST + MORE)]
    special = [_listing(DRAFT, "draft", draw), *(_listing(id, "active", draw) for id in FATES)]
    buyers = [_buyer(place, listing, draw, fake) for place, listing in enumerate(more)]
    pairs = zip(more, buyers, strict=True)
    active = [pair for pair in pairs if pair[1]["general"]["status"] == "active" and pair[1]["buy_box"]["markets"]]
    return {
        "offers": [
            *(_offer(id, status) for id, status in OFFERS.items()),
            *(_recent(*case, *pair, draw) for case, pair in zip(_RECENT, active, strict=False)),
        ],
        "listings": [samples.LISTING, *more, *special],
        "individuals": [_individual("ind_123", samples.CREATE_INDIVIDUAL), *buyers],
    }


def moved(world: dict[str, list[Document]], now: datetime) -> dict[str, list[Document]]:
    """Returns the world with records that are as old at `now` as these are at their reference. They move by whole
    days, and what the pages print does not move."""
    span = by_days(now)
    return {
        collection: [each if each["id"] in _PRINTED else shifted(each, span, _DATES) for each in records]
        for collection, records in world.items()
    }


def _day(days: int, draw: Draw) -> datetime:
    """Returns a time within American working hours, this many days before the reference."""
    day = REFERENCE - timedelta(days=days)
    return day.replace(hour=draw.randrange(14, 19), minute=draw.randrange(60), second=draw.randrange(60))


def _recent(
    status: str, days: int, changed: bool, expiry: int, listing: Document, buyer: Document, draw: Draw
) -> Document:
    """Returns an offer as calls and time would have made it."""
    created = _day(days, draw)
    asked = int(listing["pricing"]["asking_price"])
    body = {
        "listing_id": listing["id"],
        "individual_id": buyer["id"],
        "amount": asked * draw.randrange(84, 92) // 100_000 * 1000,
        "terms": {
            "inspection_period_days": draw.choice((5, 7, 10)),
            "close_of_escrow_days": draw.choice((14, 21, 30)),
        },
        "notes": draw.choice(_NOTES),
    }
    offer = behaviour.create(f"off_{letters(draw, 12)}", body, created)
    later = created + timedelta(hours=draw.randrange(2, 5))
    if changed:
        expires = {"expires_at": print_seconds(created + timedelta(days=expiry))} if expiry else {}
        offer = behaviour.updated(offer, {"amount": body["amount"] + 4000, **expires}, later)
    ended = later + timedelta(hours=draw.randrange(15, 20))
    match status:
        case "accepted":
            return behaviour.accepted(offer, {"accepted_at": print_seconds(ended)}, ended)
        case "rejected":
            return behaviour.rejected(offer, {"reason": draw.choice(("price_too_low", "other_offer"))}, ended)
        case "expired":
            return behaviour.ended(offer, EXPIRED, created + timedelta(days=expiry))
    return offer


def _offer(id: str, status: str) -> Document:
    """Returns the offer that the pages print, in one of its statuses. Time never changes it."""
    events = ["created", *([status] if status != "submitted" else [])]
    ended = _ENDED if status != "submitted" else _CREATED
    return {
        **{name: samples.OFFER_CREATED[name] for name in ("id", "listing_id", "individual_id", "amount")},
        "id": id,
        "status": status,
        "terms": samples.OFFER_CREATED["terms"],
        "notes": samples.CREATE_OFFER["notes"],
        "expires_at": _ENDED if status == EXPIRED else None,
        "accepted_at": _ENDED if status == ACCEPTED else None,
        "rejected_at": _ENDED if status == REJECTED else None,
        "reason": "price_too_low" if status == REJECTED else None,
        "history": [{"type": event, "at": _ENDED if event == status else _CREATED} for event in events],
        "created_at": _CREATED,
        "updated_at": ended,
        "sandbox": {"fate": None, "magic": False, "decision": None, "polls": None},
    }


def _listing(id: str, status: str, draw: Draw) -> Document:
    place, kind = draw.choice(_ELSEWHERE), draw.choice(_KINDS)
    address = {"street": street(draw), "city": place.city, "state": place.state, "zip": draw.choice(place.zips)}
    bedrooms = draw.randrange(2 if kind == "duplex" else 1, 6)
    square_feet = 350 + bedrooms * draw.randrange(28, 45) * 10
    created, updated = _day(draw.randrange(25, 90), draw), _day(draw.randrange(1, 25), draw)
    return {
        "id": id,
        "headline": f"{kind.replace('_', ' ').capitalize()} in {place.city}, {draw.choice(_SELLING_POINTS)}",
        "status": status,
        "address": address,
        "pricing": {
            "asking_price": square_feet * draw.randrange(150, 260) // 1000 * 1000,
            "assignment_fee": draw.randrange(5, 25) * 1000,
        },
        "property_details": {
            "property_type": kind,
            "bedrooms": bedrooms,
            "bathrooms": max(1, bedrooms - draw.randrange(3)),
            "square_feet": square_feet,
        },
        "metadata": {"source": "manual", "market": place.market},
        "created_at": print_seconds(created),
        "updated_at": print_seconds(updated),
    }


def _buyer(place: int, listing: Document, draw: Draw, fake: Any) -> Document:
    """Returns an individual who looks for a home like the listing. They differ in what else they look for and in
    how many addresses they have."""
    asked = _asked(listing, draw, fake)
    asked["general"]["status"] = "paused" if place == MORE - 1 else "active"
    buyer = _individual(f"ind_{_FIRST + place}", asked, print_seconds(_day(110 - 9 * place, draw)))
    box, [market] = buyer["buy_box"], buyer["buy_box"]["markets"]
    others = [each.market for each in US_PLACES if each.market != market]
    box["strategy"] = list(_STRATEGIES[: place % 3])
    if place == 1:  # has not said what to look for
        box |= {"markets": [], "property_types": []}
    elif place % 3 == 2:
        box["markets"] = [market, *draw.sample(others, 2)]
    name, _, host = buyer["general"]["email"].partition("@")
    labels = ("work", "assistant")[: place % 3]
    buyer["emails"] = [
        {
            "id": f"email_{letters(draw, 12)}",
            "email": f"{name}+{label}@{host}",
            "label": label,
            "is_primary": label == "work" and place % 2 == 1,
        }
        for label in labels
    ]
    return buyer


def _asked(listing: Document, draw: Draw, fake: Any) -> Document:
    """Returns the body of a createIndividual request for a buyer of homes like the listing."""
    first, last = fake.unique.first_name(), fake.last_name()
    place = next(each for each in US_PLACES if each.market == listing["metadata"]["market"])
    price, kind = listing["pricing"]["asking_price"], listing["property_details"]["property_type"]
    lowest = price * draw.randrange(50, 75) // 100_000 * 1000
    others = [each for each in _KINDS if each != kind]
    return {
        "general": {
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}@example.com".lower(),
            "phone": f"+1{place.area}555{draw.randrange(100, 200):04d}",
            "status": "active",
            "entity_type": "individual",
        },
        "buy_box": {
            "markets": [place.market],
            "property_types": sorted((kind, draw.choice(others))),
            "pricing": {"min": lowest, "max": price * draw.randrange(100, 140) // 100_000 * 1000},
        },
        "tags": draw.choice(([], ["vip"], ["repeat-buyer"])),
        "source": "manual",
    }


def _individual(id: str, sent: Document, created: str = _CREATED) -> Document:
    return {
        "id": id,
        "general": sent["general"],
        "buy_box": {**sent["buy_box"], "strategy": [], "preferences": {"occupancy": "vacant"}},
        "portfolio": None,
        "tags": sent["tags"],
        "source": sent["source"],
        "relationship_context": {},
        "emails": [],
        "created_at": created,
        "updated_at": created,
    }
