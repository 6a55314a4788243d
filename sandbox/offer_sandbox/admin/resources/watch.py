"""`/__admin/requests/wait` and `/__admin/requests/stream`: waits for new exchanges, and streams them."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Response, request

from offer_sandbox.admin.call import ControlCall, JsonSchema
from offer_sandbox.admin.exchange_schema import JournalSchema
from offer_sandbox.admin.fields import QueryInteger
from offer_sandbox.admin.http import json_response, wrong
from offer_sandbox.admin.journal_filter import FilterQuerySchema, JournalFilter
from offer_sandbox.admin.journal_list import ListQuerySchema, listed, number_before
from offer_sandbox.admin.long_poll import Wait, timeout_field, waiting
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.admin.slices import finished
from offer_sandbox.admin.suspend import demand_room, planned
from offer_sandbox.contract import Delivery
from offer_sandbox.schemas.fields import RequestSchema, String, described, within
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import dump
from offer_sandbox.world.store import Store, StoreError

_MAX_AT_ONCE = 100
_STREAM = JsonSchema(
    "",
    {
        "type": "string",
        "description": "Events named `request`. The id of each is the exchange's id, and its data is an Exchange"
        " in JSON.",
        "examples": ['id: 3f2a9c0d41b7e856\nevent: request\ndata: {"id":"3f2a9c0d41b7e856"}\n\n'],
    },
)


class JournalWaitSchema(FilterQuerySchema, ListQuerySchema):
    """The exchanges to wait for, and the bounds of the list in the response."""

    count = QueryInteger(
        load_default=1,
        validate=within(0),
        metadata=described(
            "The number of exchanges to wait for, at most as many as the journal keeps.", example=2
        ),
    )
    timeout = timeout_field()


class StreamHeadersSchema(RequestSchema):
    """The exchange after which the events begin."""

    last_event_id = String(
        data_key="Last-Event-ID",
        metadata=described(
            "The id of the last exchange that the client has. The stream begins with the next one. Browsers send"
            " this header when they connect again.",
            example="3f2a9c0d41b7e856",
        ),
    )


@ControlCall(
    method="GET",
    path="/__admin/requests/wait",
    query=JournalWaitSchema(),
    answers={200: JournalSchema()},
    refusals=(408, 501, 503),
)
def wait_for_requests(query: dict[str, Any]) -> Response:
    """Waits until the journal has `count` matching exchanges, and lists them.

    Exchanges that are already in the journal count too, unless `since` excludes them. Returns 408 after `timeout`
    seconds, and 422 if `count` is more than the journal keeps.
    """
    journal, name = services().journal, workspace_name()
    count, wanted = query["count"], JournalFilter.of(query)
    if count > journal.maximum:
        raise wrong("count", f"must be at most {journal.maximum}, because the journal keeps no more exchanges")

    def look(wait: Wait) -> tuple[Response | None, Wait]:
        """Counts the new entries, and searches the whole journal only if they seem enough."""
        reached, counted = max(wait.first, wait.reached), wait.counted
        while counted < count:
            new, reached = journal.after(name, reached, journal.maximum)
            if not new:
                return None, replace(wait, reached=reached, counted=counted)
            counted += sum(1 for _ in wanted.select(new))
        found = finished(listed(wanted.select(journal.newest(name, after=wait.first)), {**query, "since": None}))
        if found["meta"]["total"] < count:  # some were dropped meanwhile
            return None, replace(wait, reached=reached, counted=found["meta"]["total"])
        return json_response(found), wait

    since = partial(number_before, query)
    return waiting(look, f"request {count} did not arrive", query["timeout"], since)


@ControlCall(
    method="GET",
    path="/__admin/requests/stream",
    query=FilterQuerySchema(),
    headers=StreamHeadersSchema(),
    answers={200: {"text/event-stream": _STREAM}},
    refusals=(429, 503),
)
def stream_requests(query: dict[str, Any]) -> Response:
    """Streams matching exchanges as server-sent events, one event for each.

    The stream begins now, or after the exchange in `Last-Event-ID`. It ends if the workspace is deleted or gets
    another key. Returns 429 if the client has too many streams open.
    """
    wanted = JournalFilter.of(query)
    demand_room(services().workspaces.limits.streams)
    journal, store, name = services().journal, services().store, workspace_name()
    last = request.headers.get("Last-Event-ID")
    reached = journal.number(last) if last else journal.last(name)
    owner = _owner(store, name)

    def feed() -> bytes | None:
        nonlocal reached, owner
        try:
            now = _owner(store, name)
            if owner is not None and now != owner:
                return None  # the workspace was deleted or has another key: later entries are someone else's
            owner = now
            while True:
                entries, reached = journal.after(name, reached, _MAX_AT_ONCE)
                news = b"".join(map(_event, wanted.select(entries)))
                if news or not entries:
                    return news
        except StoreError:  # while the store fails, nothing is new
            return b""

    def view(_: Any) -> tuple[Response, Delivery]:
        response = Response(content_type="text/event-stream", headers={"Cache-Control": "no-store"})
        response.automatically_set_content_length = False  # the stream has no end
        delivery = Delivery(stream=feed, wake_on=name)
        return response, Delivery() if request.method == "HEAD" else delivery

    return planned(view)


def _event(entry: Entry) -> bytes:
    return b"id: %s\nevent: request\ndata: %s\n\n" % (str(entry["id"]).encode(), dump(entry))


def _owner(store: Store, name: str) -> tuple[int, bytes | None] | None:
    """Returns the id and the hashed key of the workspace that has this name now, or None if there is none."""
    with store.transaction(writes=False) as transaction:
        row = transaction.workspace(name)
    return None if row is None else (row.id, row.key)
