"""Turns changes of records into a provider's webhooks and puts them into the outbox."""

import hashlib
import hmac
import logging
from datetime import datetime

from offer_sandbox import __version__
from offer_sandbox.contract import Provider, Webhook
from offer_sandbox.contract.http import JSON
from offer_sandbox.rules.settings import switches
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.collection import Document
from offer_sandbox.world.json_codec import dump
from offer_sandbox.world.limits import LimitReached
from offer_sandbox.world.outbox import add
from offer_sandbox.world.world import Watch, World

USER_AGENT = f"offer-sandbox/{__version__}"
log = logging.getLogger("offer_sandbox")


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
    return _kept(provider, world, event, at)


def enqueue_again(provider: Provider, world: World, former: Document) -> Document:
    """Puts a webhook into the outbox again, with the same bytes, for the current target. Raises LimitReached."""
    same = ("provider", "topic", "collection", "record", "headers", "body", "backoff")
    event = {**{name: former[name] for name in same}, "redelivers": former["id"]}
    return _kept(provider, world, event, world.now)


def _kept(provider: Provider, world: World, event: Document, at: datetime) -> Document:
    url = target_of(provider, world).get("url")
    return add(world.transaction, world.row, event, url, at, world.max_records)


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
