"""`POST /__admin/reset`: puts a workspace back to its beginning, whole or in part."""

from flask import Blueprint, Response

from offer_sandbox.control.answers import answer
from offer_sandbox.control.body import json_object, misunderstood, only
from offer_sandbox.control.site import site, workspace
from offer_sandbox.world.clock import Clock
from offer_sandbox.world.world import clock_to_json

resource = Blueprint("reset", __name__)
_SCOPES = ("state", "rules", "clock", "settings", "journal")  # no rules can be armed so far


@resource.post("/reset")
def reset() -> Response:
    """Resets the scopes named, all by default."""
    given = json_object(allow_empty=True)
    only(given, "scope")
    scopes = given.get("scope", list(_SCOPES))
    if not isinstance(scopes, list) or any(scope not in _SCOPES for scope in scopes):
        raise misunderstood("scope is a list of what to reset", known=list(_SCOPES))
    with workspace() as (transaction, row):
        if "state" in scopes:
            transaction.clear(row.id)
        if "clock" in scopes:
            transaction.set_clock(row.id, clock_to_json(Clock()))
        if "settings" in scopes:
            transaction.set_settings(row.id, {})
        if "journal" in scopes:
            site().journal.forget(row.name)
    return answer({"workspace": row.name, "reset": scopes})
