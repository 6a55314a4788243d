"""`/__admin/requests`: the journal, listed, searched, explained, exported and emptied."""

import re
from itertools import islice, takewhile

from flask import Blueprint, Response, request

from offer_sandbox.admin.arguments import Concern, accepts, concerns
from offer_sandbox.admin.auth import confined_to
from offer_sandbox.admin.http import json_response, no_content, unprocessable
from offer_sandbox.admin.journal_filter import FILTERS, JournalFilter
from offer_sandbox.admin.journal_list import limit_asked, listed, page, since_asked
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.contract.delivery import DRIBBLE
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.publish.explain import explain, nearest, unmatched
from offer_sandbox.publish.export import Call, call_for, curl, har, pytest
from offer_sandbox.world.journal import Entry

resource = Blueprint("requests", __name__)
_MAX_NEAR_MISSES = 50
_TYPES = {"curl": "text/x-shellscript; charset=utf-8", "pytest": "text/x-python; charset=utf-8"}


@resource.get("/requests")
@accepts("limit", "since", *FILTERS)
def list_requests() -> Response:
    """The workspace's exchanges, newest first, all or those that are as described."""
    wanted = JournalFilter.of_query()
    if not wanted.everything:
        return json_response(listed(_found_by(wanted)))
    journal, name, limit = services().journal, workspace_name(), limit_asked()
    newest_first = journal.newest(name, limit=limit)
    return json_response(page(list(takewhile(since_asked(), newest_first)), journal.count(name)))


@resource.delete("/requests")
def forget() -> Response:
    """Empties the workspace's journal."""
    services().journal.forget(workspace_name())
    return no_content()


@resource.get("/requests/<id>")
@concerns(Concern.EXCHANGE)
def one(id: str) -> Response:
    """One exchange and why it went as it did. Its id is unguessable, so no workspace needs to be named;
    a workspace's own key shows that workspace's exchanges only."""
    entry = _found(id)
    return json_response({**entry, "explanation": explain(entry, services().providers)})


@resource.get("/requests/unmatched")
@accepts("limit", "since")
def list_unmatched() -> Response:
    """Requests that are none of the documented calls, newest first."""
    return json_response(listed(list(filter(unmatched, services().journal.newest(workspace_name())))))


@resource.get("/requests/unmatched/near-misses")
def near_misses() -> Response:
    """For each request that is none of the documented calls those that it came nearest to."""
    found = filter(unmatched, services().journal.newest(workspace_name()))
    told = [
        {
            "request": {"id": entry["id"], **{name: entry["request"][name] for name in ("method", "path")}},
            "reason": entry["reason"],
            "nearest": nearest(entry, services().providers.values()),
        }
        for entry in islice(found, _MAX_NEAR_MISSES)
    ]
    return json_response({"near_misses": told})


@resource.post("/requests/count")
@accepts(body=True)
def count() -> Response:
    """How many exchanges are as described."""
    return json_response({"count": len(_found_by(JournalFilter.of_body()))})


@resource.post("/requests/find")
@accepts("limit", "since", body=True)
def find() -> Response:
    """The exchanges that are as described, newest first."""
    return json_response(listed(_found_by(JournalFilter.of_body())))


@resource.get("/requests/<id>/export")
@accepts("as")
@concerns(Concern.EXCHANGE)
def export(id: str) -> Response:
    """The call as a command, a test or an archive that makes it again."""
    form = request.args.get("as", "curl")
    if form not in ("curl", "pytest", "har"):
        raise unprocessable("as is curl, pytest or har", known=["curl", "pytest", "har"])
    entry = _found(id)
    if reason := _unrepeatable(entry):
        raise ProblemDetailsError(409, "not-repeatable", "Cannot be made again", reason)
    url = request.host_url.rstrip("/")
    owner = services().providers.get(entry["provider"] or "")
    call = call_for(owner, entry, url) if owner else Call(url=url)
    if form == "har":
        return json_response(har(entry, call))
    text = curl(entry, call) if form == "curl" else pytest(entry, call)
    return Response(text, content_type=_TYPES[form])


def _found(id: str) -> Entry:
    entry = services().journal.get(id)
    if entry is None or entry["workspace"] != (confined_to() or entry["workspace"]):
        dropped = services().journal.dropped(workspace_name())
        detail = f"the journal has no exchange {id[:60]!r}; {dropped} older ones made room for newer"
        raise ProblemDetailsError(404, "unknown-request", "Unknown request", detail)
    return entry


def _found_by(wanted: JournalFilter) -> list[Entry]:
    """The exchanges that are as described, newest first."""
    return list(wanted.select(services().journal.newest(workspace_name(), wanted.operation or "*")))


def _unrepeatable(entry: Entry) -> str:
    """Why a call cannot be made again as it went; empty where it can."""
    if entry["request"]["cut"]:
        return "the request was longer than what the journal keeps of one"
    if entry["fault"] and not (entry["fault"]["type"] == DRIBBLE and entry["fault"]["phase"] == "after"):
        return f"its connection met the fault {entry['fault']['type']}, which no exported call can ask for"
    if re.search(r"\.status_[0-9]+$", entry["outcome"] or ""):
        return "a rule gave it a status that the operation does not have, which no exported call can ask for"
    return ""
