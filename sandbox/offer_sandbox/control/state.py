"""`/__admin/state`: the records of a workspace, as the sandbox keeps them."""

from flask import Blueprint, Response

from offer_sandbox.contract.complaint import Complaint
from offer_sandbox.control.answers import answer
from offer_sandbox.control.site import provider, site, workspace
from offer_sandbox.exchange.settling import settle
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import World

resource = Blueprint("state", __name__)


@resource.get("/state/<name>/<collection>")
def list_records(name: str, collection: str) -> Response:
    """Every record of a collection, in order of insertion."""
    with workspace() as (transaction, row):
        world = _world(transaction, row, name, collection)
        return answer({collection: world.select(collection)})


@resource.get("/state/<name>/<collection>/<id>")
def one_record(name: str, collection: str, id: str) -> Response:
    """One record."""
    with workspace() as (transaction, row):
        record = _world(transaction, row, name, collection).get(collection, id)
    if record is None:
        raise Complaint(404, "unknown-record", "Unknown record", f"{name}.{collection} has no record {id[:100]!r}")
    return answer(record)


def _world(transaction: Transaction, row: WorkspaceRow, name: str, collection: str) -> World:
    """The provider's world, brought up to the clock; 404 for what does not exist."""
    owner = provider(name)
    known = [kind.name for kind in owner.collections if kind.visible]
    if collection not in known:
        detail = f"{name} has no collection {collection[:100]!r}"
        raise Complaint(404, "unknown-collection", "Unknown collection", detail, known=known)
    world = site().workspaces.open(transaction, row.name, name)
    settle(owner, world)
    return world
