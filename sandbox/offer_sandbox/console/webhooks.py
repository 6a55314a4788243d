"""The webhook inbox of a workspace, and one event with its signature."""

import hmac
from typing import Any

from flask import Response

from offer_sandbox.admin.resources.settings import get_settings
from offer_sandbox.admin.resources.webhooks import get_webhook, list_webhooks
from offer_sandbox.admin.services import known_provider, services, workspace
from offer_sandbox.console import page
from offer_sandbox.exchange.webhooks import signature

_SIZE = 50


def show_list() -> Response:
    """Returns the inbox, newest first, and the form that fires an event."""
    events = list_webhooks.view()["webhooks"][::-1]
    shown, numbers = page.on_page(events, len(events), _SIZE)
    return page.show(
        "webhooks.html",
        "webhooks",
        events=shown,
        numbers=numbers,
        senders=[each for each in services().providers.values() if each.topics],
        targets=get_settings.view()["webhooks"],
    )


def show_one(id: str) -> Response:
    """Returns the page of an event. Raises ProblemDetailsError (404) for an unknown one."""
    event = get_webhook.view(id=id)
    return page.show("webhook.html", "webhooks", title=f"{event['topic']} {id}", event=event, check=_check(event))


def _check(event: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the signature that the present secret gives for the exact body, and whether the event has it. None
    if the provider signs nothing or there is no secret."""
    provider = known_provider(event["provider"])
    with workspace() as (transaction, row):
        world = services().workspaces.world(transaction, row, provider.name)
        expected = signature(provider, world, event["request"]["body"].encode())
    if not expected:
        return None
    [(name, value)] = expected.items()
    return {
        "header": name,
        "expected": value,
        "valid": hmac.compare_digest(event["request"]["headers"].get(name, ""), value),
    }
