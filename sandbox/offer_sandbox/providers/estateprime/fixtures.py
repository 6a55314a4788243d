"""Builds EstatePrime's initial records: 400 offers, two printed on its page and the others from Faker."""

from datetime import datetime, timedelta
from typing import Any

from offer_sandbox.providers.estateprime.samples import OFFER_54, OFFER_57
from offer_sandbox.providers.estateprime.schemas import AVAILABILITIES, CATEGORIES, STATUSES
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, faker, seeded_rng

COUNT = 400
SAMPLE_MATCHES = 127
FIRST_IDS = {1: "draft", 2: "accepted", 3: "rejected", 4: "withdrawn"}  # the same for every seed
_FIRST_MATCH = 54
_SAMPLE_STORE = 2
_MIDDLE = ("counter_offer", "buyer_revision")
_ENDINGS = ("accepted", "rejected", "withdrawn")


def build(seed: int) -> dict[str, list[Document]]:
    """Returns offers 1 to 400. From offer 54 on, 127 of them match the page's sample filter."""
    fake, draw = faker(seed, "estateprime"), seeded_rng(seed, "estateprime", "fixtures")
    free = [id for id in range(_FIRST_MATCH + 1, COUNT + 1) if id != OFFER_57["id"]]
    matching = set(draw.sample(free, SAMPLE_MATCHES - 1))
    printed = {offer["id"]: offer for offer in (OFFER_54, OFFER_57)}
    offers = [printed.get(id) or _offer(id, id in matching, draw, fake) for id in range(1, COUNT + 1)]
    return {"offers": offers}


def _offer(id: int, matching: bool, draw: Draw, fake: Any) -> Document:
    status = "under_negotiation" if matching else FIRST_IDS.get(id) or draw.choice(STATUSES)
    year = 2025 if matching else draw.choice((2022, 2023, 2024, 2025))
    store = _SAMPLE_STORE if matching else draw.choice((1, 3, 4, 5))
    created = datetime(year, 1, 1) + timedelta(minutes=draw.randrange(60 * 24 * 330))  # noqa: DTZ001 - wall time
    price = draw.randrange(60, 700) * 1000
    user = draw.randrange(1, 12)
    rounds = _rounds(id, status, created, price, user, draw)
    updated = max([created.isoformat(" "), *(each["date_created"] for each in rounds)])
    external_contact = draw.random() < 0.1
    return {
        "id": id,
        "status": status,
        "is_active": status not in ("rejected", "withdrawn"),
        "request_id": draw.choice((None, draw.randrange(1, 300))),
        "store_id": store,
        "created_by": user,
        "date_created": created.isoformat(" "),
        "date_updated": updated,
        "currency": "EUR",
        "current_listing_price": price,
        "loan_percentage": draw.choice((0, 0, 30, 50, 80)),
        "notes": draw.choice((None, fake.sentence())),
        "external_contact": external_contact,
        "listing": _external(id, price, draw, fake) if draw.random() < 0.25 else _internal(draw),
        "contacts": [] if external_contact else sorted(draw.sample(range(1, 200), draw.choice((1, 2)))),
        "rounds": rounds,
    }


def _internal(draw: Draw) -> Document:
    return {"external": False, "listing_id": draw.randrange(100, 400)}


def _external(id: int, price: int, draw: Draw, fake: Any) -> Document:
    return {
        "external": True,
        "address": f"{fake.last_name()} {draw.randrange(1, 120)}, Athens",
        "price": price,
        "owner_name": fake.name(),
        "listing_code": f"EXT-{id:05d}",
        "availability": draw.choice(AVAILABILITIES),
        "category": draw.choice(CATEGORIES),
        "subcategory": draw.choice(("apartment", None)),
        "size": f"{draw.randrange(30, 300)}.{draw.choice(('00', '50'))}",
        "area_level1": draw.randrange(1, 14),
        "area_level2": draw.randrange(1, 60),
        "area_level3": draw.choice((None, draw.randrange(1, 200))),
        "listing_link": f"https://portal.example.com/listing/{id}",
        "notes": None,
    }


def _rounds(id: int, status: str, created: datetime, price: int, user: int, draw: Draw) -> list[Document]:
    """Returns the negotiation that results in a status. Round ids are unique across all offers."""
    if status == "draft":
        kinds: list[str] = []
    elif status == "submitted":
        kinds = draw.choice((["offer_submitted"], []))
    else:
        kinds = ["offer_submitted", *draw.sample(_MIDDLE, draw.choice((1, 2)))]
    kinds += [status] if status in _ENDINGS else []
    return [
        {
            "id": id * 10 + index,
            "type": kind,
            "amount": price * (88 + 3 * index) // 100,
            "current_listing_price": price,
            "notes": None,
            "created_by": user,
            "date_created": (created + timedelta(days=3 * index)).isoformat(" "),
        }
        for index, kind in enumerate(kinds)
    ]
