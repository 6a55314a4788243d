"""Pure functions for Opendoor offer requests: creation, answers, evaluation, offer, denial and expiry."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from offer_sandbox.contract import Progression, Source, Transition, after_read, always, by_call
from offer_sandbox.providers.opendoor import closing
from offer_sandbox.providers.opendoor.denials import DENIALS, ON_UPDATE, disqualified
from offer_sandbox.providers.opendoor.magic import FOREVER, Wish
from offer_sandbox.providers.opendoor.stages import (
    DENIED,
    EVALUATING,
    EXPIRED,
    LATER,
    OFFERED,
    PENDING,
    WITHDRAWN,
    changed,
    stage_of,
)
from offer_sandbox.world.clock import print_instant, to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import seeded_rng

BASE_DOLLARS = 120_000
DOLLARS_A_SQUARE_FOOT = 180
DEFAULT_SQUARE_FEET = 1_800
MAX_SQUARE_FEET = 100_000  # keeps cents within GraphQL's Int, at most 2,147,483,647
VARIATION = 0.03
DAYS_OPEN = 7
FEE_PERCENT = 5
CLOSING_PERCENT = 1


def price_cents(seed: int, id: str, square_feet: int | None) -> int:
    """Returns the price of a home in cents, in whole dollars.

    It depends on the workspace's seed, the request and the home's size.
    """
    size = DEFAULT_SQUARE_FEET if square_feet is None else min(max(square_feet, 0), MAX_SQUARE_FEET)
    dollars = BASE_DOLLARS + DOLLARS_A_SQUARE_FOOT * size
    return round(dollars * (1 + seeded_rng(seed, "opendoor", "price", id).uniform(-VARIATION, VARIATION))) * 100


def expiration(record: Document, at: datetime) -> datetime:
    """Returns when an offer made at `at` expires."""
    return at if record["sandbox"]["fate"]["expired"] else at + timedelta(days=DAYS_OPEN)


def offer_url(record: Document) -> str:
    """Returns the link to a request's offer on Opendoor's site, which does not work in the sandbox."""
    return f"https://opendoor.example/offers/{record['opendoorOfferRequestId']}"


def offer_data(record: Document, at: datetime) -> Document:
    """Returns the OfferData of an offer made at `at`, for the price that was fixed on submission."""
    price = record["sandbox"]["priceCents"]
    expires = print_instant(expiration(record, at))
    address = offer_url(record)
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
DIRECT_DENIED, CNML_DENIED = "SELL_DIRECT_DENIED", "CNML_DENIED"
_FATES = (SLOW, ENDLESS, EXPIRED, WITHDRAWN, DIRECT_DENIED, CNML_DENIED)
ANY_DENIAL, ANY_PRODUCT_DENIAL = "OTHER_DENIAL_GENERAL", "VALUATION_TOO_LOW"


@dataclass(frozen=True)
class Happening:
    """A record after a call, the outcome to report for it, and whether a magic value caused that outcome."""

    record: Document
    outcome: str
    source: Source = "natural"


def create(id: str, address: Document, fate: str | None, now: datetime, wish: Wish | None = None) -> Happening:
    """Returns a new request: PENDING, or denied immediately if its denial code applies on creation."""
    forced = Wish(code=fate if fate in DENIALS else None) if fate else None
    record = changed(_blank(id, address, now), fate=_fate(forced or wish, magic=forced is None))
    code = record["sandbox"]["fate"]["code"]
    if code and DENIALS[code].stage == "create":
        return Happening(deny(record, code, now), code, _source(record))
    return Happening(record, PENDING)


def update(
    record: Document, answers: Document, fate: str | None, now: datetime, wish: Wish | None = None
) -> Happening:
    """Returns the request with more answers.

    The answers may deny or submit a PENDING request. Later answers are stored but change neither price nor status.
    A denied request does not change.
    """
    if stage_of(record) == DENIED:
        return Happening(record, DENIED)
    record = changed(record, answers={**record["sandbox"]["answers"], **answers})
    if (stage := stage_of(record)) != PENDING:
        return Happening(record, OFFERED if stage in LATER else stage)
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
        record = changed(record, stage=EVALUATING, submittedAt=print_instant(now))
        record = {**record, "offerStatus": EVALUATING}
    return Happening(record, *_sealed(record, fate))


def evaluate(
    record: Document, progression: Progression, seed: int, now: datetime, pace: Progression | None = None
) -> Document:
    """Returns a newly submitted request with its price fixed and the end of its evaluation scheduled. `pace` is
    that of the steps after its offer."""
    sandbox = record["sandbox"]
    price = price_cents(seed, record["opendoorOfferRequestId"], sandbox["answers"].get("homeAboveGradeSqFt"))
    record = closing.with_pace(changed(record, priceCents=price), pace)
    seconds = sandbox["fate"]["seconds"]
    if seconds == FOREVER:
        return record
    if seconds is not None:
        return changed(record, due=to_ms(now + timedelta(seconds=seconds)))
    due, polls = progression.planned(now)
    return settled(record, now) if due == to_ms(now) else changed(record, due=due, polls=polls)


def polled(record: Document, now: datetime) -> Document:
    """Returns the request after one more read, which may be the read that ends its evaluation or brings the next
    step of its offer."""
    if stage_of(record) == EVALUATING:
        return after_read(record, now, settled)
    return after_read(record, now, closing.stepped if closing.awaits_reads(record) else None)


def settled(record: Document, at: datetime) -> Document:
    """Returns the request at the end of its evaluation, or after its expiry if that is its fate."""
    record = _end(record, at)
    if record["sandbox"]["fate"]["expired"] and stage_of(record) == OFFERED:
        return closing.expired(record, at)
    return record


def outcome_of(record: Document) -> str:
    """Returns the outcome that a read of the request reports: its stage, or its denial code."""
    stage = stage_of(record)
    denial = record["denialInfo"] or {"code": ANY_DENIAL}  # a denial set by hand has none
    return str(denial["code"]) if stage == DENIED else stage


def shown_as(record: Document, outcome: str, seed: int, now: datetime) -> Document:
    """Returns a consistent request in the outcome's state, for a read that forces it. Nothing is stored."""
    if stage_of(record) == outcome and denied_products(record) is None:
        return record
    record = _with_one_fate(closing.without_later(record))
    if outcome in DENIALS:
        return deny({**record, "offerData": None}, outcome, now)
    if outcome in (PENDING, EVALUATING):
        return {
            **changed(record, stage=outcome),
            "offerStatus": outcome,
            "denialInfo": None,
            "offerData": None,
        }
    answers = record["sandbox"]["answers"]
    price = price_cents(seed, record["opendoorOfferRequestId"], answers.get("homeAboveGradeSqFt"))
    priced = changed({**record, "denialInfo": None}, priceCents=record["sandbox"]["priceCents"] or price)
    if outcome == EXPIRED:
        return closing.expired(_offer(priced, now - timedelta(days=8)), now)
    if outcome == DIRECT_DENIED:
        return _deny_fated(_with_fate(priced, Wish(direct=ANY_PRODUCT_DENIAL)), now)
    if outcome == CNML_DENIED:
        priced = _with_fate(priced, Wish(cnml=ANY_PRODUCT_DENIAL))
    offered = _offer(priced, now)
    return closing.shown(offered, outcome, now) if outcome in LATER else offered


def denied_products(record: Document) -> dict[str, str | None] | None:
    """Returns the denial codes of the products `direct` and `cnml` if the request's fate is that one of them alone
    is denied, or each for its own reason. None if all products share one fate."""
    found: dict[str, str | None] | None = record["sandbox"]["fate"].get("products")
    return found


def denial_info(code: str, at: str) -> Document:
    """Returns the DenialInfo of a denial at a time."""
    return {"code": code, "explanation": DENIALS[code].explanation, "deniedAt": at}


def deny(record: Document, code: str, at: datetime) -> Document:
    """Returns the request, permanently denied."""
    info = denial_info(code, print_instant(at))
    denied = changed(record, stage=DENIED, due=None, polls=None)
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
    fate = {"code": wish.code, "seconds": wish.seconds, "expired": wish.expired, "magic": magic}
    products = {"direct": wish.direct, "cnml": wish.cnml}
    return {
        **fate,
        **({"withdrawn": True} if wish.withdrawn else {}),
        **({"products": products} if any(products.values()) else {}),
    }


def _with_one_fate(record: Document) -> Document:
    """Returns the request with the same fate for all products."""
    fate = {name: value for name, value in record["sandbox"]["fate"].items() if name != "products"}
    return changed(record, fate=fate)


def _with_fate(record: Document, wish: Wish) -> Document:
    return changed({**record, "offerData": None}, fate=_fate(wish, magic=False))


def _fated(record: Document, wish: Wish | None, fate: str | None) -> Document:
    """Returns the request with its fate from the forced outcome, else from this call's e-mail address.

    If neither sets a fate, the request keeps the previous one.
    """
    if fate is not None:
        forced = {
            SLOW: Wish(seconds=SLOW_SECONDS),
            ENDLESS: Wish(seconds=FOREVER),
            EXPIRED: Wish(expired=True),
            WITHDRAWN: Wish(withdrawn=True),
            DIRECT_DENIED: Wish(direct=ANY_PRODUCT_DENIAL),
            CNML_DENIED: Wish(cnml=ANY_PRODUCT_DENIAL),
        }.get(fate, Wish(code=fate if fate in DENIALS else None))
        return changed(record, fate=_fate(forced, magic=False))
    if wish is None or (wish.code is not None and wish.code not in ON_UPDATE):
        return record
    return changed(record, fate=_fate(wish, magic=True))


def _source(record: Document) -> Source:
    """Returns `magic` if a magic value set the request's fate, otherwise `natural`."""
    return "magic" if record["sandbox"]["fate"]["magic"] else "natural"


def _sealed(record: Document, fate: str | None) -> tuple[str, Source]:
    """Returns the outcome to report for an update, and its cause.

    The outcome is the request's fate, if it has one and is submitted or forced. Otherwise it is its state.
    """
    stage, fated = stage_of(record), record["sandbox"]["fate"]
    if stage == PENDING and fate not in (*_FATES, *DENIALS):
        return PENDING, "natural"
    if fated["code"]:
        return fated["code"], _source(record)
    if fated["seconds"] is not None:
        return (ENDLESS if fated["seconds"] == FOREVER else SLOW), _source(record)
    if fated["expired"]:
        return EXPIRED, _source(record)
    if closing.is_to_be_withdrawn(record):
        return WITHDRAWN, _source(record)
    if denied := denied_products(record):
        return (DIRECT_DENIED if denied["direct"] else CNML_DENIED), _source(record)
    return EVALUATING, "natural"


def _submitted(record: Document) -> bool:
    answers = record["sandbox"]["answers"]
    return all((answers.get(name) or "").strip() for name in ("sellerFullName", "sellerEmail"))


def _offer(record: Document, at: datetime) -> Document:
    if record["sandbox"]["priceCents"] is None:  # stored by hand: no submission has fixed a price
        size = record["sandbox"]["answers"].get("homeAboveGradeSqFt")
        record = changed(record, priceCents=price_cents(0, record["opendoorOfferRequestId"], size))
    offered = changed(record, stage=OFFERED)
    return closing.scheduled({**offered, "offerStatus": OFFERED, "offerData": offer_data(record, at)}, at)


def _end(record: Document, at: datetime) -> Document:
    return _deny_fated(record, at) if _has_code(record) else _offer(record, at)


def _deny_fated(record: Document, at: datetime) -> Document:
    return deny(record, _code(record) or ANY_DENIAL, at)


def _code(record: Document) -> str | None:
    """Returns the code for which the evaluation ends with a denial, or None if it ends with an offer."""
    denied = denied_products(record)
    code = record["sandbox"]["fate"]["code"] or (denied["direct"] if denied else None)
    return str(code) if code else None


def _has_code(record: Document) -> bool:
    return _code(record) is not None


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
        on_request=always,
    ),
    Transition(
        collection="offerRequests",
        source=EVALUATING,
        event="the evaluation ends with a denial",
        target=DENIED,
        apply=_deny_fated,
        when=_has_code,
        on_request=always,
    ),
    *closing.TRANSITIONS,
    *by_call("offerRequests", "offerRequestCreate", [("", PENDING), ("", DENIED)]),
    *by_call("offerRequests", "offerRequestUpdate", [(PENDING, EVALUATING), (PENDING, DENIED)]),
    # with an evaluation that takes no time
    *by_call("offerRequests", "offerRequestUpdate", [(PENDING, OFFERED), (PENDING, EXPIRED)]),
)
