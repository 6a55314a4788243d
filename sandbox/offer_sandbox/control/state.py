"""`/__admin/state`: the records of a workspace, as the sandbox keeps them; read, replaced, added to."""

from itertools import islice
from typing import Any

from flask import Blueprint, Response

from offer_sandbox.contract import Provider
from offer_sandbox.contract.complaint import Complaint
from offer_sandbox.control.answers import answer
from offer_sandbox.control.body import LONGEST_STATE, json_object, misunderstood, only
from offer_sandbox.control.site import provider, site, workspace
from offer_sandbox.exchange.settling import settle
from offer_sandbox.wire.checker import checker
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import World

resource = Blueprint("state", __name__)
_MOST_TOLD = 10


@resource.get("/state/<name>/<collection>")
def list_records(name: str, collection: str) -> Response:
    """Every record of a collection, in order of insertion."""
    with workspace() as (transaction, row):
        world = _world(transaction, row, name, collection)
        return answer({collection: world.select(collection)})


@resource.put("/state/<name>/<collection>")
def replace_records(name: str, collection: str) -> Response:
    """Replaces a collection by the given records, all or none."""
    return _store(name, collection, replacing=True)


@resource.patch("/state/<name>/<collection>")
def add_records(name: str, collection: str) -> Response:
    """Adds records, or overwrites those with the same id, all or none."""
    return _store(name, collection, replacing=False)


@resource.get("/state/<name>/<collection>/<id>")
def one_record(name: str, collection: str, id: str) -> Response:
    """One record."""
    with workspace() as (transaction, row):
        record = _world(transaction, row, name, collection).get(collection, id)
    if record is None:
        raise Complaint(404, "unknown-record", "Unknown record", f"{name}.{collection} has no record {id[:100]!r}")
    return answer(record)


def _store(name: str, collection: str, replacing: bool) -> Response:
    given = json_object(most=LONGEST_STATE)
    with workspace() as (transaction, row):
        world = _world(transaction, row, name, collection)
        records = _records(given, provider(name), world.kind(collection))
        if replacing:
            world.empty(collection)
        world.put_unseen(collection, *records)
        return answer({"stored": len(records), "total": world.count(collection)})


def _records(given: dict[str, Any], owner: Provider, kind: Collection) -> list[Document]:
    """The records of the body, judged by the provider's schema; 422 names the first that are wrong."""
    only(given, kind.name)
    records = given.get(kind.name)
    if not isinstance(records, list):
        raise misunderstood(f"{kind.name} must be an array of records")
    judge = checker(owner.parts.records[kind.name])
    refused = ((index, found) for index, record in enumerate(records) if (found := judge.flaws(record)))
    flaws = [
        f"{kind.name}[{index}] {flaw}"
        for index, found in islice(refused, _MOST_TOLD)
        for flaw in found[:_MOST_TOLD]
    ]
    if flaws:
        raise misunderstood(flaws[0], problems=flaws)
    ids = [record[kind.key] for record in records]
    if len(set(ids)) != len(ids):
        raise misunderstood(f"two records have the same {kind.key}")
    return records


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
