"""`/__admin/requests`: the journal."""

from flask import Blueprint, Response

from offer_sandbox.contract.complaint import Complaint
from offer_sandbox.control.access import confined_to
from offer_sandbox.control.answers import answer
from offer_sandbox.control.site import site, workspace_name

resource = Blueprint("requests", __name__)


@resource.get("/requests/<id>")
def one(id: str) -> Response:
    """One exchange and why it went as it did. Its id is unguessable, so no workspace needs to be named;
    a workspace's own key shows that workspace's exchanges only."""
    entry = site().journal.get(id)
    if entry is None or entry["workspace"] != (confined_to() or entry["workspace"]):
        dropped = site().journal.dropped(workspace_name())
        detail = f"the journal has no exchange {id[:60]!r}; {dropped} older ones made room for newer"
        raise Complaint(404, "unknown-request", "Unknown request", detail)
    return answer(entry)
