"""Builds Covent's initial records: the listing and individual that its pages print, and more from Faker."""

from typing import Any

from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.behaviour import ACCEPTED, EXPIRED, FATES, REJECTED
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, faker, seeded_rng
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


def build(seed: int) -> dict[str, list[Document]]:
    """Returns the printed listing and individual, and more records around them.

    These are ten listings, ten individuals, a draft listing, three magic listings and an offer in each status.
    """
    fake, draw = faker(seed, "covent"), seeded_rng(seed, "covent", "fixtures")
    more = [_listing(f"lst_{number}", "active", draw, fake) for number in range(_FIRST, _FIRST + MORE)]
    special = [_listing(id, "active", draw, fake) for id in FATES]
    return {
        "offers": [_offer(id, status) for id, status in OFFERS.items()],
        "listings": [samples.LISTING, *more, _listing(DRAFT, "draft", draw, fake), *special],
        "individuals": [
            _individual("ind_123", samples.CREATE_INDIVIDUAL),
            *(
                _individual(f"ind_{number}", _buyer(draw, fake), _earlier(draw))
                for number in range(_FIRST, _FIRST + MORE)
            ),
        ],
    }


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
        "history": [{"type": event, "at": at} for event, at in zip(events, (_CREATED, _ENDED), strict=False)],
        "created_at": _CREATED,
        "updated_at": ended,
        "sandbox": {"fate": None, "magic": False, "decision": None, "polls": None},
    }


def _listing(id: str, status: str, draw: Draw, fake: Any) -> Document:
    place, kind = draw.choice(US_PLACES), draw.choice(_KINDS)
    address = {"street": street(draw), "city": place.city, "state": place.state, "zip": draw.choice(place.zips)}
    bedrooms = draw.randrange(2 if kind == "duplex" else 1, 6)
    day = f"2026-{draw.randrange(1, 5):02d}-{draw.randrange(1, 28):02d}"
    return {
        "id": id,
        "headline": f"{kind.replace('_', ' ').capitalize()} in {place.city}, {draw.choice(_SELLING_POINTS)}",
        "status": status,
        "address": address,
        "pricing": {
            "asking_price": draw.randrange(180, 620) * 1000,
            "assignment_fee": draw.randrange(5, 25) * 1000,
        },
        "property_details": {
            "property_type": kind,
            "bedrooms": bedrooms,
            "bathrooms": max(1, bedrooms - draw.randrange(3)),
            "square_feet": 350 + bedrooms * draw.randrange(28, 45) * 10,
        },
        "metadata": {"source": "manual", "market": place.market},
        "created_at": f"{day}T09:00:00Z",
        "updated_at": f"{day}T{draw.randrange(9, 18):02d}:30:00Z",
    }


def _buyer(draw: Draw, fake: Any) -> Document:
    """Returns the body of a createIndividual request."""
    first, last = fake.first_name(), fake.last_name()
    place, lowest = draw.choice(US_PLACES), draw.randrange(100, 300) * 1000
    return {
        "general": {
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}@example.com".lower(),
            "phone": f"+1{place.area}555{draw.randrange(100, 200):04d}",
            "status": draw.choice(("active", "active", "paused")),
            "entity_type": "individual",
        },
        "buy_box": {
            "markets": [place.market],
            "property_types": sorted(draw.sample(_KINDS, 2)),
            "pricing": {"min": lowest, "max": lowest + draw.randrange(100, 400) * 1000},
        },
        "tags": draw.choice(([], ["vip"], ["repeat-buyer"])),
        "source": "manual",
    }


def _earlier(draw: Draw) -> str:
    """Returns a time within working hours of the months before the documentation's offer."""
    day = f"2026-{draw.randrange(1, 4):02d}-{draw.randrange(1, 28):02d}"
    return f"{day}T{draw.randrange(15, 23)}:{draw.randrange(0, 60):02d}:00Z"


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
