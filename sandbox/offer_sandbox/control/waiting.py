"""Long polls and the live feed: answers that come when something happened; waits by plan, never in a thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from offer_sandbox.contract import Plan
from offer_sandbox.contract.complaint import Complaint
from offer_sandbox.control.answers import answer
from offer_sandbox.control.body import misunderstood
from offer_sandbox.control.journaled import between, listed, seconds, whole
from offer_sandbox.control.planning import closing, planned
from offer_sandbox.control.records import found as found_record
from offer_sandbox.control.requests import known_operation, of_operation
from offer_sandbox.control.site import provider, site, workspace, workspace_name
from offer_sandbox.control.state import world_of
from offer_sandbox.control.statuses import known_statuses, present_statuses
from offer_sandbox.exchange.entry import Entry
from offer_sandbox.world.clock import stopwatch
from offer_sandbox.world.documents import dump

resource = Blueprint("waiting", __name__)
LONGEST_SECONDS = 600.0
_USUAL_SECONDS = 10.0
_LOOK_MS = 250  # time and other processes ring no bell
_MOST_AT_ONCE = 100
_NOT_YET = Response(status=202)


@dataclass(frozen=True)
class _Wait:
    """Since when somebody waits, by the stopwatch."""

    began: float


@resource.get("/requests/wait")
def wait_for_requests() -> Response:
    """The journal's list as soon as it has `count` exchanges (of an `operation`), 408 when `timeout` is over."""
    count, operation = whole("count", 1, 100_000), request.args.get("operation")
    if operation is not None:
        known_operation(operation)
    name = workspace_name()

    def look() -> Response | None:
        entries: list[Entry] = site().journal.newest(name)
        if operation is not None:
            entries = [entry for entry in entries if of_operation(entry, operation)]
        return answer(listed(entries)) if len(between(entries)) >= count else None

    return _waiting(look, f"request {count}")


@resource.get("/state/<name>/<collection>/<id>/wait")
def wait_for_status(name: str, collection: str, id: str) -> Response:
    """The record as soon as it has the `status`, 408 when `timeout` is over."""
    status = request.args.get("status", "")

    def look() -> Response | None:
        with workspace() as (transaction, row):
            world = world_of(transaction, row, name, collection)
            record, kind = found_record(world, collection, id), world.kind(collection)
        present, known = present_statuses(kind, record), known_statuses(provider(name), kind)
        if status not in (*present, *known):
            raise misunderstood(f"{name}.{collection} has no status {status[:80]!r}", known=known or present)
        return answer(record) if status in present else None

    return _waiting(look, f"the status {status}")


@resource.get("/requests/stream")
def stream() -> Response:
    """Server-sent events, one for each exchange from now on (or from the one named by `Last-Event-ID` on)."""
    journal, name = site().journal, workspace_name()
    last = request.headers.get("Last-Event-ID")
    reached = journal.number(last) if last else journal.number()

    def feed() -> bytes:
        nonlocal reached
        entries, reached = journal.after(name, reached, _MOST_AT_ONCE)
        return b"".join(
            b"id: %s\nevent: request\ndata: %s\n\n" % (str(entry["id"]).encode(), dump(entry)) for entry in entries
        )

    def view(_: Any) -> tuple[Response, Plan]:
        response = Response(content_type="text/event-stream", headers={"Cache-Control": "no-store"})
        response.automatically_set_content_length = False  # it has no end
        return response, Plan() if request.method == "HEAD" else Plan(feed=feed)

    return planned(view)


def _waiting(look: Callable[[], Response | None], what: str) -> Response:
    timeout = seconds("timeout", _USUAL_SECONDS, LONGEST_SECONDS)

    def view(again: _Wait | None) -> tuple[Response, Plan]:
        found = look()
        if found is not None:
            return found, Plan()
        wait = again or _Wait(stopwatch())
        left = wait.began + timeout - stopwatch()
        if left <= 0 or closing():
            detail = f"{what} did not come within {timeout:g} seconds"
            raise Complaint(408, "timeout", "Timeout", detail)
        return _NOT_YET, Plan(delay_ms=min(int(left * 1000) + 1, _LOOK_MS), again=wait, attentive=True)

    return planned(view)
