"""`/__admin/requests/wait` and `/__admin/requests/stream`: the journal as it grows."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import json_response
from offer_sandbox.admin.journal_filter import FILTERS, JournalFilter
from offer_sandbox.admin.journal_list import limit_asked, number_before, page, whole
from offer_sandbox.admin.long_poll import LOOK_MS, Wait, waiting
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.admin.suspend import demand_room, planned
from offer_sandbox.contract import Delivery
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import dump
from offer_sandbox.world.store import Store, StoreError

resource = Blueprint("watch", __name__)
_MAX_AT_ONCE = 100


@resource.get("/requests/wait")
@accepts("count", "timeout", "limit", "since", *FILTERS)
def wait_for_requests() -> Response:
    """The journal's list as soon as it has `count` exchanges that are as described, 408 when `timeout` is over."""
    journal, name = services().journal, workspace_name()
    count, wanted, limit = whole("count", 1, journal.maximum), JournalFilter.of_query(), limit_asked()

    def look(wait: Wait) -> tuple[Response | None, Wait]:
        """Counts what is new; the whole is looked through only when that seems enough."""
        new, reached = journal.after(name, max(wait.first, wait.reached), journal.maximum)
        counted = wait.counted + len(list(wanted.select(new)))
        if counted < count:
            return None, replace(wait, reached=reached, counted=counted)
        found = list(wanted.select(journal.after(name, wait.first, journal.maximum)[0]))[::-1]
        response = json_response(page(found[:limit], len(found))) if len(found) >= count else None
        return response, replace(wait, reached=reached, counted=len(found))

    return waiting(look, f"request {count}", number_before, rings=not journal.shared)


@resource.get("/requests/stream")
@accepts(*FILTERS)
def stream() -> Response:
    """Server-sent events, one for each exchange as described, from now on or from `Last-Event-ID` on."""
    wanted = JournalFilter.of_query()
    demand_room(services().workspaces.limits.streams)
    journal, store, name = services().journal, services().store, workspace_name()
    often = LOOK_MS if journal.shared else 0
    last = request.headers.get("Last-Event-ID")
    reached = journal.number(last) if last else journal.number()
    owner = _owner(store, name)

    def feed() -> bytes | None:
        nonlocal reached, owner
        try:
            now = _owner(store, name)
            if owner is not None and now != owner:
                return None  # the workspace was dropped, or has another key: what follows is somebody else's
            owner = now
            while True:
                entries, reached = journal.after(name, reached, _MAX_AT_ONCE)
                news = b"".join(map(_event, wanted.select(entries)))
                if news or len(entries) < _MAX_AT_ONCE:
                    return news
        except StoreError:  # in trouble nothing is new
            return b""

    def view(_: Any) -> tuple[Response, Delivery]:
        response = Response(content_type="text/event-stream", headers={"Cache-Control": "no-store"})
        response.automatically_set_content_length = False  # it has no end
        delivery = Delivery(stream=feed, wake_on=name, delay_ms=often)
        return response, Delivery() if request.method == "HEAD" else delivery

    return planned(view)


def _event(entry: Entry) -> bytes:
    return b"id: %s\nevent: request\ndata: %s\n\n" % (str(entry["id"]).encode(), dump(entry))


def _owner(store: Store, name: str) -> tuple[int, bytes | None] | None:
    """Which workspace has that name now, and which key."""
    with store.transaction(writes=False) as transaction:
        row = transaction.workspace(name)
    return None if row is None else (row.id, row.key)
