"""Builds Sibi's initial records: a new offer, `offer-123`, one offer in each of the eight statuses, and more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from offer_sandbox.providers.sibi.behaviour import (
    AWAITING,
    BOUGHT_OUT,
    CANCELED,
    EXPIRED,
    GENERATING,
    ORDERED,
    PENDING,
    begun,
    create,
    credited,
    in_status,
)
from offer_sandbox.providers.sibi.behaviour import (
    moved as next_status,
)
from offer_sandbox.providers.sibi.provider import provider
from offer_sandbox.providers.sibi.schemas import STATUSES
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Document
from offer_sandbox.world.dates import REFERENCE, by_days, shifted
from offer_sandbox.world.rng import Draw, faker, letters, seeded_rng
from offer_sandbox.world.us_places import US_PLACES, street

_DISHWASHER, _WASHER, _FRONT_LOADER = "GDF511PGRBB", "GTW465ASNWW", "GFW550SSNWW"
_RANGE, _REFRIGERATOR, _DRYER, _MICROWAVE = "JGBS66REKSS", "GNE27JYMFS", "GTD42EASJWW", "JVM3160RFSS"
_STEP = timedelta(seconds=3)  # from creation to the search for upsells, and to the sending
_CANCELS_AFTER = timedelta(hours=20)


@dataclass(frozen=True)
class _Case:
    """An initial offer. Only people, places and times of day depend on the seed.

    `days` is its age at the reference. `addons` are covered by the warranty. `option` and `chosen` are the
    offering and the add-ons that were chosen. `cancellation` is the status of a request to cancel the order.
    """

    status: str
    days: int
    sku: str
    addons: tuple[str, ...] = ("M007",)
    unit: str = ""
    buyout: bool = True
    credit: int = 0
    upsells: bool = True
    send: bool = True
    job: bool = True
    one_line: bool = True
    option: int = 1
    chosen: tuple[str, ...] = ()
    cancellation: str = ""


_OF_STATUSES = {
    PENDING: _Case(PENDING, 1, _DISHWASHER),
    GENERATING: _Case(GENERATING, 1, _REFRIGERATOR, ("M007", "M402")),
    AWAITING: _Case(AWAITING, 3, _WASHER, unit="Apt 12"),
    CANCELED: _Case(CANCELED, 9, _RANGE),
    BOUGHT_OUT: _Case(BOUGHT_OUT, 6, _DRYER, unit="Unit B"),
    ORDERED: _Case(ORDERED, 5, _DISHWASHER),
    EXPIRED: _Case(EXPIRED, 38, _REFRIGERATOR, unit="Apt 7"),
    "unknown": _Case("unknown", 12, _WASHER),
}
_MORE = (
    _Case(AWAITING, 1, _REFRIGERATOR, ("M007", "M021", "M402"), credit=10_000),
    _Case(AWAITING, 7, _FRONT_LOADER, ("M007", "M021"), unit="Apt 3", buyout=False),
    _Case(AWAITING, 14, _RANGE, (), job=False, upsells=False),
    _Case(AWAITING, 28, _MICROWAVE, buyout=False, one_line=False),
    _Case(PENDING, 2, _DRYER, send=False, unit="Unit 204"),
    _Case(ORDERED, 2, _REFRIGERATOR, ("M007", "M402"), chosen=("haul-away",), cancellation="pending"),
    _Case(ORDERED, 4, _WASHER, (), option=0, buyout=False, cancellation="approved"),
    _Case(ORDERED, 8, _WASHER, ("M007", "M021"), option=2, credit=5_000, unit="Apt 31"),
    _Case(ORDERED, 11, _FRONT_LOADER, option=2, chosen=("haul-away", "water-line-kit"), job=False),
    _Case(ORDERED, 13, _RANGE, upsells=False, option=0, send=False, cancellation="denied"),
    _Case(ORDERED, 19, _DISHWASHER, ("M007", "M021", "M435"), credit=7_500, unit="Unit C"),
    _Case(ORDERED, 24, _DRYER, send=False, buyout=False, cancellation="canceled"),
    _Case(BOUGHT_OUT, 10, _RANGE, (), send=False),
    _Case(BOUGHT_OUT, 21, _MICROWAVE, job=False),
    _Case(CANCELED, 16, _DRYER, (), upsells=False, buyout=False, job=False),
    _Case(EXPIRED, 45, _DISHWASHER, buyout=False, credit=4_000),
    _Case(EXPIRED, 61, _FRONT_LOADER, ("M007", "M021"), unit="Apt 9"),
)


def offer_id(status: str) -> str:
    """Returns the id of the initial offer in a status, such as `offer-awaiting-customer`."""
    return f"offer-{status.replace('_', '-')}"


def build(seed: int) -> dict[str, list[Document]]:
    """Returns 26 offers. Only those that await the customer change with time: they expire. The dates are those at
    2026-04-17T19:45:00Z, see `moved`."""
    fake, draw = faker(seed, "sibi"), seeded_rng(seed, "sibi", "fixtures")
    cases = {"offer-123": _OF_STATUSES[PENDING]}
    cases |= {offer_id(status): _OF_STATUSES[status] for status in STATUSES}
    cases |= {f"offer-{letters(draw, 12)}": case for case in _MORE}
    jobs = draw.sample(range(1000, 10_000), len(cases))
    return {
        "offers": [
            _offer(id, case, "ext-123" if id == "offer-123" else f"job-{job}", draw, fake)
            for (id, case), job in zip(cases.items(), jobs, strict=True)
        ]
    }


def moved(world: dict[str, list[Document]], now: datetime) -> dict[str, list[Document]]:
    """Returns the world with offers that are as old at `now` as these are at their reference. They move by whole
    days, so that a reset on the same day brings the same world."""
    move, dates = by_days(now), ("offerSentAt", "requestedAt", "due")
    return {"offers": [shifted(offer, move, dates) for offer in world["offers"]]}


def _offer(id: str, case: _Case, job: str, draw: Draw, fake: Any) -> Document:
    """Returns an offer as calls and time would have made it."""
    day = REFERENCE - timedelta(days=case.days)
    created = day.replace(hour=draw.randrange(14, 19), minute=draw.randrange(60), second=draw.randrange(60))
    made = credited(create(id, _asked(case, job, draw, fake), created), case.credit)
    if not case.one_line:
        made = {**made, "fullAddress": None}
    if case.status == AWAITING:
        return _awaiting(made, created)
    if case.status in (PENDING, GENERATING, "unknown"):
        return in_status(_with(made, arrived=not case.send), case.status, created)
    sent = in_status(_with(made, **_answer(id, case, created)), AWAITING, created + 2 * _STEP)
    return in_status(sent, case.status, created)


def _awaiting(made: Document, created: datetime) -> Document:
    """Returns a new offer after its upsells have arrived and it was sent. It expires."""
    offer = begun(made, {name: pace for name, pace in provider.progressions.items() if pace}, created)
    while offer["status"] != AWAITING:
        created += _STEP
        offer = next_status(offer, created)
    return offer


def _answer(id: str, case: _Case, created: datetime) -> Document:
    """Returns what the sandbox stores of an answer: an unusual choice, and a request to cancel the order."""
    stored: Document = {}
    if case.chosen or (case.upsells and case.option != 1):
        add_ons = [{"id": f"addon-{case.sku}-{name}", "quantity": 1} for name in case.chosen]
        stored["choice"] = {"option": case.option, "addons": add_ons}
    if case.cancellation:
        request = {
            "orderId": id.replace("offer-", "order-", 1),
            "requestedAt": print_seconds(created + _CANCELS_AFTER),
            "cancellationStatus": case.cancellation,
            "cancellationReason": "Customer changed their mind",
        }
        stored["cancellations"] = [request]
    return stored


def _with(offer: Document, **stored: Any) -> Document:
    return {**offer, "sandbox": {**offer["sandbox"], **stored}}


def _asked(case: _Case, job: str, draw: Draw, fake: Any) -> Document:
    """Returns the body of a createOffer request."""
    first, last = fake.unique.first_name(), fake.last_name()
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
            "line2": case.unit or None,
            "city": place.city,
            "stateOrProvince": place.state,
            "postalCode": draw.choice(place.zips),
        },
        "product": {"sku": case.sku, "addons": [{"sku": sku, "quantity": 1} for sku in case.addons]},
        "externalJobID": job if case.job else None,
        "buyoutAmount": draw.randrange(30, 60) * 1000 if case.buyout else None,
        "includeUpsells": case.upsells,
        "sendOfferImmediately": case.send,
    }
