"""Pure functions for Sibi offers: consistent fields and amounts for each status, and status changes."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from offer_sandbox.contract import Progression, Transition, after_read, by_call
from offer_sandbox.providers.sibi.products import add_on, priced, upsells
from offer_sandbox.providers.sibi.provider import EXPIRY_DAYS
from offer_sandbox.providers.sibi.schemas import ABSENT, FATES
from offer_sandbox.world.clock import print_seconds
from offer_sandbox.world.collection import Document

PENDING, GENERATING, AWAITING = "pending", "generating_upsells", "awaiting_customer"
EXPIRED, ORDERED, BOUGHT_OUT, CANCELED = "expired", "order_placed", "buyout_accepted", "canceled"
ACTIVE = (PENDING, GENERATING, AWAITING)
SENT = (AWAITING, ORDERED, BOUGHT_OUT, EXPIRED, CANCELED)
TAX_PERCENT = 8
DELIVERY_CENTS = 2_900
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
        "line2": address.get("line2"),
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
        "offerings": _offerings(kept, arrived),
        "buyoutAmountCents": offer["buyoutAmountCents"],
        "creditAmountCents": kept["credit"] or None,
        "companySpendCents": priced(kept["sku"])["priceCents"],
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


def fate_of(email: str) -> str | None:
    """Returns the status that a customer's e-mail address requests, or None.

    The offer changes to this status after it is sent. Example: `john+order-placed@example.com`.
    """
    tag = re.fullmatch(r"[^@+]*\+([^@]*)@[^@]*", email)
    status = re.sub(r"[\s_-]+", "_", tag.group(1).lower()) if tag else ""
    return status if status in FATES else None


def shown(offer: Document, absent: str | bool) -> Document:
    """Returns an offer as a read shows it.

    If `absent` is `omit`, null fields that Sibi's prose allows to be omitted are left out.
    """
    return {
        name: value
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
    """Returns who accepts: a curator on the customer's behalf if the offer is not sent automatically."""
    return "customer" if kept["send"] else "curator"


def _one_line(address: Document) -> str:
    street = ", ".join(part for part in (address["line1"], address.get("line2"), address["city"]) if part)
    return f"{street}, {address['stateOrProvince']} {address['postalCode']}"


def _offerings(kept: Document, arrived: bool) -> list[Document]:
    """Returns the offering with the included product and, once upsells have arrived, one for each upgrade."""
    products = [priced(kept["sku"]), *(upsells(kept["sku"]) if arrived else [])]
    return [{"products": [_offered(product, kept)]} for product in products]


def _offered(product: Document, kept: Document) -> Document:
    return {
        "productId": product["id"],
        "curatorSelectedAddons": [{"addonId": each["id"]} for each in kept["addons"]],
    }


def _ordered(offer: Document) -> Document:
    """Returns the fields of an order for the first upgrade, or for the included product if there is none.

    The company pays at most the price of the included product. The customer pays the rest.
    """
    kept = offer["sandbox"]
    chosen = upsells(kept["sku"])[0] if kept["arrived"] else priced(kept["sku"])
    breakdown = _breakdown(chosen, [_several(each) for each in kept["addons"]], offer["creditAmountCents"] or 0)
    company = min(offer["companySpendCents"], breakdown["total"])
    return {
        "orderIds": [f"order-{offer['id'].removeprefix('offer-')}"],
        "acceptedByRole": _role(kept),
        "selectedOffering": [{**_offered(chosen, kept), "customerSelectedAddons": []}],
        "companySpendCents": company,
        "customerSpendCents": breakdown["total"] - company,
        "offerPricingBreakdown": breakdown,
    }


def _breakdown(product: Document, add_ons: list[Document], credit: int) -> Document:
    """Returns the price breakdown in cents, where total = subtotal + tax + fees - discounts."""
    subtotal = sum(each["priceCents"] for each in (product, *add_ons))
    tax = subtotal * TAX_PERCENT // 100
    discount = min(credit, subtotal + tax + DELIVERY_CENTS)
    return {
        "subtotal": subtotal,
        "tax": tax,
        "total": subtotal + tax + DELIVERY_CENTS - discount,
        "discounts": [{"amount": discount}] if discount else [],
        "fees": [{"amount": DELIVERY_CENTS}],
        "pricedItems": [{**_item(product), "addons": [_item(each) for each in add_ons]}],
    }


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
    if offer["status"] == GENERATING:
        offer = {**offer, "sandbox": {**offer["sandbox"], "arrived": True}}
    return _planned(in_status(offer, status, at), at)


def following(offer: Document) -> str | None:
    """Returns the next status that the offer reaches automatically, or None if somebody has to act."""
    kept = offer["sandbox"]
    if offer["status"] == AWAITING:
        return kept["fate"] or EXPIRED
    if offer["status"] == GENERATING:
        return AWAITING if kept["send"] else PENDING
    if offer["status"] == PENDING and not kept["arrived"]:
        return GENERATING if kept["upsells"] else AWAITING if kept["send"] else None
    return None


def _planned(offer: Document, at: datetime) -> Document:
    """Returns the offer with the time, or the number of reads, after which it changes."""
    pace = offer["sandbox"]["pace"]
    if pace is None or following(offer) is None:
        return offer
    waits_for_expiry = offer["status"] == AWAITING and not offer["sandbox"]["fate"]
    due, polls = Progression(**pace["expiry" if waits_for_expiry else "upsells"]).planned(at)
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
    _transition(PENDING, AWAITING, "the offer is sent without upsells"),
    _transition(GENERATING, AWAITING, "upsells arrive and the offer is sent"),
    _transition(GENERATING, PENDING, "upsells arrive and the offer is not sent"),
    _transition(AWAITING, EXPIRED, "the customer does not answer in time"),
    _transition(AWAITING, ORDERED, "the customer accepts (requested by their e-mail address)"),
    _transition(AWAITING, BOUGHT_OUT, "the customer accepts the buyout (requested by their e-mail address)"),
    _transition(AWAITING, CANCELED, "the offer is canceled (requested by the customer's e-mail address)"),
    *by_call("offers", "createOffer", [("", PENDING)]),
)
