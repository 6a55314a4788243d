"""`/__admin/snapshot`: a whole workspace but its journal, saved as one document and put back."""

from flask import Blueprint, Response

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import MAX_DEPTH_SNAPSHOT, json_object, json_response
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.admin.snapshot_document import Snapshot, read, written
from offer_sandbox.contract.http import MAX_STATE_BODY_BYTES
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.world.limits import demand_room
from offer_sandbox.world.outbox import OUTBOX, released
from offer_sandbox.world.store import Transaction, WorkspaceRow

resource = Blueprint("snapshot", __name__)


@resource.get("/snapshot")
def save() -> Response:
    """The workspace as it is by now, every provider's fixtures in it."""
    with workspace() as (transaction, row):
        for each in services().providers.values():
            apply_due_transitions(each, services().workspaces.open(transaction, row.name, each.name))
        return json_response(written(transaction, row))


@resource.put("/snapshot")
@accepts(body=True)
def load() -> Response:
    """Replaces the workspace by a snapshot, of itself, of another or of another server's; all or nothing."""
    snapshot = read(json_object(maximum=MAX_STATE_BODY_BYTES, deepest=MAX_DEPTH_SNAPSHOT, exact=True))
    with workspace() as (transaction, row):
        _restore(transaction, row, snapshot)
    restored = {f"{kind.provider}.{kind.name}": len(records) for kind, records in snapshot.records}
    return json_response({"workspace": row.name, "restored": restored})


def _restore(transaction: Transaction, row: WorkspaceRow, snapshot: Snapshot) -> None:
    transaction.clear(row.id, rules=True)
    transaction.set_seed(row.id, snapshot.seed)
    transaction.set_clock(row.id, snapshot.clock)
    transaction.set_settings(row.id, snapshot.settings)
    transaction.set_ordinals(row.id, snapshot.ordinals)
    for provider in snapshot.seeded:
        transaction.mark_seeded(row.id, provider)
    for kind, records in snapshot.records:
        stored = transaction.put(row.id, kind, map(released, records) if kind is OUTBOX else records)
        demand_room(stored, services().workspaces.limits.records)
