"""The clock of a workspace, and the changes that it will cause."""

from typing import Any

from flask import Response

from offer_sandbox.admin.resources.clock import get_clock
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.console import page
from offer_sandbox.exchange.transitions import apply_due_transitions, next_by_time
from offer_sandbox.world.clock import from_ms, print_instant

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
                    due, transition = kind.due(document), next_by_time(provider, kind, document)
                    if due is not None and transition is not None and transition.source != transition.target:
                        found.append(
                            {
                                "provider": provider.name,
                                "collection": kind.name,
                                "id": str(document[kind.key]),
                                "from": transition.source,
                                "to": transition.target,
                                "at": print_instant(from_ms(due)),
                            }
                        )
    return sorted(found, key=lambda each: str(each["at"]))
