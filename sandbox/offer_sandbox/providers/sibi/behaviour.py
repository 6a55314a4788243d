"""Pure functions for Sibi offers: consistent fields and amounts for each status, and status changes."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal

from offer_sandbox.contract import Progression, Transition, after_read, by_call
from offer_sandbox.providers.sibi import orders
from offer_sandbox.providers.sibi.products import add_on, priced, upsells
from offer_sandbox.providers.sibi.provider import EXPIRY_DAYS
from offer_sandbox.providers.sibi.schemas import ABSENT, EMPTY, FATES
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Document

PENDING, GENERATING, AWAITING = "pending", "generating_upsells", "awaiting_customer"
EXPIRED, ORDERED, BOUGHT_OUT, CANCELED = "expired", "order_placed", "buyout_accepted", "canceled"
ACTIVE = (PENDING, GENERATING, AWAITING)
SENT = (AWAITING, ORDERED, BOUGHT_OUT, EXPIRED, CANCELED)
TAX_PERCENT = 8
PAIR_PERCENT = 5  # off the price of two products that are ordered together
DELIVERY_CENTS = 2_900  # for each product
FREE_DELIVERY_CENTS = 200_000  # the subtotal from which delivery is free
DEFAULT_BUYOUT_CENTS = 50_000


def create(id: str, body: Document, now: datetime, fate: str | None = None) -> Document:
    """Returns a pending offer with the included product."""
    customer, address, product = body["customer"], body["address"], body["product"]
    offer = {
        "id": id,
        "thirdPartyId": body.get("externalJobID") or None,
        "customerName": f"{customer['firstName']} {customer['lastName']}",
        "customerEmail": customer["email"],
        "customerPhone": customer["phone"],
        "fullAddress": _one_line(address),
        "line1": address["line1"],
        "line2": address.get("line2") or None,
        "city": address["city"],
        "stateOrProvince": address["stateOrProvince"],
        "postalCode": address["postalCode"],
        "offerSentAt": None,
        "buyoutAmountCents": body.get("buyoutAmount"),
        "sandbox": {
            "sku": product["sku"],
            "addons": [
                {"id": each.get("id") or each["sku"], "quantity": each["quantity"]}
                for each in product.get("addons", [])
            ],
            "fate": fate,
            "upsells": body.get("includeUpsells", True),
            "arrived": False,
            "send": body.get("sendOfferImmediately", True),
            "credit": None,
            "pace": None,
            "due": None,
            "polls": None,
            "cancellations": [],
        },
    }
    return in_status(offer, PENDING, now)


def in_status(offer: Document, status: str, at: datetime) -> Document:
    """Returns the offer in `status` since `at`, with consistent fields and no scheduled change."""
    kept, sent = offer["sandbox"], status in SENT
    arrived = status != GENERATING and (kept["arrived"] or (sent and kept["upsells"]))
    plain = {
        "id": offer["id"],
        "orderIds": None,
        **{name: offer[name] for name in _GIVEN},
        "status": status,
        "acceptedByRole": None,
        "offerSentAt": (offer["offerSentAt"] or print_seconds(_sent_at(status, at))) if sent else None,
        "selectedOffering": None,
        "offerings": [{"products": _offered(option, kept)} for option in _options(kept, arrived)],
        "buyoutAmountCents": offer["buyoutAmountCents"],
        "creditAmountCents": kept["credit"] or None,
        "companySpendCents": sum(each["priceCents"] for each in (priced(kept["sku"]), *_covered(kept))),
        "customerSpendCents": None,
        "offerPricingBreakdown": None,
        "sandbox": {**kept, "arrived": arrived, "due": None, "polls": None},
    }
    if status == ORDERED:
        return {**plain, **_ordered(plain)}
    if status == BOUGHT_OUT:
        buyout = DEFAULT_BUYOUT_CENTS if plain["buyoutAmountCents"] is None else plain["buyoutAmountCents"]
        spent = {"buyoutAmountCents": buyout, "companySpendCents": buyout, "customerSpendCents": 0}
        return {**plain, "acceptedByRole": _role(kept), **spent}
    return plain


def credited(offer: Document, cents: int) -> Document:
    """Returns the offer with a credit. An offer without upsells cannot have a credit, so 0 is stored instead."""
    stored = cents if offer["sandbox"]["upsells"] else 0
    return {**offer, "creditAmountCents": stored or None, "sandbox": {**offer["sandbox"], "credit": stored}}


def with_buyout(offer: Document, cents: int | Decimal, now: datetime) -> Document:
    """Returns the offer with a buyout amount. A customer who waits for one can now accept it."""
    waited = offer["status"] == AWAITING and _waits_for_expiry(offer)
    after = {**offer, "buyoutAmountCents": cents}
    return _planned(after, now) if waited and not _waits_for_expiry(after) else after


def answered(offer: Document, status: str, role: str, choice: Document | None, now: datetime) -> Document:
    """Returns the offer after somebody has answered it. `choice` is what was chosen, for an order."""
    chosen = {} if choice is None else {"choice": choice}
    return in_status({**offer, "sandbox": {**offer["sandbox"], **chosen, "role": role}}, status, now)


def sent(offer: Document, now: datetime) -> Document:
    """Returns a pending offer after a curator has sent it."""
    return _planned(in_status(offer, AWAITING, now), now)


def fate_of(email: str) -> str | None:
    """Returns the status that a customer's e-mail address requests, or None.

    The offer changes to this status after it is sent. Example: `john+order-placed@example.com`.
    """
    tag = re.fullmatch(r"[^@+]*\+([^@]*)@[^@]*", email)
    status = re.sub(r"[\s_-]+", "_", tag.group(1).lower()) if tag else ""
    return status if status in FATES else None


def shown(offer: Document, absent: str | bool) -> Document:
    """Returns an offer as a read shows it.

    If `absent` is `omit`, null fields that Sibi's prose allows to be omitted are left out. If it is `empty`, null
    fields that its prose allows to be empty are empty strings.
    """
    return {
        name: "" if absent == "empty" and value is None and name in EMPTY else value
        for name, value in offer.items()
        if name != "sandbox" and not (absent == "omit" and value is None and name in ABSENT)
    }


_GIVEN = (
    "thirdPartyId", "customerName", "customerEmail", "customerPhone", "fullAddress", "line1", "line2", "city",
    "stateOrProvince", "postalCode",
)  # fmt: skip


def _sent_at(status: str, at: datetime) -> datetime:
    """Returns when an offer was sent, derived from its status alone."""
    return at - timedelta(days=EXPIRY_DAYS) if status == EXPIRED else at


def _role(kept: Document) -> str:
    """Returns who accepts: the one who has answered, or a curator on the customer's behalf if the offer is not
    sent automatically."""
    return str(kept.get("role") or ("customer" if kept["send"] else "curator"))


def _one_line(address: Document) -> str:
    street = ", ".join(part for part in (address["line1"], address.get("line2"), address["city"]) if part)
    return f"{street}, {address['stateOrProvince']} {address['postalCode']}"


def _options(kept: Document, arrived: bool) -> list[list[Document]]:
    """Returns the products of each option: the included product and, once upsells have arrived, the upgrades."""
    return [[priced(kept["sku"])], *(upsells(kept["sku"]) if arrived else [])]


def _offered(option: list[Document], kept: Document) -> list[Document]:
    """Returns an option as offers show it. The covered add-ons belong to its first product."""
    covered = [{"addonId": each["id"]} for each in kept["addons"]]
    return [
        {"productId": product["id"], "curatorSelectedAddons": [] if place else covered}
        for place, product in enumerate(option)
    ]


def _ordered(offer: Document) -> Document:
    """Returns the fields of an order. Without a stored choice it is for the first upgrade, or for the included
    product if there is none.

    The company pays at most what the warranty covers: the included product with its add-ons. The customer pays the
    rest.
    """
    kept = offer["sandbox"]
    options = _options(kept, kept["arrived"])
    choice = kept.get("choice") or {"option": min(1, len(options) - 1), "addons": []}
    option = options[min(choice["option"], len(options) - 1)]
    breakdown = _breakdown(
        option, [*_covered(kept), *map(_several, choice["addons"])], offer["creditAmountCents"] or 0
    )
    company = min(offer["companySpendCents"], breakdown["total"])
    chosen = [{"addonId": each["id"]} for each in choice["addons"]]
    order = f"order-{offer['id'].removeprefix('offer-')}"
    return {
        "orderIds": [order, *(f"{order}-{number}" for number in range(2, len(option) + 1))],
        "acceptedByRole": _role(kept),
        "selectedOffering": [
            {**product, "customerSelectedAddons": [] if place else chosen}
            for place, product in enumerate(_offered(option, kept))
        ],
        "companySpendCents": company,
        "customerSpendCents": breakdown["total"] - company,
        "offerPricingBreakdown": breakdown,
    }


def _breakdown(products: list[Document], add_ons: list[Document], credit: int) -> Document:
    """Returns the price breakdown in cents, where total = subtotal + tax + fees - discounts. The add-ons belong to
    the first product."""
    subtotal = sum(each["priceCents"] for each in (*products, *add_ons))
    tax = subtotal * TAX_PERCENT // 100
    fees = [] if subtotal >= FREE_DELIVERY_CENTS else [DELIVERY_CENTS] * len(products)
    pair = sum(each["priceCents"] for each in products) * PAIR_PERCENT // 100 if len(products) > 1 else 0
    discounts = [pair, min(credit, subtotal + tax + sum(fees) - pair)]
    return {
        "subtotal": subtotal,
        "tax": tax,
        "total": subtotal + tax + sum(fees) - sum(discounts),
        "discounts": [{"amount": cents} for cents in discounts if cents],
        "fees": [{"amount": cents} for cents in fees],
        "pricedItems": [
            {**_item(product), "addons": [] if place else [_item(each) for each in add_ons]}
            for place, product in enumerate(products)
        ],
    }


def _covered(kept: Document) -> list[Document]:
    """Returns the add-ons that the warranty covers, each with the price of its whole quantity."""
    return [_several(each) for each in kept["addons"]]


def _several(body: Document) -> Document:
    """Returns an add-on with the price of its whole quantity."""
    one = add_on(body["id"])
    return {**one, "priceCents": one["priceCents"] * body["quantity"]}


def _item(priced_thing: Document) -> Document:
    names = ("id", "title")
    return {**{name: priced_thing[name] for name in names}, "purchasePrice": priced_thing["priceCents"]}


UPSELLS, EXPIRY = "sibi.upsells", "sibi.expiry"


def begun(offer: Document, progressions: Mapping[str, Progression], now: datetime) -> Document:
    """Returns a new offer that follows the progressions currently in force.

    A change that is due immediately happens before the offer is next used.
    """
    pace = {"upsells": asdict(progressions[UPSELLS]), "expiry": asdict(progressions[EXPIRY])}
    return _planned({**offer, "sandbox": {**offer["sandbox"], "pace": pace}}, now)


def polled(offer: Document, now: datetime) -> Document:
    """Returns the offer after one more read, which may cause its next status change."""
    return after_read(offer, now, moved if following(offer) is not None else None)


def moved(offer: Document, at: datetime) -> Document:
    """Returns the offer in its next status, with the change after that scheduled."""
    status = following(offer)
    assert status is not None, "only an offer with a planned change moves"
    if status == ORDERED == offer["status"]:
        return orders.decided(offer, at)
    if offer["status"] == GENERATING:
        offer = {**offer, "sandbox": {**offer["sandbox"], "arrived": True}}
    return _planned(in_status(offer, status, at), at)


def following(offer: Document) -> str | None:
    """Returns the next status that the offer reaches automatically, or None if somebody has to act."""
    kept = offer["sandbox"]
    if offer["status"] == ORDERED:
        return ORDERED if orders.undecided(offer) else None
    if offer["status"] == AWAITING:
        return EXPIRED if _waits_for_expiry(offer) else str(kept["fate"])
    if offer["status"] == GENERATING:
        return AWAITING if kept["send"] else PENDING
    if offer["status"] == PENDING and not kept["arrived"] and kept["upsells"]:
        return GENERATING
    if offer["status"] == PENDING and (kept["send"] or kept["fate"]):
        return AWAITING  # a curator sends an offer that is not sent automatically, if somebody is to answer it
    return None


def _waits_for_expiry(offer: Document) -> bool:
    """Returns whether nobody answers a sent offer. Nobody can accept a buyout that has no amount."""
    fate = offer["sandbox"]["fate"]
    return fate is None or (fate == BOUGHT_OUT and offer["buyoutAmountCents"] is None)


def _planned(offer: Document, at: datetime) -> Document:
    """Returns the offer with the time, or the number of reads, after which it changes."""
    pace = offer["sandbox"]["pace"]
    if pace is None or following(offer) is None:
        return offer
    expires = offer["status"] == AWAITING and _waits_for_expiry(offer)
    due, polls = Progression(**pace["expiry" if expires else "upsells"]).planned(at)
    return {**offer, "sandbox": {**offer["sandbox"], "due": due, "polls": polls}}


def _transition(source: str, target: str, event: str) -> Transition:
    return Transition(
        collection="offers",
        source=source,
        event=event,
        target=target,
        apply=moved,
        when=lambda offer: following(offer) == target,
    )


TRANSITIONS = (
    _transition(PENDING, GENERATING, "upsells are being generated"),
    _transition(PENDING, AWAITING, "the offer is sent without upsells, or by a curator"),
    _transition(GENERATING, AWAITING, "upsells arrive and the offer is sent"),
    _transition(GENERATING, PENDING, "upsells arrive and the offer is not sent"),
    _transition(AWAITING, EXPIRED, "the customer does not answer in time"),
    _transition(AWAITING, ORDERED, "the customer accepts (requested by their e-mail address)"),
    _transition(AWAITING, BOUGHT_OUT, "the customer accepts the buyout (requested by their e-mail address)"),
    _transition(ORDERED, ORDERED, "Sibi's partner decides on the cancellation of an order"),
    _transition(AWAITING, CANCELED, "the offer is canceled (requested by the customer's e-mail address)"),
    *by_call("offers", "createOffer", [("", PENDING)]),
    *by_call(
        "offers",
        "answerOffer",
        [(AWAITING, ORDERED), (AWAITING, BOUGHT_OUT), (AWAITING, CANCELED), (PENDING, AWAITING)],
    ),
)
