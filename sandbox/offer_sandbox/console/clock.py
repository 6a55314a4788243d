"""The clock of a workspace, and the changes that it will cause."""

from typing import Any

from flask import Response

from offer_sandbox.admin.resources.clock import get_clock
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.console import page
from offer_sandbox.exchange.transitions import apply_due_transitions, next_change
from offer_sandbox.world.clock import print_instant

_NEXT = 12


def show() -> Response:
    """Returns the page, with the next changes of all records in order of time."""
    return page.show("clock.html", "clock", clock=get_clock.view(), upcoming=_upcoming()[:_NEXT])


def _upcoming() -> list[dict[str, Any]]:
    """Returns the next change of each record of the providers that the workspace has used."""
    found = []
    with workspace() as (transaction, row):
        for provider in services().providers.values():
            world = services().workspaces.world(transaction, row, provider.name)
            apply_due_transitions(provider, world)
            for kind in provider.visible:
                for document in world.select(kind.name) if kind.timed else ():
                    if change := next_change(provider, kind, document):
                        transition, at = change
                        found.append(
                            {
                                "provider": provider.name,
                                "collection": kind.name,
                                "id": str(document[kind.key]),
                                "from": transition.source,
                                "to": transition.target,
                                "at": print_instant(at),
                            }
                        )
    return sorted(found, key=lambda each: str(each["at"]))
