"""What the kiosk tells of its own accord: `offer.expired`."""

from collections.abc import Mapping

from offer_sandbox.providers.kiosk.behaviour import EXPIRED
from offer_sandbox.providers.kiosk.operations import shown
from offer_sandbox.providers.kiosk.schemas import OfferExpired

from offer_sandbox.contract import Webhook
from offer_sandbox.world.collection import Document

TOPIC = "offer.expired"


def _expires(before: Document | None, after: Document) -> bool:
    return before is not None and before["status"] != after["status"] == EXPIRED


def _render(offer: Document, _: Mapping[str, str | bool]) -> Document:
    return {"event": TOPIC, "offer": shown(offer)}


WEBHOOKS = (
    Webhook(
        topic=TOPIC,
        collection="offers",
        summary="An offer has expired",
        evidence="docs",
        source="Kiosk, Events",
        body=OfferExpired(),
        triggers=_expires,
        render=_render,
    ),
)
