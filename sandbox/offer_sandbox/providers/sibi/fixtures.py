"""Builds Sibi's initial records: a new offer, `offer-123`, and one offer in each of the eight statuses."""

from datetime import timedelta
from typing import Any

from offer_sandbox.providers.sibi.behaviour import AWAITING, EXPIRED, PENDING, create, in_status
from offer_sandbox.providers.sibi.provider import EXPIRY_DAYS
from offer_sandbox.providers.sibi.schemas import STATUSES
from offer_sandbox.world.clock import parse_instant
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, faker, seeded_rng
from offer_sandbox.world.us_places import US_PLACES, street

_CREATED = parse_instant("2024-01-20T12:00:00Z")
_SENT = parse_instant("2024-01-20T12:00:06Z")
_SKUS = ("GDF511PGRBB", "GTW465ASNWW", "JGBS66REKSS", "GNE27JYMFS", "GTD42EASJWW")


def offer_id(status: str) -> str:
    """Returns the id of the initial offer in a status, such as `offer-awaiting-customer`."""
    return f"offer-{status.replace('_', '-')}"


def build(seed: int) -> dict[str, list[Document]]:
    """Returns nine offers. Time never changes them."""
    fake, draw = faker(seed, "sibi"), seeded_rng(seed, "sibi", "fixtures")
    fresh = create("offer-123", {**_asked(draw, fake), "externalJobID": "ext-123"}, _CREATED)
    offers = [_offer(status, draw, fake) for status in STATUSES]
    return {"offers": [fresh, *offers]}


def _offer(status: str, draw: Draw, fake: Any) -> Document:
    offer = create(offer_id(status), _asked(draw, fake), _CREATED)
    if status == EXPIRED:
        return in_status(in_status(offer, AWAITING, _SENT), status, _SENT + timedelta(days=EXPIRY_DAYS))
    return offer if status == PENDING else in_status(offer, status, _SENT)


def _asked(draw: Draw, fake: Any) -> Document:
    """Returns the body of a createOffer request."""
    first, last = fake.first_name(), fake.last_name()
    place = draw.choice(US_PLACES)
    return {
        "customer": {
            "firstName": first,
            "lastName": last,
            "email": f"{first}.{last}@example.com".lower(),
            "phone": f"+1 ({place.area}) 555-{draw.randrange(100, 200):04d}",
        },
        "address": {
            "line1": street(draw),
            "line2": draw.choice((None, None, f"Apt {draw.randrange(1, 40)}", f"Unit {draw.choice('ABCD')}")),
            "city": place.city,
            "stateOrProvince": place.state,
            "postalCode": draw.choice(place.zips),
        },
        "product": {"sku": draw.choice(_SKUS), "addons": [{"sku": "M007", "quantity": 1}]},
        "externalJobID": f"job-{draw.randrange(1000, 10000)}",
        "buyoutAmount": draw.randrange(30, 60) * 1000,
    }
