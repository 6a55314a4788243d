"""Builds Opendoor's initial records: the walkthrough's two requests, and more homes from Faker."""

from datetime import UTC, datetime, timedelta
from typing import Any

from offer_sandbox.contract import Progression
from offer_sandbox.providers.opendoor import behaviour
from offer_sandbox.providers.opendoor.denials import DENIALS
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, faker, seeded_rng, uuid4
from offer_sandbox.world.us_places import US_PLACES, street

PENDING_ID = "e4ee693f-2648-4406-b046-d40c18359f56"
OFFERED_ID = "4b231de1-3916-402b-9357-2128ec67a08b"
_NOW = datetime(2026, 4, 17, 19, 45, tzinfo=UTC)
_EXPIRATION = "2099-12-31T00:00:00.000Z"
_AT_ONCE = Progression(progression="immediate")
_DENIED_FOR = ("FIRE_DAMAGE", "VALUATION_TOO_LOW", "FLOOD_ZONE", "OWNED_BY_OPENDOOR")


def build(seed: int) -> dict[str, list[Document]]:
    """Returns the two documented requests, then ten others: pending, offered and denied."""
    fake, draw = faker(seed, "opendoor"), seeded_rng(seed, "opendoor", "addresses")
    post_street = {"street1": "1 Post St", "city": "San Francisco", "state": "CA", "postalCode": "94104"}
    documented = [
        behaviour.create(PENDING_ID, post_street, None, _NOW).record,
        _offered(seed, OFFERED_ID, post_street, fake),
    ]
    ids = [uuid4(seeded_rng(seed, "opendoor", "fixtures", index)) for index in range(10)]
    pending = [behaviour.create(id, _address(draw), None, _NOW).record for id in ids[:3]]
    offered = [_offered(seed, id, _address(draw), fake) for id in ids[3:6]]
    denied = [_denied(id, code, draw) for id, code in zip(ids[6:], _DENIED_FOR, strict=True)]
    return {"offerRequests": [*documented, *pending, *offered, *denied]}


def _address(draw: Draw) -> Document:
    place = draw.choice(US_PLACES)
    return {
        "street1": street(draw),
        "city": place.city,
        "state": place.state,
        "postalCode": draw.choice(place.zips),
    }


def _answers(fake: Any) -> Document:
    return {
        "sellerFullName": fake.name(),
        "sellerEmail": fake.ascii_safe_email(),
        "homeBedrooms": fake.random_int(2, 5),
        "homeAboveGradeSqFt": fake.random_int(900, 3200),
        "homeYearBuilt": fake.random_int(1965, 2020),
    }


def _offered(seed: int, id: str, address: Document, fake: Any) -> Document:
    """Returns a request with an offer that is open until the end of 2099.

    Its expiry is not scheduled, since time never changes fixture records.
    """
    request = behaviour.create(id, address, None, _NOW).record
    submitted = behaviour.update(request, _answers(fake), None, _NOW + timedelta(minutes=5)).record
    offered = behaviour.evaluate(submitted, _AT_ONCE, seed, _NOW + timedelta(minutes=6))
    dates = {
        "expirationAt": _EXPIRATION,
        "expiresAt": _EXPIRATION,
        "expirationAtDisplayDate": _EXPIRATION[:10],
    }
    return {
        **offered,
        "offerData": {**offered["offerData"], **dates},
        "sandbox": {**offered["sandbox"], "due": None},
    }


def _denied(id: str, code: str, draw: Draw) -> Document:
    assert code in DENIALS
    request = behaviour.create(id, _address(draw), None, _NOW).record
    return behaviour.deny(request, code, _NOW + timedelta(minutes=5))
