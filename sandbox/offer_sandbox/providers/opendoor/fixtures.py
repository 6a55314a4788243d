"""Builds Opendoor's initial records: the walkthrough's two requests, and homes in every status around them."""

from datetime import datetime, timedelta
from typing import Any

from offer_sandbox.contract import Progression
from offer_sandbox.providers.opendoor import behaviour
from offer_sandbox.providers.opendoor.closing import REPAIR_CENTS
from offer_sandbox.providers.opendoor.magic import FOREVER, Wish
from offer_sandbox.providers.opendoor.stages import EXPIRED
from offer_sandbox.world.clock import print_instant
from offer_sandbox.world.collection import Document
from offer_sandbox.world.dates import REFERENCE, by_days, by_time, shifted
from offer_sandbox.world.rng import Draw, faker, seeded_rng, uuid4
from offer_sandbox.world.us_places import US_PLACES, street

PENDING_ID = "e4ee693f-2648-4406-b046-d40c18359f56"
OFFERED_ID = "4b231de1-3916-402b-9357-2128ec67a08b"
_POST_STREET = {"street1": "1 Post St", "city": "San Francisco", "state": "CA", "postalCode": "94104"}
_AT_ONCE = Progression(progression="immediate")
_SENT = timedelta(days=2)  # the age of the walkthrough's offer
_ANSWERED = timedelta(minutes=5)  # from the creation of a request to the answers
_EVALUATED = timedelta(minutes=6)  # to the offer or the denial
_OPEN_DAYS = (1, 3, 5)  # the ages of open offers
_EXPIRED_DAYS = (9, 30)  # the ages of expired offers
_LATER_DAYS = (  # by age, the days after the offer at which something happened
    (4, {"handoverAt": 1}),
    (13, {"handoverAt": 1, "underwritingCompletedAt": 3, "enteredContractAt": 5, "coeDate": 35}),
    (22, {"handoverAt": 2, "withdrawnAt": 4}),
    (64, {"handoverAt": 1, "underwritingCompletedAt": 4, "enteredContractAt": 6, "coeDate": 36, "closedAt": 36}),
)
_DATES = frozenset(
    (
        "sentAt", "expirationAt", "expiresAt", "deniedAt", "createdAt", "submittedAt",
        "due", *(name for _, later in _LATER_DAYS for name in later),
    )
)  # fmt: skip


def build(seed: int) -> dict[str, list[Document]]:
    """Returns the two documented requests, then requests in every status. Time changes only the open offers, which
    expire. The dates are those at 2026-04-17T19:45:00Z, see `moved`."""
    return {"offerRequests": _Requests(seed).built()}


def moved(world: dict[str, list[Document]], now: datetime) -> dict[str, list[Document]]:
    """Returns the world with requests that are as old at `now` as these are at their reference.

    The walkthrough's offer is exactly two days old. The other requests move by whole days.
    """
    exactly, days = by_time(now), by_days(now)
    requests = [
        shifted(each, exactly if each["opendoorOfferRequestId"] == OFFERED_ID else days, _DATES)
        for each in world["offerRequests"]
    ]
    return {"offerRequests": [_dated(each) for each in requests]}


def _dated(request: Document) -> Document:
    """Returns the request with the day of its expiry derived from the time, which may have passed midnight."""
    data = request["offerData"]
    return {
        **request,
        "offerData": data and {**data, "expirationAtDisplayDate": data["expirationAt"][:10]},
    }


class _Requests:
    """The requests of one seed, made as calls and time would have made them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._fake, self._draw = faker(seed, "opendoor"), seeded_rng(seed, "opendoor", "addresses")
        self._made = 0

    def built(self) -> list[Document]:
        """Returns all requests."""
        return [
            behaviour.create(PENDING_ID, _POST_STREET, None, REFERENCE - _SENT).record,
            self._offered(REFERENCE - _SENT - _EVALUATED, OFFERED_ID, _POST_STREET),
            *(self._created(self._day(days)) for days in (0, 1)),
            self._updated(self._created(self._day(2)), {"homeBedrooms": 3, "homeAboveGradeSqFt": 1640}),
            self._evaluating(),
            *(self._offered(self._day(days)) for days in _OPEN_DAYS),
            *(_expired(self._offered(self._day(days))) for days in _EXPIRED_DAYS),
            *(_later(self._offered(self._day(days)), later) for days, later in _LATER_DAYS),
            *self._denied(),
        ]

    def _day(self, days: int) -> datetime:
        """Returns a time within working hours, this many days before the reference."""
        day = REFERENCE - timedelta(days=days)
        return day.replace(hour=self._draw.randrange(14, 19), minute=self._draw.randrange(60))

    def _created(self, at: datetime, id: str = "", address: Document | None = None, code: str = "") -> Document:
        """Returns a new request. With a `code` of the creation it is denied."""
        self._made += 1
        id = id or uuid4(seeded_rng(self._seed, "opendoor", "fixtures", self._made))
        return behaviour.create(id, address or _address(self._draw), code or None, at).record

    def _updated(self, request: Document, answers: Document, code: str = "") -> Document:
        at = datetime.fromisoformat(request["sandbox"]["createdAt"]) + _ANSWERED
        return behaviour.update(request, answers, code or None, at).record

    def _evaluating(self) -> Document:
        """Returns a request whose evaluation never ends, because of the seller's magic e-mail address."""
        answers = self._answers()
        address = answers["sellerEmail"].replace("@", "+evaluate-forever@")
        wish = Wish(seconds=FOREVER)
        request, at = self._created(self._day(1)), REFERENCE - timedelta(hours=20)
        asked = behaviour.update(request, {**answers, "sellerEmail": address}, None, at, wish).record
        return behaviour.evaluate(asked, _AT_ONCE, self._seed, at)

    def _offered(self, at: datetime, id: str = "", address: Document | None = None, code: str = "") -> Document:
        """Returns a request with an open offer. With a `code` of the pricing it is denied."""
        submitted = self._updated(self._created(at, id, address), self._answers(), code)
        return behaviour.evaluate(submitted, _AT_ONCE, self._seed, at + _EVALUATED)

    def _denied(self) -> list[Document]:
        """Returns requests that were denied at the creation, for an answer and by the pricing."""
        return [
            self._created(self._day(4), code="OWNED_BY_OPENDOOR"),
            self._created(self._day(8), code="FLOOD_ZONE"),
            self._updated(self._created(self._day(7)), {"homeEligibilityCriteriaFireDamage": True}),
            self._updated(self._created(self._day(15)), {**self._answers(), "homeYearBuilt": 1948}),
            self._offered(self._day(10), code="VALUATION_TOO_LOW"),
        ]

    def _answers(self) -> Document:
        first, last = self._fake.first_name(), self._fake.last_name()
        bedrooms = self._draw.randrange(2, 6)
        return {
            "sellerFullName": f"{first} {last}",
            "sellerEmail": f"{first}.{last}@example.com".lower(),
            "homeBedrooms": bedrooms,
            "homeAboveGradeSqFt": 450 + bedrooms * self._draw.randrange(300, 480),
            "homeYearBuilt": self._draw.randrange(1965, 2021),
        }


def _address(draw: Draw) -> Document:
    place = draw.choice(US_PLACES)
    return {
        "street1": street(draw),
        "city": place.city,
        "state": place.state,
        "postalCode": draw.choice(place.zips),
    }


def _expired(request: Document) -> Document:
    """Returns the request after its offer has expired."""
    return {**request, "sandbox": {**request["sandbox"], "stage": EXPIRED, "due": None}}


def _later(request: Document, days: dict[str, int]) -> Document:
    """Returns the request after its offer, with the dates of what happened since. Opendoor prints them as days. An
    offer after underwriting is no longer preliminary, so it has no range."""
    data: Document = request["offerData"]
    sent = datetime.fromisoformat(data["sentAt"]).replace(hour=0, minute=0)
    dates: dict[str, Any] = {name: print_instant(sent + timedelta(days=after)) for name, after in days.items()}
    handover = dates.pop("handoverAt")
    if "underwritingCompletedAt" in dates:
        dates |= {"headlineValuationRangeStart": None, "headlineValuationRangeEnd": None}
        dates["repairCostCents"] = REPAIR_CENTS
    over = {"withdrawnAt", "enteredContractAt"} & dates.keys()
    kept = {**request["sandbox"], **({"due": None} if over else {})}  # such an offer does not expire
    return {**request, "offerData": {**data, **dates}, "handoverAt": handover, "sandbox": kept}
