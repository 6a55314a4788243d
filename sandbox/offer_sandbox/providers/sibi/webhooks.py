"""Sibi's webhooks: `offer.updated`, the only topic about offers."""

from collections.abc import Mapping

from offer_sandbox.contract import Webhook
from offer_sandbox.providers.sibi import behaviour
from offer_sandbox.providers.sibi.schemas import Offer
from offer_sandbox.schemas.fields import AnswerSchema, Nested, String, described, one_of
from offer_sandbox.world.collection import Document

TOPIC = "offer.updated"
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
)
