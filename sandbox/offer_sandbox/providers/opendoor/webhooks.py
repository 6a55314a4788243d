"""Opendoor's webhooks: `offer.sent`."""

from collections.abc import Mapping

from offer_sandbox.contract import Webhook
from offer_sandbox.schemas.fields import AnswerSchema, Nested, String, described, one_of
from offer_sandbox.world.collection import Document

TOPIC = "offer.sent"
EVENT_TYPE = "State Transition"


class EventMetadata(AnswerSchema):
    """The new state of the offer, with a link to it."""

    state = String(
        required=True,
        validate=one_of(TOPIC),
        metadata=described(
            "The new state. Opendoor has more states, which the sandbox does not send.",
            values={TOPIC: "the offer was made and sent to the seller."},
            evidence="docs",
            example=TOPIC,
        ),
    )
    offerUrl = String(
        required=True,
        metadata=described(
            "A link to the offer for the seller, the same as `OfferData.url`. It is sent only for `offer.sent`.",
            evidence="docs",
            example="https://opendoor.example/offers/4b231de1-3916-402b-9357-2128ec67a08b",
            format="uri",
        ),
    )


class StatusUpdate(AnswerSchema):
    """A notification about an offer request.

    Opendoor documents it for referrals. The sandbox also sends it for offer requests.
    """

    sellerInputId = String(
        required=True,
        metadata=described(
            "The id of the seller's input. The sandbox sends the offer request's `opendoorOfferRequestId`.",
            example="4b231de1-3916-402b-9357-2128ec67a08b",
            format="uuid",
        ),
    )
    trackingId = String(
        required=True,
        metadata=described(
            "Your own identifier, which Opendoor returns. The sandbox takes it from the answer `correlationId`."
            " Empty if you sent none.",
            evidence="docs",
            example="partner-42",
        ),
    )
    eventType = String(
        required=True,
        validate=one_of(EVENT_TYPE),
        metadata=described(
            "The type of the event. Opendoor also has `Customer Update`, which the sandbox does not send. The"
            " exact text is not documented.",
            values={EVENT_TYPE: "the state of a lead or an offer has changed."},
            example=EVENT_TYPE,
        ),
    )
    eventMetadata = Nested(
        EventMetadata,
        required=True,
        metadata=described("The details of the event. The fields depend on `eventType`.", evidence="docs"),
    )


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
