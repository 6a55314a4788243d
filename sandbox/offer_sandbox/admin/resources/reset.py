"""`POST /__admin/reset`: resets a workspace completely or in part."""

from typing import Any

from offer_sandbox.admin.call import Body, ControlCall
from offer_sandbox.admin.fields import BodySchema, ShownSchema
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.rules.repository import RULES
from offer_sandbox.rules.scenario import running
from offer_sandbox.schemas.fields import MAX_ITEMS, List, String, described, one_of
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import clock_to_json

_SCOPES = {
    "state": "Deletes all records, tokens and webhooks. The next call creates the initial records again, and new"
    " ids begin again.",
    "rules": "Deletes all rules and stops the running scenarios.",
    "clock": "Restores the clock with which the server was started.",
    "settings": "Restores the settings with which the server was started.",
    "journal": "Deletes all exchanges.",
}


class ResetSchema(BodySchema):
    """The scopes to reset."""

    scope = List(
        String(validate=one_of(*_SCOPES), metadata=described("A part of the workspace.", values=_SCOPES)),
        maximum=MAX_ITEMS,
        load_default=lambda: [*_SCOPES],
        metadata=described("The parts to reset, all of them by default.", example=["state", "journal"]),
    )


class ResetResultSchema(ShownSchema):
    """The workspace, and the scopes that were reset."""

    workspace = String(required=True, metadata=described("The workspace's name.", example="team1"))
    reset = List(
        String(validate=one_of(*_SCOPES), metadata=described("A part of the workspace.", values=_SCOPES)),
        required=True,
        metadata=described("The parts that were reset.", example=["state", "journal"]),
    )


@ControlCall(
    method="POST",
    path="/__admin/reset",
    body=Body(shape=ResetSchema(), example={"scope": ["state", "journal"]}, required=False),
    answers={200: ResetResultSchema()},
)
def reset(body: dict[str, list[str]]) -> Any:
    """Resets the given scopes of a workspace, by default all of them.

    The workspace keeps its seed and its key. Resetting the rules stops every scenario. Uploaded scenarios are
    kept, and you can start them again. The server's startup scenario, if there is one, starts again immediately.
    """
    scopes, beginning = body["scope"], services().workspaces.beginning
    with workspace() as (transaction, row):
        if "rules" in scopes:  # first, because stopping a scenario restores former values
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
    return {"workspace": row.name, "reset": scopes}


def _disarm(transaction: Transaction, row: WorkspaceRow) -> None:
    for stored in running(transaction, row.id):
        services().scenario_runner.stop(transaction, services().workspaces.row(transaction, row.name), stored)
    transaction.empty(row.id, RULES)
    transaction.forget_ordinal(row.id, RULES.table)
