"""`/__admin/webhooks`: the workspace's events, sent or kept; sent again, or fired by hand."""

from typing import Any

from flask import Blueprint, Response

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import json_object, json_response, no_content, reject_unknown_members, unprocessable
from offer_sandbox.admin.services import provider, services, workspace
from offer_sandbox.contract import Provider, Webhook
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.exchange.webhooks import enqueue_again, enqueue_event
from offer_sandbox.world.clock import from_ms, print_instant
from offer_sandbox.world.collection import Document
from offer_sandbox.world.outbox import OUTBOX
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import World

resource = Blueprint("webhooks", __name__)


@resource.get("/webhooks")
def list_webhooks() -> Response:
    """The events of the workspace by now, oldest first."""
    with workspace() as (transaction, row):
        for each in services().providers.values():
            if each.topics:
                apply_due_transitions(each, _world(transaction, row, each))
        found = sorted(transaction.select(row.id, OUTBOX, {}), key=lambda webhook: str(webhook["at"]))
    return json_response({"webhooks": [_shown(webhook) for webhook in found]})


@resource.delete("/webhooks")
def empty() -> Response:
    """Throws all events away; what is pending is not sent any more."""
    with workspace() as (transaction, row):
        transaction.empty(row.id, OUTBOX)
    return no_content()


@resource.get("/webhooks/<id>")
def one(id: str) -> Response:
    """One event with what became of it."""
    with workspace() as (transaction, row):
        return json_response(_shown(_found(transaction, row, id)))


@resource.post("/webhooks/<id>/redeliver")
def redeliver(id: str) -> Response:
    """The same bytes once more, as an event of its own: a duplicate, or an older one after a newer."""
    with workspace() as (transaction, row):
        former = _found(transaction, row, id)
        owner = provider(former["provider"])
        return json_response(_shown(enqueue_again(owner, _world(transaction, row, owner), former)), 201)


@resource.post("/webhooks/fire")
@accepts(body=True)
def fire() -> Response:
    """An event about a record as it is now, whether it has changed or not."""
    body = json_object()
    reject_unknown_members(body, "provider", "topic", "id")
    owner = provider(str(body.get("provider", "")))
    webhook = _topic(owner, body)
    with workspace() as (transaction, row):
        world = _world(transaction, row, owner)
        apply_due_transitions(owner, world)
        record = world.get(webhook.collection, str(body.get("id", "")))
        if record is None:
            detail = f"{owner.name}.{webhook.collection} has no record {str(body.get('id', ''))[:100]!r}"
            raise ProblemDetailsError(404, "unknown-record", "Unknown record", detail)
        return json_response(_shown(enqueue_event(owner, world, webhook, record, world.now)), 201)


def _topic(owner: Provider, body: dict[str, Any]) -> Webhook:
    """The kind of event that is named; the only one where none is."""
    known = {webhook.topic: webhook for webhook in owner.parts.webhooks}
    named = body.get("topic", next(iter(known), None))
    if not isinstance(named, str) or named not in known:
        raise unprocessable(f"{owner.name} sends no webhook {named!r}", known=list(known))
    return known[named]


def _found(transaction: Transaction, row: WorkspaceRow, id: str) -> Document:
    webhook = transaction.get(row.id, OUTBOX, id)
    if webhook is None:
        detail = f"the workspace {row.name} has no webhook {id[:60]!r}"
        raise ProblemDetailsError(404, "unknown-webhook", "Unknown webhook", detail)
    return webhook


def _world(transaction: Transaction, row: WorkspaceRow, owner: Provider) -> World:
    return services().workspaces.open(transaction, row.name, owner.name)


def _shown(webhook: Document) -> Document:
    """An event with the call as it was or would be made."""
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
        "request": {
            "method": "POST",
            "url": webhook["url"],
            "headers": webhook["headers"],
            "body": webhook["body"],
        },
        "attempts": webhook["attempts"],
        "next_attempt_at": None if due is None else print_instant(from_ms(due)),
    }
