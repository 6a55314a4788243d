"""Turns changes of records into a provider's webhooks and puts them into the outbox."""

import hashlib
import hmac
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from offer_sandbox import __version__
from offer_sandbox.contract import Provider, Webhook
from offer_sandbox.contract.http import JSON
from offer_sandbox.rules.repository import webhook_rules_for
from offer_sandbox.rules.settings import switches
from offer_sandbox.rules.webhook_rules import WebhookFault, webhook_fault
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.json_codec import dump
from offer_sandbox.world.limits import LimitReached
from offer_sandbox.world.outbox import MAX_EVENTS, OUTBOX, add, send_after
from offer_sandbox.world.world import Watch, World

USER_AGENT = f"offer-sandbox/{__version__}"
_HELD, _HELD_FOR = "OUT_OF_ORDER", timedelta(hours=1)
log = logging.getLogger("offer_sandbox")


class Change(NamedTuple):
    """One change of a record, at a time of the workspace's clock."""

    before: Document
    after: Document
    at: datetime


class BrokenWebhook(Exception):
    """A provider rendered a body that violates its own schema. This is a bug in the sandbox."""


def change_listener(provider: Provider, world: World) -> Watch | None:
    """Returns a callback that enqueues the webhooks of an exchange's changes, or None for a provider without
    webhooks."""
    if not provider.topics:
        return None

    def changed(collection: str, before: Document | None, after: Document) -> None:
        enqueue(provider, world, collection, before, after, world.now)

    return changed


def enqueue(
    provider: Provider, world: World, collection: str, before: Document | None, after: Document, at: datetime
) -> None:
    """Puts the webhooks of a change into the outbox."""
    for webhook in provider.parts.webhooks if provider.topics else ():
        if webhook.collection == collection and webhook.triggers(before, after):
            try:
                enqueue_event(provider, world, webhook, after, at)
            except (BrokenWebhook, LimitReached) as error:  # a bad record or a lack of room must stop nothing else
                log.error("cannot create a webhook: %s", error)


def enqueue_many(provider: Provider, world: World, collection: str, changes: Sequence[Change]) -> None:
    """Puts the webhooks of many changes into the outbox. Without a target it keeps the newest ones only, so the
    others are not made. They use up ids nevertheless."""
    changes = [each for each in changes if _told(provider, collection, each)]
    target = target_of(provider, world).get("url")
    if not target and not any(
        webhook_rules_for(world.transaction, world.row.id, f"{provider.name}.{topic}") for topic in provider.topics
    ):
        unkept = max(len(changes) - MAX_EVENTS, 0)
        world.transaction.next_ordinals(world.row.id, OUTBOX.table, unkept)
        changes = changes[unkept:]
    for each in changes:
        enqueue(provider, world, collection, each.before, each.after, each.at)


def _told(provider: Provider, collection: str, change: Change) -> bool:
    return any(
        webhook.collection == collection and webhook.triggers(change.before, change.after)
        for webhook in provider.parts.webhooks
    )


def enqueue_event(provider: Provider, world: World, webhook: Webhook, record: Document, at: datetime) -> Document:
    """Puts a webhook about a record into the outbox, signed if the workspace has a secret. Raises LimitReached if
    there is no room, because pending webhooks are never dropped, and BrokenWebhook for an invalid body."""
    rendered = webhook.render(record, switches(provider, world))
    if wrong := validator_for(webhook.body).issues(rendered):
        raise BrokenWebhook(f"{provider.name} {webhook.topic}: {wrong[0]}")
    body = dump(rendered)
    event = {
        "provider": provider.name,
        "topic": webhook.topic,
        "collection": webhook.collection,
        "record": record[world.kinds[webhook.collection].key],
        "redelivers": None,
        "headers": {
            "User-Agent": USER_AGENT,
            "Content-Type": JSON,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **webhook.headers,
            **signature(provider, world, body),
        },
        "body": body.decode(),
        "backoff": list(webhook.backoff),
    }
    fault = webhook_fault(world, f"{provider.name}.{webhook.topic}", rendered)
    return _kept(provider, world, event, at) if fault is None else _kept_faulty(provider, world, event, at, fault)


def enqueue_again(provider: Provider, world: World, former: Document) -> Document:
    """Puts a webhook into the outbox again, with the same bytes, for the current target. Raises LimitReached."""
    same = ("provider", "topic", "collection", "record", "headers", "body", "backoff")
    event = {**{name: former[name] for name in same}, "redelivers": former["id"]}
    return _kept(provider, world, event, world.now)


def _kept(
    provider: Provider, world: World, event: Document, at: datetime, delay: timedelta = timedelta()
) -> Document:
    url = None if event.get("fault") == "NEVER" else target_of(provider, world).get("url")
    webhook = add(world.transaction, world.row, event, url, at, world.max_records, delay=delay)
    if event.get("fault") != _HELD:
        send_after(world.transaction, world.row.id, provider.name, _HELD, to_ms(at + delay))
    return webhook


def _kept_faulty(provider: Provider, world: World, event: Document, at: datetime, fault: WebhookFault) -> Document:
    """Puts a webhook with a fault into the outbox, twice if it is a duplicate. Returns the first one."""
    event = {**event, "fault": fault.type, "rule": fault.rule}
    if fault.type == "WRONG_SIGNATURE":
        event["headers"] = {**event["headers"], **wrong_signature(provider, world, event["body"].encode())}
    delays = {"LATE": timedelta(seconds=fault.seconds), _HELD: _HELD_FOR}
    webhook = _kept(provider, world, event, at, delays.get(fault.type, timedelta()))
    if fault.type == "DUPLICATE":
        _kept(provider, world, {**event, "redelivers": webhook["id"]}, at)
    return webhook


def target_of(provider: Provider, world: World) -> Document:
    """Returns the workspace's target for the provider's webhooks: `url` and `secret`, each only if it is set."""
    found: Document = world.row.settings.get("webhooks", {}).get(provider.name, {})
    return found


def signature(provider: Provider, world: World, body: bytes) -> dict[str, str]:
    """Returns the provider's signature header, with the HMAC-SHA256 of the raw body in hexadecimal digits. Returns
    no header without a secret."""
    secret = target_of(provider, world).get("secret")
    if not provider.signature or not secret:
        return {}
    return {provider.signature: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def wrong_signature(provider: Provider, world: World, body: bytes) -> dict[str, str]:
    """Returns the provider's signature header with a signature of other content, also without a secret."""
    if not provider.signature:
        return {}
    secret = target_of(provider, world).get("secret", "")
    return {provider.signature: hmac.new(secret.encode(), b"not " + body, hashlib.sha256).hexdigest()}
