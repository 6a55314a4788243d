"""`/__admin/requests`: lists, searches, explains, exports and deletes the exchanges in the journal."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from flask import Response
from marshmallow import fields

from offer_sandbox.admin.auth import confined_to
from offer_sandbox.admin.call import Body, Concern, ControlCall
from offer_sandbox.admin.exchange_schema import ExplainedExchangeSchema, JournalSchema, NearMissListSchema
from offer_sandbox.admin.fields import QuerySchema, ShownSchema
from offer_sandbox.admin.http import json_response, own_url
from offer_sandbox.admin.journal_filter import ExchangeFilterSchema, FilterQuerySchema, JournalFilter
from offer_sandbox.admin.journal_list import ListQuerySchema, listed
from offer_sandbox.admin.json_schemas import text_of
from offer_sandbox.admin.services import concerns, services, workspace_name
from offer_sandbox.admin.slices import Steps, in_slices
from offer_sandbox.contract.delivery import DRIBBLE
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import JSON
from offer_sandbox.publish.explain import explain, nearest, unmatched
from offer_sandbox.publish.export import Call, call_for, curl, har, pytest
from offer_sandbox.schemas.fields import Integer, String, described, one_of
from offer_sandbox.world.journal import Entry

_MAX_NEAR_MISSES = 50
_FORMATS = {
    "curl": "A shell command.",
    "pytest": "A Python test that makes the call and asserts its status and outcome.",
    "har": "An HTTP archive (HAR 1.2) for browser tools.",
}
_TYPES = {"curl": "text/x-shellscript", "pytest": "text/x-python"}
_FILTER = Body(
    shape=ExchangeFilterSchema(),
    example={
        "operation": "ebay.*",
        "method": "POST",
        "path": {"regex": "^/sell"},
        "match": {"body.offeredItems.*.listingId": "110000000001"},
    },
    required=False,
)


class FilteredListQuerySchema(FilterQuerySchema, ListQuerySchema):
    """The conditions and bounds of a journal list."""


class ExportQuerySchema(QuerySchema):
    """The format of an export."""

    as_ = String(
        data_key="as",
        load_default="curl",
        validate=one_of(*_FORMATS),
        metadata=described("The format.", values=_FORMATS),
    )


class ExchangeCountSchema(ShownSchema):
    """The number of matching exchanges."""

    count = Integer(required=True, metadata=described("The number of matching exchanges.", example=2))


class HttpArchiveSchema(ShownSchema):
    """An HTTP archive, HAR 1.2."""

    log = fields.Dict(
        required=True,
        metadata=described(
            "The log of the archive, with one entry for the exchange.", example={"version": "1.2", "entries": []}
        ),
    )


@ControlCall(
    method="GET", path="/__admin/requests", query=FilteredListQuerySchema(), answers={200: JournalSchema()}
)
def list_requests(query: dict[str, Any]) -> Any:
    """Lists the workspace's exchanges, newest first.

    With filters, lists only exchanges that match all of them. The journal keeps the newest 10,000 exchanges of a
    workspace by default (`serve --journal-size`). Returns 422 for an unknown operation or outcome.
    """
    wanted = JournalFilter.of(query)
    if not wanted.everything:
        return in_slices(lambda: listed(_found_by(wanted), query))
    journal, name = services().journal, workspace_name()
    return in_slices(lambda: listed(journal.newest(name), query, journal.count(name)))


@ControlCall(method="DELETE", path="/__admin/requests", answers={204: None})
def forget_requests() -> None:
    """Deletes all exchanges from the workspace's journal.

    Everything else in the workspace is kept.
    """
    services().journal.forget(workspace_name())


@ControlCall(
    method="GET",
    path="/__admin/requests/{id}",
    answers={200: ExplainedExchangeSchema()},
    refusals=(404,),
    concern=Concern.EXCHANGE,
)
def get_request(id: str) -> Any:
    """Returns one exchange and explains its outcome.

    The explanation has the reason, the verdict on each rule, the changed records, the documentation, and the other
    outcomes of the operation. The id cannot be guessed, so you need not name a workspace. A workspace's own key
    shows only that workspace's exchanges. Returns 404 for an unknown or dropped exchange.
    """
    entry = found(id)
    return {**entry, "explanation": explain(entry, services().providers)}


@ControlCall(
    method="GET", path="/__admin/requests/unmatched", query=ListQuerySchema(), answers={200: JournalSchema()}
)
def list_unmatched(query: dict[str, Any]) -> Any:
    """Lists the requests that match no documented call, newest first.

    Such a request has an unknown path or method, or a GraphQL document that fits no documented operation. Requests
    that browsers send by themselves, such as for `/favicon.ico`, are not listed.
    """
    newest_first = services().journal.newest(workspace_name())
    return in_slices(lambda: listed((entry if unmatched(entry) else None for entry in newest_first), query))


@ControlCall(method="GET", path="/__admin/requests/unmatched/near-misses", answers={200: NearMissListSchema()})
def list_near_misses() -> Any:
    """Lists the most similar documented calls for each request that matches none.

    Use it to find a misspelled path or a wrong method. Covers the newest 50 such requests, with the three nearest
    calls for each.
    """
    missed = filter(unmatched, services().journal.newest(workspace_name()))
    told = [
        {
            "request": {"id": entry["id"], **{name: entry["request"][name] for name in ("method", "path")}},
            "reason": entry["reason"],
            "nearest": nearest(entry, services().providers.values()),
        }
        for entry in islice(missed, _MAX_NEAR_MISSES)
    ]
    return {"near_misses": told}


@ControlCall(method="POST", path="/__admin/requests/count", body=_FILTER, answers={200: ExchangeCountSchema()})
def count_requests(body: dict[str, Any]) -> Any:
    """Counts the exchanges that match the conditions.

    All conditions must hold. An empty body counts all exchanges. Returns 422 for an unknown operation or outcome.
    """
    return in_slices(lambda: _counted(JournalFilter.of(body)))


@ControlCall(
    method="POST",
    path="/__admin/requests/find",
    query=ListQuerySchema(),
    body=_FILTER,
    answers={200: JournalSchema()},
)
def find_requests(query: dict[str, Any], body: dict[str, Any]) -> Any:
    """Finds the exchanges that match the conditions, newest first.

    All conditions must hold. An empty body finds all exchanges. Returns 422 for an unknown operation or outcome.
    """
    return in_slices(lambda: listed(_found_by(JournalFilter.of(body)), query))


@ControlCall(
    method="GET",
    path="/__admin/requests/{id}/export",
    query=ExportQuerySchema(),
    answers={200: {JSON: HttpArchiveSchema(), **{type: text_of(_FORMATS[name]) for name, type in _TYPES.items()}}},
    refusals=(404, 409),
    concern=Concern.EXCHANGE,
)
def export_request(id: str, query: dict[str, str]) -> Response:
    """Exports an exchange as a shell command, a Python test or an HTTP archive that repeats the call.

    The export has a new credential for the same workspace, because the journal stores none. If a rule or the
    credential selected the outcome, the export requests it with a header. Stored state is not restored. Returns
    409 if the call cannot be repeated, because the journal has only part of the request, or because an exported
    call cannot request its fault or status.
    """
    entry = found(id)
    call = call_to_repeat(entry)
    if query["as_"] == "har":
        return json_response(har(entry, call))
    text = curl(entry, call) if query["as_"] == "curl" else pytest(entry, call)
    return Response(text, content_type=f"{_TYPES[query['as_']]}; charset=utf-8")


def found(id: str) -> Entry:
    """Returns an exchange. Raises ProblemDetailsError (404) for one that the journal does not have, or whose
    workspace the caller's key does not open."""
    entry = services().journal.get(id)
    if entry is None or entry["workspace"] != (confined_to() or entry["workspace"]):
        dropped = services().journal.dropped(workspace_name())
        detail = f"the journal has no exchange {id[:60]!r} ({dropped} older ones were dropped to make room)"
        raise ProblemDetailsError(404, "unknown-request", "Unknown request", detail)
    concerns(entry["workspace"])
    return entry


def _found_by(wanted: JournalFilter) -> Iterator[Entry | None]:
    """Returns the exchanges that match the filter, newest first, and None for each other one. They are read during
    the iteration."""
    return wanted.search(services().journal.newest(workspace_name(), wanted.operation or "*"))


def _counted(wanted: JournalFilter) -> Steps:
    number = 0
    for entry in _found_by(wanted):
        number += entry is not None
        yield
    return {"count": number}


def call_to_repeat(entry: Entry) -> Call:
    """Returns the Call that makes an exchange's call again. Raises ProblemDetailsError (409) if it cannot be
    repeated."""
    if reason := unrepeatable(entry):
        raise ProblemDetailsError(409, "not-repeatable", "Request not repeatable", reason)
    owner = services().providers.get(entry["provider"] or "")
    return call_for(owner, entry, own_url()) if owner else Call(url=own_url())


def unrepeatable(entry: Entry) -> str:
    """Returns why a call cannot be repeated exactly, or an empty string if it can."""
    if entry["request"]["cut"]:
        return "the journal has only part of the request, which was too long"
    if entry["fault"] and not (entry["fault"]["type"] == DRIBBLE and entry["fault"]["phase"] == "after"):
        return f"its connection had the fault {entry['fault']['type']}, which an exported call cannot request"
    if re.search(r"\.status_[0-9]+$", entry["outcome"] or ""):
        return "a rule set a status that the operation does not have, which an exported call cannot request"
    return ""
