"""What happens to an offer request: creation, answers, evaluation, offer, denial, expiry. Pure functions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from offer_sandbox.contract import Progression, Source, Transition, after_read, by_call
from offer_sandbox.providers.opendoor.denials import DENIALS, ON_UPDATE, disqualified
from offer_sandbox.providers.opendoor.magic import FOREVER, Wish
from offer_sandbox.world.clock import print_instant, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import seeded_rng

PENDING, EVALUATING, OFFERED, EXPIRED, DENIED = (
    "PENDING",
    "EVALUATING_REQUEST",
    "OFFERED",
    "OFFER_EXPIRED",
    "DENIED",
)


def stage_of(record: Document) -> str:
    """The stage as it is kept; where somebody has set another `offerStatus` by hand, that one."""
    stored, shown = str(record["sandbox"]["stage"]), str(record["offerStatus"])
    return stored if shown == (OFFERED if stored == EXPIRED else stored) else shown


BASE_DOLLARS = 120_000
DOLLARS_A_SQUARE_FOOT = 180
DEFAULT_SQUARE_FEET = 1_800
MAX_SQUARE_FEET = 100_000  # GraphQL's Int ends at 2,147,483,647 cents
VARIATION = 0.03
DAYS_OPEN = 7
FEE_PERCENT = 5
CLOSING_PERCENT = 1


def price_cents(seed: int, id: str, square_feet: int | None) -> int:
    """The price of a home in cents, whole dollars; depends on the workspace's seed, the request and its size."""
    size = DEFAULT_SQUARE_FEET if square_feet is None else min(max(square_feet, 0), MAX_SQUARE_FEET)
    dollars = BASE_DOLLARS + DOLLARS_A_SQUARE_FOOT * size
    return round(dollars * (1 + seeded_rng(seed, "opendoor", "price", id).uniform(-VARIATION, VARIATION))) * 100


def expiration(record: Document, at: datetime) -> datetime:
    """When an offer made at that instant expires."""
    return at if record["sandbox"]["fate"]["expired"] else at + timedelta(days=DAYS_OPEN)


def offer_data(record: Document, at: datetime) -> Document:
    """OfferData of an offer made at that instant for the price that was fixed on submission."""
    price = record["sandbox"]["priceCents"]
    expires = print_instant(expiration(record, at))
    address = f"https://opendoor.example/offers/{record['opendoorOfferRequestId']}"
    return {
        "headlinePriceCents": price,
        "headlineValuationRangeStart": price * 95 // 100,
        "headlineValuationRangeEnd": price * 105 // 100,
        "feeCostCents": price * FEE_PERCENT // 100,
        "feeCostPercent": float(FEE_PERCENT),
        "estimatedClosingCostCents": price * CLOSING_PERCENT // 100,
        "estimatedClosingCostPercent": float(CLOSING_PERCENT),
        "repairCostCents": 0,
        "url": address,
        "authenticatedDashboardUrl": f"{address}/dashboard",
        "expiresAt": expires,
        "offerSource": None,
        "sentAt": print_instant(at),
        "expirationAt": expires,
        "expirationAtDisplayDate": expires[:10],
        "underwritingCompletedAt": None,
        "underwritingState": None,
        "enteredContractAt": None,
        "coeDate": None,
        "closedAt": None,
        "withdrawnAt": None,
        "priceAlert": None,
    }


SLOW, ENDLESS = "slow_evaluation", "endless_evaluation"
SLOW_SECONDS = 25


@dataclass(frozen=True)
class Happening:
    """A record after a call, the outcome to report for it, and whether a magic value led to that."""

    record: Document
    outcome: str
    source: Source = "natural"


def create(id: str, address: Document, fate: str | None, now: datetime, wish: Wish | None = None) -> Happening:
    """A new request: PENDING, or denied at once for a code that is found out on creation."""
    forced = Wish(code=fate if fate in DENIALS else None) if fate else None
    record = _changed(_blank(id, address, now), fate=_fate(forced or wish, magic=forced is None))
    code = record["sandbox"]["fate"]["code"]
    if code and DENIALS[code].stage == "create":
        return Happening(deny(record, code, now), code, _source(record))
    return Happening(record, PENDING)


def update(
    record: Document, answers: Document, fate: str | None, now: datetime, wish: Wish | None = None
) -> Happening:
    """The request with more answers. What is PENDING may be denied or submitted by them; later answers are
    kept and change neither price nor status; a denied request stays as it is."""
    if stage_of(record) == DENIED:
        return Happening(record, DENIED)
    record = _changed(record, answers={**record["sandbox"]["answers"], **answers})
    if stage_of(record) != PENDING:
        return Happening(record, stage_of(record))
    record = _fated(record, wish, fate)
    if fate == DENIED:
        return Happening(deny(record, "OTHER_DENIAL_DETAIL", now), DENIED)
    fated = record["sandbox"]["fate"]
    if fated["code"] and DENIALS[fated["code"]].stage != "pricing":
        return Happening(deny(record, fated["code"], now), fated["code"], _source(record))
    code = disqualified(record["sandbox"]["answers"])
    if code and fate not in DENIALS:
        return Happening(deny(record, code, now), code)
    if _submitted(record):
        record = _changed(record, stage=EVALUATING, submittedAt=print_instant(now))
        record = {**record, "offerStatus": EVALUATING}
    return Happening(record, *_sealed(record, fate))


def evaluate(record: Document, progression: Progression, seed: int, now: datetime) -> Document:
    """A freshly submitted request with its price fixed and the end of its evaluation set."""
    sandbox = record["sandbox"]
    price = price_cents(seed, record["opendoorOfferRequestId"], sandbox["answers"].get("homeAboveGradeSqFt"))
    record = _changed(record, priceCents=price)
    seconds = sandbox["fate"]["seconds"]
    if seconds == FOREVER:
        return record
    if seconds is not None:
        return _changed(record, due=to_ms(now + timedelta(seconds=seconds)))
    due, polls = progression.planned(now)
    return settled(record, now) if due == to_ms(now) else _changed(record, due=due, polls=polls)


def polled(record: Document, now: datetime) -> Document:
    """A request after one more read, which may be the one that ends its evaluation."""
    return after_read(record, now, settled if stage_of(record) == EVALUATING else None)


def settled(record: Document, at: datetime) -> Document:
    """An evaluated request at the end of its evaluation, and past its expiry if it is fated to that."""
    record = _end(record, at)
    if record["sandbox"]["fate"]["expired"] and stage_of(record) == OFFERED:
        return _expire(record, at)
    return record


def outcome_of(record: Document) -> str:
    """What a read of the request reports: its stage, or the code it was denied for."""
    stage = stage_of(record)
    denial = record["denialInfo"] or {"code": "OTHER_DENIAL_GENERAL"}  # none where it was denied by hand
    return str(denial["code"]) if stage == DENIED else stage


def shown_as(record: Document, outcome: str, seed: int, now: datetime) -> Document:
    """A consistent request in the state that the outcome names, for a read that forces it; nothing is kept."""
    if outcome in DENIALS:
        return deny({**record, "offerData": None}, outcome, now)
    if outcome in (PENDING, EVALUATING):
        return {
            **_changed(record, stage=outcome),
            "offerStatus": outcome,
            "denialInfo": None,
            "offerData": None,
        }
    answers = record["sandbox"]["answers"]
    price = price_cents(seed, record["opendoorOfferRequestId"], answers.get("homeAboveGradeSqFt"))
    priced = _changed({**record, "denialInfo": None}, priceCents=record["sandbox"]["priceCents"] or price)
    if outcome == EXPIRED:
        return _expire(_offer(priced, now - timedelta(days=8)), now)
    return record if stage_of(record) == OFFERED else _offer(priced, now)


def deny(record: Document, code: str, at: datetime) -> Document:
    """The request denied for good."""
    info = {"code": code, "explanation": DENIALS[code].explanation, "deniedAt": print_instant(at)}
    denied = _changed(record, stage=DENIED, due=None, polls=None)
    return {**denied, "offerStatus": DENIED, "denialInfo": info}


def _blank(id: str, address: Document, now: datetime) -> Document:
    return {
        "opendoorOfferRequestId": id,
        "offerStatus": PENDING,
        "denialInfo": None,
        "offerData": None,
        "handoverAt": None,
        "sandbox": {
            "stage": PENDING,
            "due": None,
            "polls": None,
            "fate": _fate(None, magic=False),
            "address": address,
            "answers": {},
            "priceCents": None,
            "createdAt": print_instant(now),
            "submittedAt": None,
        },
    }


def _fate(wish: Wish | None, magic: bool) -> Document:
    wish = wish or Wish()
    return {"code": wish.code, "seconds": wish.seconds, "expired": wish.expired, "magic": magic}


def _fated(record: Document, wish: Wish | None, fate: str | None) -> Document:
    """The request with its fate by what forces it, else by this call's e-mail address, else as it was."""
    if fate is not None:
        forced = {
            SLOW: Wish(seconds=SLOW_SECONDS),
            ENDLESS: Wish(seconds=FOREVER),
            EXPIRED: Wish(expired=True),
        }.get(fate, Wish(code=fate if fate in DENIALS else None))
        return _changed(record, fate=_fate(forced, magic=False))
    if wish is None or (wish.code is not None and wish.code not in ON_UPDATE):
        return record
    return _changed(record, fate=_fate(wish, magic=True))


def _source(record: Document) -> Source:
    """Who gave the request its fate."""
    return "magic" if record["sandbox"]["fate"]["magic"] else "natural"


def _sealed(record: Document, fate: str | None) -> tuple[str, Source]:
    """The outcome to report for an update: the fate once it is sealed, else the state; and what led to it."""
    stage, fated = stage_of(record), record["sandbox"]["fate"]
    if stage == PENDING and fate not in (SLOW, ENDLESS, EXPIRED, *DENIALS):
        return PENDING, "natural"
    if fated["code"]:
        return fated["code"], _source(record)
    if fated["seconds"] is not None:
        return (ENDLESS if fated["seconds"] == FOREVER else SLOW), _source(record)
    if fated["expired"]:
        return EXPIRED, _source(record)
    return EVALUATING, "natural"


def _submitted(record: Document) -> bool:
    answers = record["sandbox"]["answers"]
    return all((answers.get(name) or "").strip() for name in ("sellerFullName", "sellerEmail"))


def _changed(record: Document, **changes: Any) -> Document:
    """The record with changes of the sandbox's own bookkeeping."""
    return {**record, "sandbox": {**record["sandbox"], **changes}}


def _offer(record: Document, at: datetime) -> Document:
    if record["sandbox"]["priceCents"] is None:  # put in by hand: nobody has fixed a price at its submission
        size = record["sandbox"]["answers"].get("homeAboveGradeSqFt")
        record = _changed(record, priceCents=price_cents(0, record["opendoorOfferRequestId"], size))
    offered = _changed(record, stage=OFFERED, due=to_ms(expiration(record, at)), polls=None)
    return {**offered, "offerStatus": OFFERED, "offerData": offer_data(record, at)}


def _end(record: Document, at: datetime) -> Document:
    return _deny_fated(record, at) if _has_code(record) else _offer(record, at)


def _deny_fated(record: Document, at: datetime) -> Document:
    return deny(record, record["sandbox"]["fate"]["code"], at)


def _expire(record: Document, _: datetime) -> Document:
    return _changed(record, stage=EXPIRED, due=None)


def _has_code(record: Document) -> bool:
    return bool(record["sandbox"]["fate"]["code"])


def _has_none(record: Document) -> bool:
    return not _has_code(record)


TRANSITIONS = (
    Transition(
        collection="offerRequests",
        source=EVALUATING,
        event="the evaluation ends with an offer",
        target=OFFERED,
        apply=_offer,
        when=_has_none,
    ),
    Transition(
        collection="offerRequests",
        source=EVALUATING,
        event="the evaluation ends with a denial",
        target=DENIED,
        apply=_deny_fated,
        when=_has_code,
    ),
    Transition(
        collection="offerRequests",
        source=OFFERED,
        event="the offer expires",
        target=EXPIRED,
        apply=_expire,
    ),
    *by_call("offerRequests", "offerRequestCreate", [("", PENDING), ("", DENIED)]),
    *by_call("offerRequests", "offerRequestUpdate", [(PENDING, EVALUATING), (PENDING, DENIED)]),
    # where the evaluation takes no time
    *by_call("offerRequests", "offerRequestUpdate", [(PENDING, OFFERED), (PENDING, EXPIRED)]),
)
