"""`POST /__admin/reset`: puts a workspace back to its beginning, whole or in part."""

from flask import Blueprint, Response

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import json_object, json_response, reject_unknown_members, unprocessable
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.rules.repository import RULES
from offer_sandbox.rules.scenario import running
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import clock_to_json

resource = Blueprint("reset", __name__)
_SCOPES = ("state", "rules", "clock", "settings", "journal")


@resource.post("/reset")
@accepts(body=True)
def reset() -> Response:
    """Resets the scopes named, all by default. With the rules every scenario stops (uploaded ones can be started
    again), and the one that the server was started with begins anew."""
    body = json_object(allow_empty=True)
    reject_unknown_members(body, "scope")
    scopes = body.get("scope", list(_SCOPES))
    if not isinstance(scopes, list) or any(scope not in _SCOPES for scope in scopes):
        raise unprocessable("scope is a list of what to reset", known=list(_SCOPES))
    beginning = services().workspaces.beginning
    with workspace() as (transaction, row):
        if "rules" in scopes:  # first: a scenario puts back what it found
            _disarm(transaction, row)
        if "state" in scopes:
            transaction.clear(row.id)
        if "clock" in scopes:
            transaction.set_clock(row.id, clock_to_json(beginning.clock()))
        if "settings" in scopes:
            transaction.set_settings(row.id, beginning.settings)
        if "rules" in scopes:
            services().workspaces.begun(transaction, services().workspaces.row(transaction, row.name))
    if "journal" in scopes:
        services().journal.forget(row.name)
    return json_response({"workspace": row.name, "reset": scopes})


def _disarm(transaction: Transaction, row: WorkspaceRow) -> None:
    for stored in running(transaction, row.id):
        services().scenario_runner.stop(transaction, services().workspaces.row(transaction, row.name), stored)
    transaction.empty(row.id, RULES)
    transaction.forget_ordinal(row.id, RULES.table)
