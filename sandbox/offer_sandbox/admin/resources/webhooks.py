"""`/__admin/webhooks`: lists, deletes, redelivers and fires the webhook events of a workspace."""

from typing import Any

from marshmallow import fields, validate

from offer_sandbox.admin.call import Body, ControlCall
from offer_sandbox.admin.fields import BodySchema, ShownSchema, instant
from offer_sandbox.admin.http import wrong
from offer_sandbox.admin.services import known_provider, services, workspace
from offer_sandbox.contract import Provider, Webhook
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.exchange.webhooks import enqueue_again, enqueue_event
from offer_sandbox.rules.schema import WEBHOOK_FAULTS
from offer_sandbox.schemas.fields import Integer, List, Nested, Number, String, described, one_of
from offer_sandbox.world.clock import from_ms, print_instant
from offer_sandbox.world.collection import Document
from offer_sandbox.world.outbox import DELIVERED, FAILED, KEPT, OUTBOX, PENDING
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import World

_STATUSES = {
    PENDING: "The event is sent at `next_attempt_at`.",
    KEPT: "The event is not sent, because no URL is set.",
    DELIVERED: "The receiver responded with a status from 200 to 299.",
    FAILED: "All attempts failed. The event is not sent any more.",
}


class WebhookInputSchema(BodySchema):
    """The record and the topic of the event."""

    provider = String(
        required=True, metadata=described("The name of a provider that sends webhooks.", example="sibi")
    )
    id = String(required=True, metadata=described("The id of the record.", example="offer-123"))
    topic = String(
        metadata=described("The name of the event, by default the provider's first one.", example="offer.updated")
    )


class WebhookRequestSchema(ShownSchema):
    """The request to the receiver, as it was or would be sent."""

    method = String(
        required=True,
        validate=validate.Equal("POST"),
        metadata=described("The HTTP method.", values={"POST": "The only method."}),
    )
    url = String(
        required=True,
        allow_none=True,
        metadata=described(
            "The URL of the receiver. Null if none is set.", format="uri", example="http://127.0.0.1:8000/hooks"
        ),
    )
    headers = fields.Dict(
        fields.String(),
        fields.String(),
        required=True,
        metadata=described("The headers, by name.", example={"Content-Type": "application/json"}),
    )
    body = String(
        required=True,
        metadata=described(
            "The exact text of the body.", example='{"topic":"offer.updated","data":{"id":"offer-123"}}'
        ),
    )


class WebhookAttemptSchema(ShownSchema):
    """An attempt to deliver the event."""

    at = instant("The time of the attempt by the workspace's clock.")
    status = Integer(
        required=True,
        allow_none=True,
        metadata=described("The HTTP status of the receiver. Null without a complete response.", example=204),
    )
    error = String(
        required=True,
        metadata=described(
            "The reason why there is no response. Empty if there is one.",
            example="no complete response within 10 seconds",
        ),
    )
    milliseconds = Number(
        required=True,
        metadata=described("The duration of the attempt in milliseconds of real time.", example=12.5),
    )


class WebhookSchema(ShownSchema):
    """An event about a record, and the status of its delivery."""

    id = String(required=True, metadata=described("The event's id.", example="wh_k3v0q8z1m5xa"))
    provider = String(required=True, metadata=described("The provider's name.", example="sibi"))
    topic = String(required=True, metadata=described("The name of the event.", example="offer.updated"))
    kind = String(required=True, metadata=described("The record's collection.", example="offers"))
    record = String(required=True, metadata=described("The record's id.", example="offer-123"))
    at = instant("The time of the event by the workspace's clock.")
    status = String(
        required=True,
        validate=one_of(*_STATUSES),
        metadata=described("The status of the delivery.", values=_STATUSES),
    )
    redelivers = String(
        required=True,
        allow_none=True,
        metadata=described(
            "The id of the event that this one repeats. Null if it repeats none.", example="wh_0f7b2c9d4e1a"
        ),
    )
    fault = String(
        required=True,
        allow_none=True,
        validate=one_of(*WEBHOOK_FAULTS),
        metadata=described("The fault that a rule gave the webhook. Null without one.", values=WEBHOOK_FAULTS),
    )
    rule = String(
        required=True,
        allow_none=True,
        metadata=described("The id of the rule that gave the fault. Null without one.", example="rule_tzi4248o19"),
    )
    request = Nested(
        WebhookRequestSchema, required=True, metadata=described("The request, as it was or would be sent.")
    )
    attempts = List(
        Nested(WebhookAttemptSchema), required=True, metadata=described("The attempts so far, oldest first.")
    )
    next_attempt_at = instant(
        "The time of the next attempt by the workspace's clock. Null if there is none.", allow_none=True
    )


class WebhookListSchema(ShownSchema):
    """The events, oldest first."""

    webhooks = List(Nested(WebhookSchema), required=True, metadata=described("The events, oldest first."))


@ControlCall(method="GET", path="/__admin/webhooks", answers={200: WebhookListSchema()})
def list_webhooks() -> Any:
    """Lists the webhook events of the workspace, oldest first.

    State changes that are due by now are carried out first, so the list includes their events. A workspace keeps
    the newest 1,000 events, and pending ones beyond that.
    """
    with workspace() as (transaction, row):
        for each in services().providers.values():
            if each.topics:
                apply_due_transitions(each, _world(transaction, row, each))
        found = sorted(transaction.select(row.id, OUTBOX, {}), key=lambda webhook: str(webhook["at"]))
    return {"webhooks": [_shown(webhook) for webhook in found]}


@ControlCall(method="DELETE", path="/__admin/webhooks", answers={204: None})
def remove_webhooks() -> None:
    """Deletes all events.

    Pending webhooks are not sent.
    """
    with workspace() as (transaction, row):
        transaction.empty(row.id, OUTBOX)


@ControlCall(method="GET", path="/__admin/webhooks/{id}", answers={200: WebhookSchema()}, refusals=(404,))
def get_webhook(id: str) -> Any:
    """Returns an event and the status of its delivery.

    The response has the exact body and headers, and every attempt.
    """
    with workspace() as (transaction, row):
        return _shown(_found(transaction, row, id))


@ControlCall(
    method="POST", path="/__admin/webhooks/{id}/redeliver", answers={201: WebhookSchema()}, refusals=(404,)
)
def redeliver_webhook(id: str) -> Any:
    """Sends the same bytes again, as a new event.

    Use this to test duplicates, or an older event that arrives after a newer one. The event goes to the URL in the
    current settings. Without a URL it is kept and not sent.
    """
    with workspace() as (transaction, row):
        former = _found(transaction, row, id)
        owner = known_provider(former["provider"])
        return _shown(enqueue_again(owner, _world(transaction, row, owner), former))


@ControlCall(
    method="POST",
    path="/__admin/webhooks/fire",
    body=Body(
        shape=WebhookInputSchema(), example={"provider": "sibi", "topic": "offer.updated", "id": "offer-unknown"}
    ),
    answers={201: WebhookSchema()},
    refusals=(404,),
)
def fire_webhook(body: dict[str, str]) -> Any:
    """Sends an event about a record in its current state, even if the record has not changed.

    Use it to test a receiver. Without a `topic`, uses the provider's first one. Without a URL in the settings, the
    event is kept and not sent. Returns 404 for an unknown provider or record, and 422 for an unknown topic,
    or one that the record cannot have.
    """
    owner = known_provider(body["provider"])
    webhook = _topic(owner, body.get("topic"))
    with workspace() as (transaction, row):
        world = _world(transaction, row, owner)
        apply_due_transitions(owner, world)
        record = world.get(webhook.collection, body["id"])
        if record is None:
            detail = f"{owner.name}.{webhook.collection} has no record {body['id'][:100]!r}"
            raise ProblemDetailsError(404, "unknown-record", "Unknown record", detail)
        if not webhook.applies(record):
            raise wrong("topic", f"the record {body['id'][:100]!r} has nothing that {webhook.topic} is about")
        return _shown(enqueue_event(owner, world, webhook, record, world.now))


def _topic(owner: Provider, named: str | None) -> Webhook:
    """Returns the webhook with this topic, or the provider's first webhook if no topic is named."""
    if not owner.topics:
        raise wrong("provider", f"{owner.name!r} sends no webhooks")
    known = {webhook.topic: webhook for webhook in reversed(owner.parts.webhooks)}  # the first of each topic
    topic = next(iter(owner.topics), None) if named is None else named
    if topic not in known:
        raise wrong("topic", f"{owner.name} has no webhook topic {str(topic)[:80]!r}", *owner.topics)
    return known[topic]


def _found(transaction: Transaction, row: WorkspaceRow, id: str) -> Document:
    webhook = transaction.get(row.id, OUTBOX, id)
    if webhook is None:
        detail = f"the workspace {row.name} has no webhook {id[:60]!r}"
        raise ProblemDetailsError(404, "unknown-webhook", "Unknown webhook", detail)
    return webhook


def _world(transaction: Transaction, row: WorkspaceRow, owner: Provider) -> World:
    return services().workspaces.open(transaction, row.name, owner.name)


def _shown(webhook: Document) -> Document:
    """Returns an event with the request as it was or would be sent."""
    due = webhook["due"]
    return {
        "id": webhook["id"],
        "provider": webhook["provider"],
        "topic": webhook["topic"],
        "kind": webhook["collection"],
        "record": webhook["record"],
        "at": webhook["at"],
        "status": webhook["status"],
        "redelivers": webhook["redelivers"],
        "fault": webhook.get("fault"),
        "rule": webhook.get("rule"),
        "request": {
            "method": "POST",
            "url": webhook["url"],
            "headers": webhook["headers"],
            "body": webhook["body"],
        },
        "attempts": webhook["attempts"],
        "next_attempt_at": None if due is None else print_instant(from_ms(due)),
    }
