"""Builds EstatePrime's initial records: the two offers of its page, and a market of Greek offices around them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from offer_sandbox.providers.estateprime import market_records
from offer_sandbox.providers.estateprime.market import STORES, Market, Property
from offer_sandbox.providers.estateprime.market_records import recent_ids
from offer_sandbox.providers.estateprime.names import (
    CASH_NOTES,
    HOME_NOTES,
    LOAN_NOTES,
    OFFER_NOTES,
    RENT_NOTES,
    SALE_NOTES,
)
from offer_sandbox.providers.estateprime.negotiation import Negotiation, working_time
from offer_sandbox.providers.estateprime.samples import OFFER_54, OFFER_57
from offer_sandbox.providers.estateprime.schemas import STATUSES
from offer_sandbox.world.collection import Document
from offer_sandbox.world.dates import by_workdays, shifted
from offer_sandbox.world.rng import Draw, seeded_rng

FIXED = 400  # the offers whose times do not depend on the clock
SAMPLE_MATCHES = 127
FIRST_IDS = {1: "draft", 2: "accepted", 3: "rejected", 4: "withdrawn"}  # the same for every seed
_PRINTED = {offer["id"]: offer for offer in (OFFER_54, OFFER_57)}
_SAMPLE_STORE = 2
_SAMPLE_SINCE = "2025-01-01 00:00:00"
_STATUS_WEIGHTS = (2, 4, 4, 4, 4, 3)  # of STATUSES, for offers that the sample filter does not match
_SPANS = (  # the last id of a span, and the days in which its offers are created, from the first to the last
    (53, "2023-02-01", "2025-03-04"),
    (54, "2025-03-05", "2025-03-05"),
    (56, "2025-03-06", "2025-03-08"),
    (57, "2025-03-10", "2025-03-10"),
    (FIXED, "2025-03-11", "2026-03-20"),
)
_LIMIT = datetime(2026, 3, 27, 19, 0)  # noqa: DTZ001 - wall time in Athens
_FIRST_ROUND = 101  # the id of the first round that is not printed
_UNNEGOTIATED = ("draft", "submitted")
_UNDECIDED = (*_UNNEGOTIATED, "under_negotiation")
_LONG_ENOUGH = timedelta(days=8)  # for a negotiation
_EARLY = 5  # an offer of the sample's store and status that its range of dates leaves out
_REFERENCE = datetime(2026, 4, 17)  # noqa: DTZ001 - the day for which the recent offers are built
_RECENT_LIMIT = _REFERENCE - timedelta(hours=5)
_DATES = ("date_created", "date_updated", "status_date", "deposit_date", "date_converted_to_client")
_RECENT_DAYS = (20, 18, 17, 16, 14, 13, 13, 11, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2, 1, 1)  # before the reference


def build(seed: int) -> dict[str, list[Document]]:
    """Returns offers 1 to 420 in the order of their creation, and what they point at. 127 of them match the page's
    sample filter. The last twenty are recent, see `moved`."""
    draw = seeded_rng(seed, "estateprime", "fixtures")
    market = Market(draw)
    times = [*_times(draw), *sorted(working_time(draw, _REFERENCE - timedelta(days=age)) for age in _RECENT_DAYS)]
    free = [id for id in range(55, FIXED + 1) if id not in _PRINTED]
    negotiated = {_EARLY, *draw.sample(free, SAMPLE_MATCHES - 1)}
    offers: list[Document] = []
    for id, created in enumerate(times, 1):
        if id == FIXED + 1:
            market.close()
        offers.append(_PRINTED.get(id) or _offer(id, created, id in negotiated, market))
    _number(offers)
    return {"offers": offers, **market_records.build(offers, market, seed, _RECENT_LIMIT)}


def _number(offers: list[Document]) -> None:
    """Gives the rounds ids that follow time. Those of the printed offers have theirs."""
    rounds = [each for offer in offers if offer["id"] not in _PRINTED for each in offer["rounds"]]
    rounds.sort(key=lambda each: str(each["date_created"]))
    for id, each in enumerate(rounds, _FIRST_ROUND):
        each["id"] = id


def moved(world: dict[str, list[Document]], now: datetime) -> dict[str, list[Document]]:
    """Returns the world with the recent offers as recent at `now`, and what only they point at. They move by
    working days, so the newest is at most three days old."""
    move = by_workdays(now)
    recent = {"offers": {*range(FIXED + 1, len(world["offers"]) + 1)}, **recent_ids(world, FIXED + 1)}
    return {
        name: [shifted(each, move, _DATES) if each["id"] in recent[name] else each for each in records]
        for name, records in world.items()
    }


def _times(draw: Draw) -> Iterator[datetime]:
    """Yields the time of each offer, ascending."""
    id = 0
    for last, first_day, last_day in _SPANS:
        begin, end = datetime.fromisoformat(first_day), datetime.fromisoformat(last_day)
        days = [begin + timedelta(days=draw.randint(0, (end - begin).days)) for _ in range(last - id)]
        yield from sorted(min(working_time(draw, day), end.replace(hour=18)) for day in days)
        id = last


def _offer(id: int, created: datetime, negotiated: bool, market: Market) -> Document:
    """Returns an offer. A `negotiated` one has the store and the status of the sample filter."""
    draw = market.draw
    store = _SAMPLE_STORE if negotiated else draw.choice(STORES)
    limit = _LIMIT if id <= FIXED else _RECENT_LIMIT
    status = "under_negotiation" if negotiated else _status(id, store, created, limit, draw)
    wanted = market.wanted(store, created, id, status == "accepted")
    price = wanted.price_at(created)
    creator = market.user(store)
    negotiation = Negotiation(market, wanted, created, limit, creator)
    negotiation.run(status)
    wanted.undecided += status in _UNDECIDED
    request, contacts = market.buyer(store)
    outside = draw.random() < 0.1
    loan = 0 if wanted.rented else draw.choice((0, 0, 30, 50, 70, 80))
    return {
        "id": id,
        "status": status,
        "is_active": status not in ("rejected", "withdrawn"),
        "request_id": None if outside or draw.random() < 0.15 else request,
        "store_id": store,
        "created_by": creator,
        "date_created": created.isoformat(" "),
        "date_updated": _updated(created, negotiation.rounds, draw),
        "currency": "EUR",
        "current_listing_price": price,
        "loan_percentage": loan,
        "notes": draw.choice(_notes(wanted, loan)) if draw.random() < 0.4 else None,
        "external_contact": outside,
        "listing": wanted.shown(price),
        "contacts": [] if outside else list(contacts),
        "rounds": negotiation.rounds,
    }


def _notes(wanted: Property, loan: int) -> tuple[str, ...]:
    """Returns the notes that fit an offer."""
    if wanted.rented:
        return OFFER_NOTES + RENT_NOTES
    paid = LOAN_NOTES if loan else CASH_NOTES
    return OFFER_NOTES + SALE_NOTES + paid + (HOME_NOTES if wanted.home else ())


def _status(id: int, store: int, created: datetime, limit: datetime, draw: Draw) -> str:
    """Returns the status of an offer that the sample filter does not match. A new offer is not negotiated yet."""
    status = FIRST_IDS.get(id) or draw.choices(STATUSES, _STATUS_WEIGHTS)[0]
    if limit - created < _LONG_ENOUGH and status not in _UNNEGOTIATED:
        return "submitted"
    sampled = store == _SAMPLE_STORE and created.isoformat(" ") >= _SAMPLE_SINCE
    return "submitted" if sampled and status == "under_negotiation" else status


def _updated(created: datetime, rounds: list[Document], draw: Draw) -> str:
    """Returns the time of the last change: the last round, or an edit in the hours after it."""
    last = max([created, *(datetime.fromisoformat(each["date_created"]) for each in rounds)])
    edited = last + timedelta(minutes=draw.choice((0, 0, 0, 20, 45)))
    return edited.isoformat(" ")
