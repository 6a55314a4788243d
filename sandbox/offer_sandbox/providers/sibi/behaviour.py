"""What an offer looks like in each status, with money that adds up, and how it moves on. Pure functions."""

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
    """A pending offer with the included product."""
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
    """The offer in that status since an instant, every field consistent with it; nothing is planned for it."""
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
    """The offer with a credit, which one without upsells cannot have: 0 is what is stored then."""
    stored = cents if offer["sandbox"]["upsells"] else 0
    return {**offer, "creditAmountCents": stored or None, "sandbox": {**offer["sandbox"], "credit": stored}}


def fate_of(email: str) -> str | None:
    """What the customer's address asks for once the offer is sent: `john+order-placed@example.com`."""
    tag = re.fullmatch(r"[^@+]*\+([^@]*)@[^@]*", email)
    status = re.sub(r"[\s_-]+", "_", tag.group(1).lower()) if tag else ""
    return status if status in FATES else None


def shown(offer: Document, absent: str | bool) -> Document:
    """An offer as a read shows it; with `omit`, what the prose lets be omitted is left out instead of null."""
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
    """When an offer was sent of which no more is known than its status."""
    return at - timedelta(days=EXPIRY_DAYS) if status == EXPIRED else at


def _role(kept: Document) -> str:
    """Who accepts: a curator on the customer's behalf where the offer does not go out by itself."""
    return "customer" if kept["send"] else "curator"


def _one_line(address: Document) -> str:
    street = ", ".join(part for part in (address["line1"], address.get("line2"), address["city"]) if part)
    return f"{street}, {address['stateOrProvince']} {address['postalCode']}"


def _offerings(kept: Document, arrived: bool) -> list[Document]:
    """The included product alone, and each upgrade once the upsells are there."""
    products = [priced(kept["sku"]), *(upsells(kept["sku"]) if arrived else [])]
    return [{"products": [_offered(product, kept)]} for product in products]


def _offered(product: Document, kept: Document) -> Document:
    return {
        "productId": product["id"],
        "curatorSelectedAddons": [{"addonId": each["id"]} for each in kept["addons"]],
    }


def _ordered(offer: Document) -> Document:
    """The first upgrade is ordered (the included product where there is none); the company pays as much as for
    the included one, the customer the rest."""
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
    """In cents: total = subtotal + tax + fees - discounts."""
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
    """An add-on in its quantity, at the price of all its pieces."""
    one = add_on(body["id"])
    return {**one, "priceCents": one["priceCents"] * body["quantity"]}


def _item(priced_thing: Document) -> Document:
    names = ("id", "title")
    return {**{name: priced_thing[name] for name in names}, "purchasePrice": priced_thing["priceCents"]}


UPSELLS, EXPIRY = "sibi.upsells", "sibi.expiry"


def begun(offer: Document, progressions: Mapping[str, Progression], now: datetime) -> Document:
    """A new offer that moves at the pace of the progressions in force now; what is due at once happens before
    the next look at it."""
    pace = {"upsells": asdict(progressions[UPSELLS]), "expiry": asdict(progressions[EXPIRY])}
    return _planned({**offer, "sandbox": {**offer["sandbox"], "pace": pace}}, now)


def polled(offer: Document, now: datetime) -> Document:
    """An offer after one more read, which may be the one that moves it on."""
    return after_read(offer, now, moved if following(offer) is not None else None)


def moved(offer: Document, at: datetime) -> Document:
    """The offer in its next status, with what follows planned."""
    status = following(offer)
    assert status is not None, "only an offer with something planned moves"
    if offer["status"] == GENERATING:
        offer = {**offer, "sandbox": {**offer["sandbox"], "arrived": True}}
    return _planned(in_status(offer, status, at), at)


def following(offer: Document) -> str | None:
    """The status that comes next by itself, None where somebody has to act."""
    kept = offer["sandbox"]
    if offer["status"] == AWAITING:
        return kept["fate"] or EXPIRED
    if offer["status"] == GENERATING:
        return AWAITING if kept["send"] else PENDING
    if offer["status"] == PENDING and not kept["arrived"]:
        return GENERATING if kept["upsells"] else AWAITING if kept["send"] else None
    return None


def _planned(offer: Document, at: datetime) -> Document:
    """The offer with the time, or the number of reads, after which it moves on."""
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
    _transition(GENERATING, PENDING, "upsells arrive and the offer is kept back"),
    _transition(AWAITING, EXPIRED, "the customer does not answer in time"),
    _transition(AWAITING, ORDERED, "the customer accepts (asked for by their address)"),
    _transition(AWAITING, BOUGHT_OUT, "the customer takes the buyout (asked for by their address)"),
    _transition(AWAITING, CANCELED, "the offer is canceled (asked for by the customer's address)"),
    *by_call("offers", "createOffer", [("", PENDING)]),
)
