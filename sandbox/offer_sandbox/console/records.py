"""The records of a workspace: the collections, a list with the state machine, and one record."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response

from offer_sandbox.admin.resources.state import get_record, list_collections, records_of
from offer_sandbox.admin.services import known_provider, workspace
from offer_sandbox.console import page
from offer_sandbox.console.state_machine import StateMachine
from offer_sandbox.contract import Provider
from offer_sandbox.exchange.transitions import next_change, requestable
from offer_sandbox.world.clock import Clock, print_instant
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.world import clock_from_json

_SIZE = 50
_TITLES = ("title", "address", "fullAddress", "customerName", "name", "full_address")


def show_collections() -> Response:
    """Returns the list of collections with the number of records of each."""
    return page.show("collections.html", "records", collections=list_collections.view()["collections"])


def show_list(provider: str, collection: str) -> Response:
    """Returns the records of a collection, the ones that change first at the top. Raises ProblemDetailsError
    (404)."""
    documents = records_of(provider, collection)
    owner, kind, clock = _declared(provider, collection)
    rows = [_row(owner, kind, clock, each) for each in documents]
    rows.sort(key=lambda row: (not row["due"], row["due"] and row["due"]["at"]))
    shown, numbers = page.on_page(rows, len(rows), _SIZE)
    states = Counter(row["state"] for row in rows if row["state"])
    return page.show(
        "records.html",
        "records",
        title=f"{provider}.{collection}",
        provider=owner,
        collection=collection,
        rows=shown,
        numbers=numbers,
        machine=StateMachine.of(owner, kind, states) if kind.state else None,
    )


def show_one(provider: str, collection: str, id: str) -> Response:
    """Returns the page of a record. Raises ProblemDetailsError (404)."""
    document = get_record.view(provider=provider, collection=collection, id=id)
    owner, kind, clock = _declared(provider, collection)
    row = _row(owner, kind, clock, document)
    return page.show(
        "record.html",
        "records",
        title=f"{provider}.{collection}/{id}",
        provider=owner,
        collection=collection,
        row=row,
        document=document,
        possible=_possible(owner, kind, document),
        machine=StateMachine.of(owner, kind, {}, row["state"]) if row["state"] else None,
    )


def _possible(owner: Provider, kind: Collection, document: Document) -> Mapping[str, str]:
    """Returns the states that can be requested for a record, each with the cause of the transition."""
    possible: dict[str, str] = {}
    for each in requestable(owner, kind, document):
        possible.setdefault(each.target, each.event)
    return possible


def _declared(provider: str, collection: str) -> tuple[Provider, Collection, Clock]:
    owner = known_provider(provider)
    kind = next(each for each in owner.visible if each.name == collection)
    with workspace() as (_, row):
        return owner, kind, clock_from_json(row.clock)


def _row(owner: Provider, kind: Collection, clock: Clock, document: Document) -> dict[str, Any]:
    title = next((str(document[name]) for name in _TITLES if isinstance(document.get(name), str)), "")
    return {
        "id": str(document[kind.key]),
        "state": kind.state(document) if kind.state else "",
        "title": title,
        "due": _due(owner, kind, clock, document),
    }


def _due(owner: Provider, kind: Collection, clock: Clock, document: Document) -> Mapping[str, Any] | None:
    """Returns the next change by time: its time, its target and how far to advance the clock. None without one."""
    change = next_change(owner, kind, document)
    if change is None:
        return None
    transition, at = change
    seconds = max(0, -(-(at - clock.now()) // timedelta(seconds=1)))
    return {
        "at": print_instant(at),
        "target": transition.target,
        "event": transition.event,
        "by": f"PT{seconds}S",
    }
