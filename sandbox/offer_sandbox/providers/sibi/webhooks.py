"""Sibi's webhooks: `offer.updated`, the only topic about offers, and those about orders."""

from collections.abc import Callable, Mapping
from functools import partial

from offer_sandbox.contract import Webhook
from offer_sandbox.providers.sibi import behaviour, orders
from offer_sandbox.providers.sibi.schemas import Offer
from offer_sandbox.schemas.fields import AnswerSchema, Nested, String, described, one_of
from offer_sandbox.world.collection import Document

TOPIC = "offer.updated"
ORDER_TOPICS = {
    "order.created": "An order was placed.",
    "order.updated": "The cancellation of an order was approved.",
    "order.exception.created": "The cancellation of an order was denied.",
}
_WATCHED_FIELDS = ("status", "offerings", "acceptedByRole")  # the changes that Sibi's events page lists


class OfferUpdated(AnswerSchema):
    """An event with the current offer. Sibi sends it when the status or the offerings change, or on acceptance."""

    topic = String(
        required=True,
        validate=one_of(TOPIC),
        metadata=described(
            "Topic of the event, the same as in the header `topic`.",
            values={TOPIC: "An offer has changed. It is the only topic about offers."},
            example=TOPIC,
        ),
    )
    data = Nested(
        Offer,
        required=True,
        metadata=described(
            "The offer after the change, with the fields of `getOffer`. The setting `sibi.absent` also applies."
            " An optional field without a value is null (`null`) or missing (`omit`)."
        ),
    )


def changed(before: Document | None, after: Document) -> bool:
    """Returns whether the status, the offerings or the acceptance changed. A creation sends no webhook."""
    return before is not None and any(before[name] != after[name] for name in _WATCHED_FIELDS)


def render(offer: Document, switches: Mapping[str, str | bool]) -> Document:
    """Returns the event for an offer, with the offer as a read shows it."""
    return {"topic": TOPIC, "data": behaviour.shown(offer, switches["sibi.absent"])}


class OrderData(AnswerSchema):
    """An order of an accepted offer. Its form is inferred."""

    id = String(required=True, metadata=described("Id of the order.", example="order-123"))
    offerId = String(required=True, metadata=described("Id of the accepted offer.", example="offer-123"))
    status = String(
        required=True,
        validate=one_of("placed", "canceled"),
        metadata=described(
            "Status of the order.",
            values={"placed": "The order was placed.", "canceled": "Its cancellation was approved."},
            example="placed",
        ),
    )
    productId = String(
        required=True, metadata=described("Id of the ordered product.", example="product-GDF511PGRBB")
    )
    cancellationStatus = String(
        required=True,
        allow_none=True,
        metadata=described("Status of a request to cancel the order, or null without one.", example=None),
    )
    cancellationReason = String(
        required=True,
        allow_none=True,
        metadata=described("Reason of a request to cancel the order, or null without one.", example=None),
    )


class OrderEvent(AnswerSchema):
    """An event with the current order."""

    topic = String(
        required=True,
        validate=one_of(*ORDER_TOPICS),
        metadata=described(
            "Topic of the event, the same as in the header `topic`.", values=ORDER_TOPICS, example="order.created"
        ),
    )
    data = Nested(OrderData, required=True, metadata=described("The order after the change."))


def _created(before: Document | None, after: Document, place: int) -> bool:
    return len(after["orderIds"] or ()) > place >= len((before or {}).get("orderIds") or ())


def _became(before: Document | None, after: Document, place: int, status: str) -> bool:
    """Returns whether the partner has decided so on the cancellation of an order."""
    if before is None or len(after["orderIds"] or ()) <= place:
        return False
    order = after["orderIds"][place]
    then, now = (orders.cancellation(each, order) for each in (before, after))
    was = then["cancellationStatus"] if then else None
    return now is not None and was != now["cancellationStatus"] == status


_HAPPENS: dict[str, Callable[[Document | None, Document, int], bool]] = {
    "order.created": _created,
    "order.updated": partial(_became, status="approved"),
    "order.exception.created": partial(_became, status="denied"),
}


def _order_webhook(topic: str, place: int) -> Webhook:
    """Returns the event about the order at a place among those of its offer, of which there are two at most."""
    return Webhook(
        topic=topic,
        collection="offers",
        summary=ORDER_TOPICS[topic],
        evidence="docs",
        source="Sibi, Receive events: the topic (its cause and the order's form are inferred)",
        body=OrderEvent(),
        triggers=lambda before, after: _HAPPENS[topic](before, after, place),
        render=lambda offer, _: {"topic": topic, "data": orders.shown(offer, offer["orderIds"][place])},
        applies=lambda offer: len(offer["orderIds"] or ()) > place,
        headers={"topic": topic},
    )


WEBHOOKS = (
    Webhook(
        topic=TOPIC,
        collection="offers",
        summary="An offer's status or offerings changed, or it was accepted",
        evidence="docs",
        source="Sibi, Receive events (the hexadecimal HMAC signature and the retry delays are inferred)",
        body=OfferUpdated(),
        triggers=changed,
        render=render,
        headers={"topic": TOPIC},
    ),
    *(_order_webhook(topic, place) for topic in ORDER_TOPICS for place in (0, 1)),
)
