"""Opendoor's webhooks: `offer.sent`."""

from collections.abc import Mapping

from offer_sandbox.contract import Webhook
from offer_sandbox.schemas.fields import AnswerSchema, Nested, String, one_of
from offer_sandbox.world.collection import Document

TOPIC = "offer.sent"
EVENT_TYPE = "State Transition"


class EventMetadata(AnswerSchema):
    """The new state, with a link to the offer."""

    state = String(required=True, validate=one_of(TOPIC))
    offerUrl = String(required=True)


class StatusUpdate(AnswerSchema):
    """A status update. `trackingId` is empty if the client sent no `correlationId`."""

    sellerInputId = String(required=True)
    trackingId = String(required=True)
    eventType = String(required=True, validate=one_of(EVENT_TYPE))
    eventMetadata = Nested(EventMetadata, required=True)


def changed(before: Document | None, after: Document) -> bool:
    """Returns whether an offer was made."""
    return after["offerData"] is not None and (before is None or before["offerData"] is None)


def render(record: Document, _: Mapping[str, str | bool]) -> Document:
    """Returns the status update for a request. The request's id is used as the seller input's id."""
    data = record["offerData"] or {"url": ""}
    return {
        "sellerInputId": record["opendoorOfferRequestId"],
        "trackingId": record["sandbox"]["answers"].get("correlationId") or "",
        "eventType": EVENT_TYPE,
        "eventMetadata": {"state": TOPIC, "offerUrl": data["url"]},
    }


WEBHOOKS = (
    Webhook(
        topic=TOPIC,
        collection="offerRequests",
        summary="An offer was made",
        evidence="inferred",
        source="Opendoor, Receive status updates: the body, documented for referrals (the use for offer requests,"
        " the wire text of eventType and the retries are the sandbox's own)",
        body=StatusUpdate(),
        triggers=changed,
        render=render,
    ),
)
