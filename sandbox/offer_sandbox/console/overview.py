"""The overview: how to connect, the clock, the rules and the last calls of a workspace."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from offer_sandbox.admin.http import own_url
from offer_sandbox.admin.resources.clock import get_clock
from offer_sandbox.admin.resources.rules import list_rules
from offer_sandbox.admin.services import console_token, services, workspace_name
from offer_sandbox.console import page
from offer_sandbox.contract import Provider
from offer_sandbox.publish.export.request import with_key
from offer_sandbox.world.keys import workspace_of

_LAST = 8
_FIRST_CALL = "curl {url}/offers/offer-123 -H 'Authorization: Bearer {key}'"


def show() -> Response:
    """Returns the page."""
    name, key, url = workspace_name(), key_of_workspace(), own_url()
    return page.show(
        "overview.html",
        "overview",
        connections=[*_connections(url, key)],
        keyed=services().workspaces.keyed,
        first=_FIRST_CALL.format(url=url, key=key),
        clock=get_clock.view(),
        rules=list_rules.view(query={"builtin": False})["rules"],
        calls=[*services().journal.newest(name, limit=_LAST)],
    )


def key_of_workspace() -> str:
    """Returns the credential that opens the workspace of the page, as far as it is known: an issued key is shown
    only once."""
    name, token = workspace_name(), console_token()
    if workspace_of(token) == name:
        return token
    return "<key>" if services().workspaces.keyed else f"sbx_{name}"


def _connections(url: str, key: str) -> Iterator[dict[str, Any]]:
    """Yields each provider with its base URL, its credential and the variables of clients."""
    for each in services().providers.values():
        variables = each.variables(url, key)
        yield {
            "provider": each,
            "base": next((variables[name] for name, value in each.environment.items() if "{url}" in value), url),
            "authorization": _authorization(each, key),
            "variables": "\n".join(f"export {name}='{value}'" for name, value in variables.items()),
        }


def _authorization(provider: Provider, key: str) -> str:
    """Returns the Authorization header of the provider's first operation."""
    operation = provider.parts.operations[0]
    kind, _, value = provider.parts.dialect.authorization(operation, "").partition(" ")
    return f"{kind} {with_key(value, key)}".removesuffix(".")  # no magic word
