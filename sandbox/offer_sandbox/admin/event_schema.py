"""The JSON object for an event in responses of the control API."""

from offer_sandbox.admin.fields import ShownSchema, instant
from offer_sandbox.exchange.event import Event
from offer_sandbox.schemas.fields import String, described
from offer_sandbox.world.clock import print_instant


class EventSchema(ShownSchema):
    """A state change of a record."""

    provider = String(required=True, metadata=described("The provider's name.", example="ebay"))
    kind = String(required=True, metadata=described("The record's collection.", example="offers"))
    id = String(required=True, metadata=described("The record's id.", example="6267943803"))
    from_ = String(required=True, data_key="from", metadata=described("The state before.", example="PENDING"))
    to = String(required=True, metadata=described("The state after.", example="EXPIRED"))
    at = instant("The time of the change by the workspace's clock.", "2026-04-19T19:45:00.000Z")


def event_to_json(event: Event) -> dict[str, str]:
    """Returns an event as responses show it."""
    return {
        "provider": event.provider,
        "kind": event.kind,
        "id": event.id,
        "from": event.source,
        "to": event.target,
        "at": print_instant(event.at),
    }
