"""Turns changes of records into a provider's webhooks and puts them into the outbox; sends none."""

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

log = logging.getLogger("offer_sandbox")


class BrokenWebhook(Exception):
    """A provider rendered a body that its own schema refuses: the sandbox's mistake."""


def change_listener(provider: Provider, world: World) -> Watch | None:
    """What tells the changes that an exchange makes; None for a provider without webhooks."""
    if not provider.topics:
        return None

    def changed(collection: str, before: Document | None, after: Document) -> None:
        enqueue(provider, world, collection, before, after, world.now)

    return changed


def enqueue(
    provider: Provider, world: World, collection: str, before: Document | None, after: Document, at: datetime
) -> None:
    """Puts the webhooks that a change makes into the outbox."""
    for webhook in provider.parts.webhooks if provider.topics else ():
        if webhook.collection == collection and webhook.triggers(before, after):
            try:
                enqueue_event(provider, world, webhook, after, at)
            except (BrokenWebhook, LimitReached) as error:  # an odd record, no room: that stops nothing else
                log.error("a webhook was not made: %s", error)


def enqueue_event(provider: Provider, world: World, webhook: Webhook, record: Document, at: datetime) -> Document:
    """Puts a webhook about a record into the outbox, signed where the workspace has a secret. Raises LimitReached
    where there is no room: those that wait to be sent are never dropped."""
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
            "User-Agent": f"offer-sandbox/{__version__}",
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
    """Puts a webhook into the outbox once more, with the same bytes, for the target that is set now. Raises
    LimitReached."""
    same = ("provider", "topic", "collection", "record", "headers", "body", "backoff")
    event = {**{name: former[name] for name in same}, "redelivers": former["id"]}
    return _kept(provider, world, event, world.now)


def _kept(provider: Provider, world: World, event: Document, at: datetime) -> Document:
    url = target_of(provider, world).get("url")
    return add(world.transaction, world.row, event, url, at, world.max_records)


def target_of(provider: Provider, world: World) -> Document:
    """Where the workspace wants the provider's webhooks: `url` and `secret`, each of them where it is set."""
    found: Document = world.row.settings.get("webhooks", {}).get(provider.name, {})
    return found


def signature(provider: Provider, world: World, body: bytes) -> dict[str, str]:
    """The provider's header with the HMAC-SHA256 of the raw body in hexadecimal digits; none without a secret."""
    secret = target_of(provider, world).get("secret")
    if not provider.signature or not secret:
        return {}
    return {provider.signature: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
