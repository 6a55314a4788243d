"""Long polls and the event stream: responses that come once something has happened."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import validate

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import json_response, unprocessable
from offer_sandbox.admin.journal_filter import FILTERS, JournalFilter
from offer_sandbox.admin.journal_list import limit_asked, number_before, page, seconds, whole
from offer_sandbox.admin.services import provider, services, workspace, workspace_name
from offer_sandbox.admin.state import found as found_record
from offer_sandbox.admin.state import world_of
from offer_sandbox.admin.suspend import closing, demand_room, planned
from offer_sandbox.contract import Delivery, Provider
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.world.clock import stopwatch
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import dump
from offer_sandbox.world.store import Store, StoreError

resource = Blueprint("waiting", __name__)
MAX_SECONDS = 600.0
_DEFAULT_SECONDS = 10.0
_LOOK_MS = 250  # time and other processes ring no bell
_MAX_AT_ONCE = 100
_NOT_YET = Response(status=202)


@dataclass(frozen=True)
class _Wait:
    """Since when somebody waits, by the stopwatch; after which number of the journal entries count, up to which
    they were, and how many."""

    began: float
    first: int = 0
    reached: int = 0
    counted: int = 0


@resource.get("/requests/wait")
@accepts("count", "timeout", "limit", "since", *FILTERS)
def wait_for_requests() -> Response:
    """The journal's list as soon as it has `count` exchanges that are as described, 408 when `timeout` is over."""
    journal, name = services().journal, workspace_name()
    count, wanted, limit = whole("count", 1, journal.maximum), JournalFilter.of_query(), limit_asked()

    def look(wait: _Wait) -> tuple[Response | None, _Wait]:
        """Counts what is new; the whole is looked through only when that seems enough."""
        new, reached = journal.after(name, max(wait.first, wait.reached), journal.maximum)
        counted = wait.counted + len(list(wanted.select(new)))
        if counted < count:
            return None, replace(wait, reached=reached, counted=counted)
        found = list(wanted.select(journal.after(name, wait.first, journal.maximum)[0]))[::-1]
        response = json_response(page(found[:limit], len(found))) if len(found) >= count else None
        return response, replace(wait, reached=reached, counted=len(found))

    return _waiting(look, f"request {count}", number_before, rings=not journal.shared)


@resource.get("/state/<name>/<collection>/<id>/wait")
@accepts("status", "timeout")
def wait_for_status(name: str, collection: str, id: str) -> Response:
    """The record as soon as it has the `status`, 408 when `timeout` is over."""
    status = request.args.get("status", "")

    def look(wait: _Wait) -> tuple[Response | None, _Wait]:
        with workspace() as (transaction, row):
            world = world_of(transaction, row, name, collection)
            record, kind = found_record(world, collection, id), world.kinds[collection]
            present, known = present_statuses(kind, record), known_statuses(provider(name), kind)
            if status not in (*present, *known):  # within the transaction, so that a refusal leaves no workspace
                raise unprocessable(f"{name}.{collection} has no status {status[:80]!r}", known=known or present)
        return json_response(record) if status in present else None, wait

    return _waiting(look, f"the status {status}")


@resource.get("/requests/stream")
@accepts(*FILTERS)
def stream() -> Response:
    """Server-sent events, one for each exchange as described, from now on or from `Last-Event-ID` on."""
    wanted = JournalFilter.of_query()
    demand_room(services().workspaces.limits.streams)
    journal, store, name = services().journal, services().store, workspace_name()
    often = _LOOK_MS if journal.shared else 0
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


def _waiting(
    look: Callable[[_Wait], tuple[Response | None, _Wait]],
    what: str,
    first: Callable[[], int] = lambda: 0,
    *,
    rings: bool = False,
) -> Response:
    """`rings` says that nothing but the bell can make a look worth while."""
    timeout = seconds("timeout", _DEFAULT_SECONDS, MAX_SECONDS)

    def view(again: _Wait | None) -> tuple[Response, Delivery]:
        found, wait = look(again or _Wait(stopwatch(), first()))
        if found is not None:
            return found, Delivery()
        if again is None:
            demand_room()
        left = wait.began + timeout - stopwatch()
        if left <= 0 or closing():
            ended = "before the server ended" if left > 0 else f"within {timeout:g} seconds"
            detail = f"{what} did not come {ended}"
            raise ProblemDetailsError(408, "timeout", "Timeout", detail)
        milliseconds = int(left * 1000) + 1
        if not rings:
            milliseconds = min(milliseconds, _LOOK_MS)
        return _NOT_YET, Delivery(delay_ms=milliseconds, resume=wait, wake_on=workspace_name())

    return planned(view)


_FIELDS = ("status", "offerStatus")


def present_statuses(kind: Collection, record: Document) -> list[str]:
    """What a record's status is now."""
    own = [str(record[name]) for name in _FIELDS if record.get(name) is not None]
    return list(dict.fromkeys([*([kind.state(record)] if kind.state else []), *own]))


def known_statuses(provider: Provider, kind: Collection) -> list[str]:
    """Every status that records of the collection can have; empty where the provider does not list them."""
    rows = [row for row in provider.parts.transitions if row.collection == kind.name]
    fields = provider.parts.records[kind.name].fields
    choices = [
        str(choice)
        for name in _FIELDS
        for validator in (fields[name].validators if name in fields else ())
        if isinstance(validator, validate.OneOf)
        for choice in validator.choices
    ]
    return list(dict.fromkeys([*choices, *(state for row in rows for state in (row.source, row.target) if state)]))
