"""`/__admin/state`: the records of a workspace, as collections and one by one."""

from typing import Any

from flask import Blueprint, Response, request
from marshmallow import validate

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import (
    MAX_DEPTH_STATE,
    json_object,
    json_response,
    no_content,
    reject_unknown_members,
    unprocessable,
)
from offer_sandbox.admin.long_poll import Wait, waiting
from offer_sandbox.admin.record_validation import invalid_records, record_errors, validated_records
from offer_sandbox.admin.services import provider, services, workspace
from offer_sandbox.contract import Provider
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_STATE_BODY_BYTES
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.schemas.fields import Integer
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.json_codec import merge_patch
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import World

resource = Blueprint("state", __name__)


@resource.get("/state/<name>/<collection>")
def list_records(name: str, collection: str) -> Response:
    """Every record of a collection, in order of insertion."""
    with workspace() as (transaction, row):
        world = world_of(transaction, row, name, collection)
        return json_response({collection: world.select(collection)})


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
    return no_content()


def _store(name: str, collection: str, replacing: bool) -> Response:
    body = json_object(maximum=MAX_STATE_BODY_BYTES, deepest=MAX_DEPTH_STATE)
    kind = _known(name, collection)
    reject_unknown_members(body, collection)
    records = validated_records(body.get(collection), kind, provider(name).parts.records[collection], collection)
    with workspace() as (transaction, row):  # from here on others wait
        world = world_of(transaction, row, name, collection)
        if replacing:
            world.empty(collection)
        world.put_unseen(collection, *records)
        return json_response({"stored": len(records), "total": world.count(collection)})


def _known(name: str, collection: str) -> Collection:
    """A collection's declaration; 404 for a provider or collection that does not exist."""
    visible = {kind.name: kind for kind in provider(name).visible}
    if collection not in visible:
        detail = f"{name} has no collection {collection[:100]!r}"
        raise ProblemDetailsError(404, "unknown-collection", "Unknown collection", detail, known=list(visible))
    return visible[collection]


def world_of(transaction: Transaction, row: WorkspaceRow, name: str, collection: str) -> World:
    """The provider's world, brought up to the clock; 404 for a provider or collection that does not exist."""
    _known(name, collection)
    world = services().workspaces.open(transaction, row.name, name)
    apply_due_transitions(provider(name), world)
    return world


_REMOVED = " (in a merge patch null removes a member; PUT the whole record to set one to null)"


@resource.get("/state/<name>/<collection>/<id>")
def one(name: str, collection: str, id: str) -> Response:
    """One record."""
    with workspace() as (transaction, row):
        return json_response(found(world_of(transaction, row, name, collection), collection, id))


@resource.put("/state/<name>/<collection>/<id>")
@accepts(body=True)
def put(name: str, collection: str, id: str) -> Response:
    """Adds a record (201), or replaces the one with that id (200); an id that the body leaves out is filled in."""
    body = json_object(maximum=MAX_STATE_BODY_BYTES)
    with workspace() as (transaction, row):
        world = world_of(transaction, row, name, collection)
        key = world.kinds[collection].key
        record = body if key in body else {key: _typed(world, collection, id), **body}
        former = world.get(collection, id)
        _store_record(world, collection, id, record)
        return json_response(record, 201 if former is None else 200)


@resource.patch("/state/<name>/<collection>/<id>")
@accepts(body=True)
def patch(name: str, collection: str, id: str) -> Response:
    """Changes members of a record by a JSON merge patch (RFC 7386); its id stays."""
    body = json_object(maximum=MAX_STATE_BODY_BYTES)
    with workspace() as (transaction, row):
        world = world_of(transaction, row, name, collection)
        record = merge_patch(found(world, collection, id), body)
        _store_record(world, collection, id, record, _REMOVED)
        return json_response(record)


@resource.delete("/state/<name>/<collection>/<id>")
def remove(name: str, collection: str, id: str) -> Response:
    """Removes a record."""
    with workspace() as (transaction, row):
        world = world_of(transaction, row, name, collection)
        found(world, collection, id)
        world.delete(collection, id)
    return no_content()


@resource.get("/state/<name>/<collection>/<id>/wait")
@accepts("status", "timeout")
def wait_for_status(name: str, collection: str, id: str) -> Response:
    """The record as soon as it has the `status`, 408 when `timeout` is over."""
    status = request.args.get("status", "")

    def look(wait: Wait) -> tuple[Response | None, Wait]:
        with workspace() as (transaction, row):
            world = world_of(transaction, row, name, collection)
            record, kind = found(world, collection, id), world.kinds[collection]
            present, known = present_statuses(kind, record), known_statuses(provider(name), kind)
            if status not in (*present, *known):  # within the transaction, so that a refusal leaves no workspace
                raise unprocessable(f"{name}.{collection} has no status {status[:80]!r}", known=known or present)
        return json_response(record) if status in present else None, wait

    return waiting(look, f"the status {status}")


def found(world: World, collection: str, id: str) -> Document:
    """The record with that id, whatever JSON type its id has; 404 without one."""
    record = world.get(collection, id)
    if record is None:
        detail = f"{world.provider}.{collection} has no record {id[:100]!r}"
        raise ProblemDetailsError(404, "unknown-record", "Unknown record", detail)
    return record


def _store_record(world: World, collection: str, id: str, record: Document, missing: str = "") -> None:
    """Stores a record that was given by hand, of which no webhook tells; 422 for one that the provider could not
    have, with a word more on what is `missing`."""
    kind = world.kinds[collection]
    if str(record.get(kind.key)) != id:
        raise unprocessable(f"{kind.key} is {id!r}, as in the path; a record keeps its id")
    if wrong := record_errors(record, kind, provider(world.provider).parts.records[collection]):
        raise invalid_records([f"{each}{missing}" if each.endswith("is missing") else each for each in wrong])
    world.put_unseen(collection, record)


def _typed(world: World, collection: str, id: str) -> Any:
    """The id of a path as the schema wants it: a number where it is one and the schema asks for that."""
    field = provider(world.provider).parts.records[collection].fields.get(world.kinds[collection].key)
    digits = id.removeprefix("-")
    whole = digits.isascii() and digits.isdigit() and len(digits) <= 19 and str(int(id)) == id
    return int(id) if whole and isinstance(field, Integer) else id


_STATUS_FIELDS = ("status", "offerStatus")


def present_statuses(kind: Collection, record: Document) -> list[str]:
    """What a record's status is now."""
    own = [str(record[name]) for name in _STATUS_FIELDS if record.get(name) is not None]
    return list(dict.fromkeys([*([kind.state(record)] if kind.state else []), *own]))


def known_statuses(provider: Provider, kind: Collection) -> list[str]:
    """Every status that records of the collection can have; empty where the provider does not list them."""
    rows = [row for row in provider.parts.transitions if row.collection == kind.name]
    fields = provider.parts.records[kind.name].fields
    choices = [
        str(choice)
        for name in _STATUS_FIELDS
        for validator in (fields[name].validators if name in fields else ())
        if isinstance(validator, validate.OneOf)
        for choice in validator.choices
    ]
    return list(dict.fromkeys([*choices, *(state for row in rows for state in (row.source, row.target) if state)]))
