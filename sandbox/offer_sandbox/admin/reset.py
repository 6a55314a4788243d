"""`POST /__admin/reset`: puts a workspace back to its beginning, whole or in part."""

from flask import Blueprint, Response

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import answer, json_object, misunderstood, only
from offer_sandbox.admin.services import site, workspace
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
    given = json_object(allow_empty=True)
    only(given, "scope")
    scopes = given.get("scope", list(_SCOPES))
    if not isinstance(scopes, list) or any(scope not in _SCOPES for scope in scopes):
        raise misunderstood("scope is a list of what to reset", known=list(_SCOPES))
    beginning = site().workspaces.beginning
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
            site().workspaces.begun(transaction, site().workspaces.row(transaction, row.name))
    if "journal" in scopes:
        site().journal.forget(row.name)
    return answer({"workspace": row.name, "reset": scopes})


def _disarm(transaction: Transaction, row: WorkspaceRow) -> None:
    for kept in running(transaction, row.id):
        site().stage.stop(transaction, site().workspaces.row(transaction, row.name), kept)
    transaction.empty(row.id, RULES)
    transaction.forget_ordinal(row.id, RULES.table)
