"""`/__admin/state`: the records of a workspace, by collection and one by one."""

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Response
from marshmallow import validate
from marshmallow.fields import Raw

from offer_sandbox.admin.call import Body, ControlCall, JsonSchema
from offer_sandbox.admin.event_schema import EventSchema, event_to_json
from offer_sandbox.admin.fields import BodySchema, QuerySchema, ShownSchema
from offer_sandbox.admin.http import json_response, large_object, reject_unknown_members, unprocessable, wrong
from offer_sandbox.admin.json_schemas import RECORD, RECORD_EXAMPLE
from offer_sandbox.admin.long_poll import Wait, timeout_field, waiting
from offer_sandbox.admin.record_validation import MAX_DEPTH_STATE, RecordReader, invalid_records, record_errors
from offer_sandbox.admin.services import known_provider, looked_at, services, workspace
from offer_sandbox.admin.slices import in_slices
from offer_sandbox.admin.stored_records import arrays_of_records
from offer_sandbox.contract import Provider
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import JSON
from offer_sandbox.exchange.transitions import apply_due_transitions, request_transition, requestable
from offer_sandbox.schemas.fields import Integer, List, Nested, String, described
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.json_codec import merge_patch
from offer_sandbox.world.json_stream import JsonStream
from offer_sandbox.world.limits import MAX_RECORD_BYTES
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import World

_COLLECTION = "/__admin/state/{provider}/{collection}"
_RECORD = "/__admin/state/{provider}/{collection}/{id}"
_RECORDS = JsonSchema(
    "Records",
    {
        "type": "object",
        "description": "An object with one field: the name of the collection, with its records.",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {
            "type": "array",
            "description": "The records. No two may have the same id.",
            "items": RECORD.schema,
        },
        "examples": [{"offers": [RECORD_EXAMPLE]}],
    },
)
_RECORD_LIST = JsonSchema(
    "RecordList",
    {
        "type": "object",
        "description": "An object with the name of the collection, and its records in order of insertion.",
        "minProperties": 1,
        "additionalProperties": {"type": "array", "description": "The records.", "items": RECORD.schema},
        "examples": [{"offers": [RECORD_EXAMPLE]}],
    },
)
_PATCH = JsonSchema(
    "MergePatch",
    {
        "type": "object",
        "description": "The members to change, with their new values. Null removes a member, an object is"
        " merged, and any other value replaces the present one.",
        "examples": [{"status": "accepted"}],
    },
)
_GIVEN_RECORDS = Body(shape=_RECORDS, example={"offers": [RECORD_EXAMPLE]}, raw=True, large=True)


class CollectionSchema(ShownSchema):
    """A collection of a provider's records."""

    provider = String(required=True, metadata=described("The provider's name.", example="covent"))
    collection = String(required=True, metadata=described("The collection's name.", example="offers"))
    count = Integer(required=True, metadata=described("The number of its records.", example=4))


class CollectionListSchema(ShownSchema):
    """The collections, grouped by provider."""

    collections = List(
        Nested(CollectionSchema), required=True, metadata=described("The collections, grouped by provider.")
    )


class RecordCountSchema(ShownSchema):
    """The number of records that were stored, and the number that the collection has now."""

    stored = Integer(required=True, metadata=described("The number of records in the request.", example=1))
    total = Integer(
        required=True, metadata=described("The number of records that the collection has now.", example=5)
    )


class TransitionInputSchema(BodySchema):
    """The state that the record gets."""

    to = String(
        required=True,
        metadata=described("The state after the transition, in the provider's spelling.", example="expired"),
    )


class TransitionSchema(ShownSchema):
    """The record after a transition, and the state changes."""

    record = Raw(required=True, metadata={"shape": RECORD.schema})
    events = List(
        Nested(EventSchema),
        required=True,
        metadata=described("The state changes of the record, and of other records that changed with it."),
    )


class StatusWaitSchema(QuerySchema):
    """The status to wait for, and the timeout."""

    status = String(
        required=True,
        metadata=described("The status to wait for, in the provider's spelling.", example="accepted"),
    )
    timeout = timeout_field()


@ControlCall(method="GET", path="/__admin/state", answers={200: CollectionListSchema()})
def list_collections() -> Any:
    """Lists each provider's collections with their numbers of records.

    Tokens, rules and other records of the sandbox itself are not listed.
    """
    with workspace() as (transaction, row):
        worlds = [services().workspaces.open(transaction, row.name, name) for name in services().providers]
        collections = [
            {"provider": kind.provider, "collection": kind.name, "count": world.count(kind.name)}
            for world in worlds
            for kind in known_provider(world.provider).visible
        ]
    return {"collections": collections}


@ControlCall(method="GET", path=_COLLECTION, answers={200: _RECORD_LIST}, refusals=(404, 409))
def list_records(provider: str, collection: str) -> Any:
    """Lists all records of a collection, in order of insertion.

    State changes that are due by now are carried out first. Returns 409 if the records have more bytes than
    `serve --max-state-body` allows.
    """
    with workspace() as (transaction, row):
        world = _world(transaction, row, provider, collection)
        return {collection: arrays_of_records(transaction, row, [world.kinds[collection]])[0]}


def records_of(provider: str, collection: str) -> list[Document]:
    """Returns all records of a collection, in order of insertion. Raises ProblemDetailsError (404)."""
    with workspace() as (transaction, row):
        return _world(transaction, row, provider, collection).select(collection)


@ControlCall(
    method="PUT", path=_COLLECTION, body=_GIVEN_RECORDS, answers={200: RecordCountSchema()}, refusals=(404,)
)
def replace_records(provider: str, collection: str, body: bytes) -> Response:
    """Replaces all records of a collection with the given ones.

    If any record does not fit the provider's schema, returns 422 and changes nothing. Sends no webhooks for the
    new records.
    """
    return _store(provider, collection, body, replacing=True)


@ControlCall(
    method="PATCH", path=_COLLECTION, body=_GIVEN_RECORDS, answers={200: RecordCountSchema()}, refusals=(404,)
)
def add_records(provider: str, collection: str, body: bytes) -> Response:
    """Adds records to a collection, and replaces records that have the same id.

    If any record does not fit the provider's schema, returns 422 and changes nothing. Sends no webhooks for these
    records.
    """
    return _store(provider, collection, body, replacing=False)


@ControlCall(method="DELETE", path=_COLLECTION, answers={204: None}, refusals=(404,))
def remove_records(provider: str, collection: str) -> None:
    """Deletes all records of a collection.

    Use `POST /__admin/reset` to get the initial records back. Sends no webhooks.
    """
    with workspace() as (transaction, row):
        _world(transaction, row, provider, collection).empty(collection)


def _store(name: str, collection: str, body: bytes, replacing: bool) -> Response:
    """Stores records that are read in slices. Other writers wait only while the rows are stored."""
    kind = _known(name, collection)
    reader = RecordReader(kind, known_provider(name).parts.records[collection], collection)

    def steps() -> Generator[None, None, dict[str, int]]:
        stream = JsonStream(body, {collection: reader.take}, MAX_RECORD_BYTES, deepest=MAX_DEPTH_STATE)
        value = yield from large_object(stream)
        reject_unknown_members(value, collection)
        rows = reader.rows(value.get(collection))
        with workspace() as (transaction, row):
            world = _world(transaction, row, name, collection)
            if replacing:
                world.empty(collection)
            world.put_rows(collection, rows)
            return {"stored": len(rows), "total": world.count(collection)}

    return in_slices(steps)


def _known(name: str, collection: str) -> Collection:
    """Returns the declaration of a collection. Raises ProblemDetailsError (404) for an unknown provider or
    collection."""
    visible = {kind.name: kind for kind in known_provider(name).visible}
    if collection not in visible:
        detail = f"{name} has no collection {collection[:100]!r}"
        raise ProblemDetailsError(404, "unknown-collection", "Unknown collection", detail, known=list(visible))
    return visible[collection]


def _world(transaction: Transaction, row: WorkspaceRow, name: str, collection: str) -> World:
    """Returns the provider's part of the workspace, with its due transitions applied. Raises ProblemDetailsError
    (404) for an unknown provider or collection."""
    _known(name, collection)
    world = services().workspaces.opened_by_row(transaction, row, name)
    apply_due_transitions(known_provider(name), world)
    return world


_REMOVED = " (null in a merge patch removes a field, so use PUT to set one to null)"


@ControlCall(method="GET", path=_RECORD, answers={200: RECORD}, refusals=(404,))
def get_record(provider: str, collection: str, id: str) -> Any:
    """Returns a record.

    State changes that are due by now are carried out first.
    """
    return looked_at(
        lambda transaction, row: _found(_world(transaction, row, provider, collection), collection, id)
    )


@ControlCall(
    method="PUT",
    path=_RECORD,
    body=Body(shape=RECORD, example=RECORD_EXAMPLE),
    answers={200: RECORD, 201: RECORD},
    refusals=(404,),
)
def put_record(provider: str, collection: str, id: str, body: Document) -> Any:
    """Adds a record (201), or replaces the one with this id (200).

    If the body has no id, the id in the path is used. Returns 422 if the record does not fit the provider's
    schema. Sends no webhook for the record.
    """
    with workspace() as (transaction, row):
        world = _world(transaction, row, provider, collection)
        key = world.kinds[collection].key
        record = body if key in body else {key: _typed(world, collection, id), **body}
        former = world.get(collection, id)
        _store_record(world, collection, id, record)
        return record, 201 if former is None else 200


@ControlCall(
    method="PATCH",
    path=_RECORD,
    body=Body(
        shape=_PATCH,
        example={"status": "accepted"},
        media_types=(JSON, "application/merge-patch+json"),
    ),
    answers={200: RECORD},
    refusals=(404,),
)
def patch_record(provider: str, collection: str, id: str, body: Document) -> Any:
    """Changes members of a record with a JSON merge patch (RFC 7386).

    In a merge patch, null removes a member. The record's id cannot change. Returns 422 if the result does not fit
    the provider's schema. Sends no webhook for the record.
    """
    with workspace() as (transaction, row):
        world = _world(transaction, row, provider, collection)
        record = merge_patch(_found(world, collection, id), body)
        _store_record(world, collection, id, record, _REMOVED)
        return record


@ControlCall(method="DELETE", path=_RECORD, answers={204: None}, refusals=(404,))
def remove_record(provider: str, collection: str, id: str) -> None:
    """Deletes a record.

    Sends no webhook. Returns 404 if there is no such record.
    """
    with workspace() as (transaction, row):
        world = _world(transaction, row, provider, collection)
        _found(world, collection, id)
        world.delete(collection, id)


@ControlCall(
    method="POST",
    path=f"{_RECORD}/transitions",
    body=Body(shape=TransitionInputSchema(), example={"to": "expired"}),
    answers={200: TransitionSchema()},
    refusals=(404, 409),
)
def make_transition(provider: str, collection: str, id: str, body: dict[str, str]) -> Any:
    """Changes a record to the state `to`, as if the cause of that transition had happened now.

    Use it for what time or another party would cause: a buyer accepts, an evaluation ends, an offer expires. The
    change sends its webhooks and changes other records, unlike an edit of the record. Returns 409 if the record's
    state machine has no such transition from its present state.
    """
    target = body["to"]
    with workspace() as (transaction, row):
        world = _world(transaction, row, provider, collection)
        owner, kind, record = known_provider(provider), world.kinds[collection], _found(world, collection, id)
        events = request_transition(owner, world, kind, record, target)
        if events is None:
            raise _impossible(owner, kind, record, target)
        return {"record": _found(world, collection, id), "events": [*map(event_to_json, events)]}


def _impossible(owner: Provider, kind: Collection, record: Document, target: str) -> ProblemDetailsError:
    possible = list(dict.fromkeys(each.target for each in requestable(owner, kind, record)))
    state = f" from {kind.state(record)}" if kind.state else ", because these records have no states"
    what = f"possible: {', '.join(possible)}" if possible else "no transition can be requested"
    detail = f"{owner.name}.{kind.name} {record[kind.key]} cannot become {target[:80]!r}{state} ({what})"
    return ProblemDetailsError(409, "impossible-transition", "Impossible transition", detail, known=possible)


@ControlCall(
    method="GET",
    path=f"{_RECORD}/wait",
    query=StatusWaitSchema(),
    answers={200: RECORD},
    refusals=(404, 408, 501, 503),
)
def wait_for_status(provider: str, collection: str, id: str, query: dict[str, Any]) -> Response:
    """Waits until a record has the given `status`, and returns the record.

    A test can wait for a state change that time or another call causes. Returns 408 after `timeout` seconds, and
    422 for a status that the collection's records cannot have.
    """
    status = query["status"]

    def look(wait: Wait) -> tuple[Response | None, Wait]:
        return looked_at(partial(find, wait))

    def find(wait: Wait, transaction: Transaction, row: WorkspaceRow) -> tuple[Response | None, Wait]:
        world = _world(transaction, row, provider, collection)
        record, kind = _found(world, collection, id), world.kinds[collection]
        present, known = _present_statuses(kind, record), _known_statuses(known_provider(provider), kind)
        if status not in (*present, *known):  # inside the transaction, so that an error creates no workspace
            raise wrong("status", f"{provider}.{collection} has no status {status[:80]!r}", *(known or present))
        due = kind.due(record) if row.clock["mode"] == "real" else None
        later = replace(wait, due_ms=None if due is None else max(due - to_ms(world.now), 0))
        return json_response(record) if status in present else None, later

    return waiting(look, f"the record did not reach the status {status}", query["timeout"])


def _found(world: World, collection: str, id: str) -> Document:
    """Returns the record with this id, whether the record has it as text or as a number. Raises
    ProblemDetailsError (404) if there is none."""
    record = world.get(collection, id)
    if record is None:
        detail = f"{world.provider}.{collection} has no record {id[:100]!r}"
        raise ProblemDetailsError(404, "unknown-record", "Unknown record", detail)
    return record


def _store_record(world: World, collection: str, id: str, record: Document, missing: str = "") -> None:
    """Stores a record that a client wrote, and sends no webhook. Raises ProblemDetailsError (422) for a record
    that the provider could not have. `missing` is appended to errors about missing fields."""
    kind = world.kinds[collection]
    if str(record.get(kind.key)) != id:
        raise unprocessable(f"{kind.key} must be {id!r} as in the path, because a record keeps its id")
    schema = known_provider(world.provider).parts.records[collection]
    if wrong := record_errors(record, kind, schema, missing):
        raise invalid_records(wrong)
    world.put_unseen(collection, record)


def _typed(world: World, collection: str, id: str) -> Any:
    """Returns the id in the path with the type in the schema: as a number if it is one and the schema requires
    that."""
    field = known_provider(world.provider).parts.records[collection].fields.get(world.kinds[collection].key)
    digits = id.removeprefix("-")
    whole = digits.isascii() and digits.isdigit() and len(digits) <= 19 and str(int(id)) == id
    return int(id) if whole and isinstance(field, Integer) else id


_STATUS_FIELDS = ("status", "offerStatus")


def _present_statuses(kind: Collection, record: Document) -> list[str]:
    """Returns the statuses that a record has now."""
    own = [str(record[name]) for name in _STATUS_FIELDS if record.get(name) is not None]
    return list(dict.fromkeys([*([kind.state(record)] if kind.state else []), *own]))


def _known_statuses(provider: Provider, kind: Collection) -> list[str]:
    """Returns every status that records of the collection can have. The list is empty if the provider declares
    none."""
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
