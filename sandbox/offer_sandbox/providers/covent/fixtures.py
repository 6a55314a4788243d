"""Builds Covent's initial records: the listing and individual that its pages print, and more from Faker."""

from typing import Any

from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.behaviour import ACCEPTED, EXPIRED, FATES, REJECTED
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, faker, seeded_rng

MORE = 10
DRAFT = "lst_draft"
OFFERS = {"off_123": "submitted", "off_accepted": ACCEPTED, "off_rejected": REJECTED, "off_expired": EXPIRED}
_FIRST = 124
_PLACES = (("Phoenix", "AZ", "phoenix-az"), ("Mesa", "AZ", "mesa-az"), ("Austin", "TX", "austin-tx"))
_KINDS = ("single_family", "duplex", "condo", "townhouse")
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
            *(_individual(f"ind_{number}", _buyer(draw, fake)) for number in range(_FIRST, _FIRST + MORE)),
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
    city, state, market = draw.choice(_PLACES)
    kind = draw.choice(_KINDS)
    day = f"2026-{draw.randrange(1, 5):02d}-{draw.randrange(1, 28):02d}"
    return {
        "id": id,
        "headline": f"{kind.replace('_', ' ').capitalize()} near {fake.street_name()}",
        "status": status,
        "address": {"street": fake.street_address(), "city": city, "state": state, "zip": fake.postcode()},
        "pricing": {
            "asking_price": draw.randrange(180, 620) * 1000,
            "assignment_fee": draw.randrange(5, 25) * 1000,
        },
        "property_details": {
            "property_type": kind,
            "bedrooms": draw.randrange(1, 6),
            "bathrooms": draw.randrange(1, 4),
            "square_feet": draw.randrange(70, 320) * 10,
        },
        "metadata": {"source": "manual", "market": market},
        "created_at": f"{day}T09:00:00Z",
        "updated_at": f"{day}T{draw.randrange(9, 18):02d}:30:00Z",
    }


def _buyer(draw: Draw, fake: Any) -> Document:
    """Returns the body of a createIndividual request."""
    first, last = fake.first_name(), fake.last_name()
    lowest = draw.randrange(100, 300) * 1000
    return {
        "general": {
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}@example.com".lower(),
            "phone": f"+1480555{draw.randrange(100, 200):04d}",
            "status": draw.choice(("active", "active", "paused")),
            "entity_type": "individual",
        },
        "buy_box": {
            "markets": [draw.choice(_PLACES)[2]],
            "property_types": sorted(draw.sample(_KINDS, 2)),
            "pricing": {"min": lowest, "max": lowest + draw.randrange(100, 400) * 1000},
        },
        "tags": draw.choice(([], ["vip"], ["repeat-buyer"])),
        "source": "manual",
    }


def _individual(id: str, sent: Document) -> Document:
    return {
        "id": id,
        "general": sent["general"],
        "buy_box": {**sent["buy_box"], "strategy": [], "preferences": {"occupancy": "vacant"}},
        "portfolio": None,
        "tags": sent["tags"],
        "source": sent["source"],
        "relationship_context": {},
        "emails": [],
        "created_at": _CREATED,
        "updated_at": _CREATED,
    }
