"""`/__admin/state/{provider}/{collection}`: the records of a workspace, as the sandbox keeps them, all at once."""

from flask import Blueprint, Response

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import DEEPEST_STATE, answer, json_object, nothing, only
from offer_sandbox.admin.record_validation import judged_list
from offer_sandbox.admin.services import provider, site, workspace
from offer_sandbox.contract.errors import Complaint
from offer_sandbox.contract.http import MAX_STATE_BODY_BYTES
from offer_sandbox.exchange.transitions import settle
from offer_sandbox.world.collection import Collection
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import World

resource = Blueprint("state", __name__)


@resource.get("/state/<name>/<collection>")
def list_records(name: str, collection: str) -> Response:
    """Every record of a collection, in order of insertion."""
    with workspace() as (transaction, row):
        world = world_of(transaction, row, name, collection)
        return answer({collection: world.select(collection)})


@resource.put("/state/<name>/<collection>")
@accepts(body=True)
def replace_records(name: str, collection: str) -> Response:
    """Replaces a collection by the given records, all or none."""
    return _store(name, collection, replacing=True)


@resource.patch("/state/<name>/<collection>")
@accepts(body=True)
def add_records(name: str, collection: str) -> Response:
    """Adds records, or overwrites those with the same id, all or none."""
    return _store(name, collection, replacing=False)


@resource.delete("/state/<name>/<collection>")
def empty(name: str, collection: str) -> Response:
    """Removes every record of a collection."""
    with workspace() as (transaction, row):
        world_of(transaction, row, name, collection).empty(collection)
    return nothing()


def _store(name: str, collection: str, replacing: bool) -> Response:
    given = json_object(most=MAX_STATE_BODY_BYTES, deepest=DEEPEST_STATE)
    kind = _known(name, collection)
    only(given, collection)
    records = judged_list(given.get(collection), kind, provider(name).parts.records[collection], collection)
    with workspace() as (transaction, row):  # from here on others wait
        world = world_of(transaction, row, name, collection)
        if replacing:
            world.empty(collection)
        world.put_unseen(collection, *records)
        return answer({"stored": len(records), "total": world.count(collection)})


def _known(name: str, collection: str) -> Collection:
    """A collection's declaration; 404 for a provider or collection that does not exist."""
    visible = {kind.name: kind for kind in provider(name).visible}
    if collection not in visible:
        detail = f"{name} has no collection {collection[:100]!r}"
        raise Complaint(404, "unknown-collection", "Unknown collection", detail, known=list(visible))
    return visible[collection]


def world_of(transaction: Transaction, row: WorkspaceRow, name: str, collection: str) -> World:
    """The provider's world, brought up to the clock; 404 for a provider or collection that does not exist."""
    _known(name, collection)
    world = site().workspaces.open(transaction, row.name, name)
    settle(provider(name), world)
    return world
