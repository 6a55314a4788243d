"""The overview: how to connect, the clock, the rules and the last calls of a workspace."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from offer_sandbox.admin.http import own_url
from offer_sandbox.admin.resources.clock import get_clock
from offer_sandbox.admin.resources.rules import list_rules
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.console import page
from offer_sandbox.console.credentials import key_of_workspace, own_authorization
from offer_sandbox.contract import Provider

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


def _connections(url: str, key: str) -> Iterator[dict[str, Any]]:
    """Yields each provider with its base URL, its credential and the variables of clients."""
    for each in services().providers.values():
        variables = each.variables(url, key)
        yield {
            "provider": each,
            "base": next((variables[name] for name, value in each.environment.items() if "{url}" in value), url),
            "authorization": _authorization(each),
            "variables": "\n".join(f"export {name}='{value}'" for name, value in variables.items()),
        }


def _authorization(provider: Provider) -> str:
    """Returns the Authorization header of the provider's first operation."""
    header = provider.parts.dialect.authorization(provider.parts.operations[0], "")
    return own_authorization(header).removesuffix(".")  # no magic word
