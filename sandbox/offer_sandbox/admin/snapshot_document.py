"""Snapshots as documents: written from a workspace, and validated before they replace one."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, missing, validate

from offer_sandbox.admin import snapshot_records
from offer_sandbox.admin.fields import BodySchema
from offer_sandbox.admin.http import large_object, loaded, refused, unprocessable
from offer_sandbox.admin.json_schemas import RECORD, SETTINGS_OF_WORKSPACE
from offer_sandbox.admin.record_validation import MAX_DEPTH_STATE, RecordReader
from offer_sandbox.admin.services import services
from offer_sandbox.admin.stored_records import arrays_of_records
from offer_sandbox.rules.repository import MAX_BYTES_IN_WORKSPACE, MAX_RULES_IN_WORKSPACE, RULES
from offer_sandbox.rules.settings import SettingsRefused
from offer_sandbox.rules.validation import complete
from offer_sandbox.schemas.fields import MAX_ITEMS, Integer, List, Nested, Object, String, described, within
from offer_sandbox.webhooks.records import WebhookRecord
from offer_sandbox.world.collection import Collection, Document, Row
from offer_sandbox.world.json_stream import JsonStream, TakeItem
from offer_sandbox.world.limits import MAX_RECORD_BYTES
from offer_sandbox.world.outbox import OUTBOX, released
from offer_sandbox.world.store import Transaction, WorkspaceRow

FORMAT = "offer-sandbox/snapshot"
VERSION = 1
_MAX_DEPTH = MAX_DEPTH_STATE + 8
_MAX_SEED = 10**15 - 1
_MAX_ORDINAL = 10**15
# The schemas of collections that belong to no provider. Without one, only the key and storability are checked.
_OWN: Mapping[str, Schema] = {OUTBOX.table: WebhookRecord(), **snapshot_records.SCHEMAS}


_ORDINALS = {
    "type": "object",
    "additionalProperties": {
        "type": "integer",
        "minimum": 0,
        "maximum": _MAX_ORDINAL,
        "description": "The number of ids that were generated with this name.",
    },
}
_COLLECTIONS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "description": "The collections of one owner, by name.",
        "additionalProperties": {
            "type": "array",
            "description": "The records of one collection, in order of insertion.",
            "items": RECORD.schema,
        },
    },
}


class SnapshotVersion(Integer):
    """The version of the snapshot format."""

    def deserialize(self, value: Any, *rest: Any, **options: Any) -> Any:
        """Returns the version. Raises ValidationError if this program does not read it."""
        if type(value) is not int or value != VERSION:
            found = "none" if value in (missing, None) else repr(value)[:40]
            raise ValidationError(f"version:must be {VERSION}, the version that this program reads, not {found}")
        return value


class SnapshotSchema(BodySchema):
    """A whole workspace, except its journal."""

    format = String(
        required=True,
        validate=validate.Equal(FORMAT, error="format:must be {other!r}"),
        metadata=described("The kind of document.", values={FORMAT: "A snapshot of a workspace."}),
    )
    version = SnapshotVersion(
        required=True,
        validate=validate.Equal(VERSION),
        metadata=described("The version of the format.", values={str(VERSION): "The only version."}),
    )
    seed = Integer(
        required=True,
        validate=within(0, _MAX_SEED),
        metadata=described("The seed of the workspace's ids and random numbers.", example=42),
    )
    clock = Nested(
        snapshot_records.StoredClock,
        required=True,
        metadata=described("The workspace's clock in its stored form."),
    )
    settings = Object(
        required=True,
        metadata={
            **described("The settings that the workspace has changed. All others have their defaults."),
            "shape": SETTINGS_OF_WORKSPACE,
        },
    )
    seeded = List(
        String(),
        required=True,
        maximum=MAX_ITEMS,
        metadata=described(
            "The providers whose initial records have been added. Only these can have records.", example=["covent"]
        ),
    )
    ordinals = Object(
        required=True,
        metadata={
            **described(
                "The counters of generated ids, by name. New ids continue from them.", example={"covent.offers": 2}
            ),
            "shape": _ORDINALS,
        },
    )
    collections = Object(
        required=True,
        metadata={
            **described(
                "The records, by owner and collection. The owners are the providers, and `sandbox` with rules,"
                " scenarios and webhooks. A provider that is not in `seeded` may be omitted. Every other owner"
                " must have all its collections, except those that version 0.1.0 did not have. They are then"
                " empty."
            ),
            "shape": _COLLECTIONS,
        },
    )


SNAPSHOT = SnapshotSchema()


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A validated snapshot: a whole workspace, except its name and its journal."""

    seed: int
    clock: dict[str, Any]
    settings: dict[str, Any]
    seeded: list[str]
    ordinals: dict[str, int]
    rows: list[tuple[Collection, list[Row]]]


def written(transaction: Transaction, row: WorkspaceRow) -> dict[str, Any]:
    """Returns the workspace as a document to print, with every collection in order of insertion. Raises
    ProblemDetailsError (409) if it has more bytes than a response may have."""
    collections: dict[str, dict[str, Any]] = {}
    kinds = transaction.store.every()
    for kind, records in zip(kinds, arrays_of_records(transaction, row, kinds), strict=True):
        collections.setdefault(kind.provider, {})[kind.name] = records
    return {
        "format": FORMAT,
        "version": VERSION,
        "seed": row.seed,
        "clock": row.clock,
        "settings": row.settings,
        "seeded": transaction.seeded(row.id),
        "ordinals": transaction.ordinals(row.id),
        "collections": collections,
    }


def read(body: bytes) -> Generator[None, None, Snapshot]:
    """Reads a snapshot in steps, and returns it. Raises ProblemDetailsError (400, 422) for a document that
    `written` cannot produce."""
    readers = {kind.table: _reader(kind) for kind in services().store.every()}
    layout: dict[str, dict[str, TakeItem]] = {}
    for kind in services().store.every():
        layout.setdefault(kind.provider, {})[kind.name] = readers[kind.table].take
    stream = JsonStream(body, {"collections": layout}, MAX_RECORD_BYTES, deepest=_MAX_DEPTH, exact=True)
    document = loaded(SNAPSHOT, (yield from large_object(stream)), "field")
    _in_calendar(document["clock"])
    seeded = _seeded(document["seeded"])
    return Snapshot(
        seed=document["seed"],
        clock=document["clock"],
        settings=_settings(document["settings"]),
        seeded=seeded,
        ordinals=_ordinals(document["ordinals"]),
        rows=_rows(document["collections"], seeded, readers),
    )


def _in_calendar(clock: dict[str, Any]) -> None:
    if not snapshot_records.in_calendar_now(clock):
        raise unprocessable("clock.offset: sets the clock to a time before 1970")


def _settings(body: dict[str, Any]) -> dict[str, Any]:
    try:
        return services().settings.merged({}, body)
    except SettingsRefused as error:
        raise refused([issue.below("settings") for issue in error.issues]) from None


def _seeded(names: list[str]) -> list[str]:
    known = sorted(services().providers)
    if foreign := [name for name in names if name not in known]:
        raise unprocessable(f"seeded: unknown provider {foreign[0][:80]!r}", known=known)
    if len(set(names)) != len(names):
        raise unprocessable("seeded: must not list a provider twice")
    return names


def _ordinals(body: dict[str, Any]) -> dict[str, int]:
    for name, value in body.items():
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_ORDINAL:
            raise unprocessable(f"ordinals.{name[:80]}: must be a whole number from 0 to {_MAX_ORDINAL}")
    return body


def _rows(
    body: dict[str, Any], seeded: list[str], readers: Mapping[str, RecordReader]
) -> list[tuple[Collection, list[Row]]]:
    """Returns the rows of every collection. A provider that is not seeded has no records and may be left out,
    because its fixtures are added on its first call."""
    kinds = services().store.every()
    owners = dict.fromkeys(kind.provider for kind in kinds)
    _known(body, tuple(owners), "collections")
    for owner in owners:
        if owner in services().providers and owner not in seeded:
            body = {owner: {kind.name: [] for kind in kinds if kind.provider == owner}, **body}
        names = tuple(kind.name for kind in kinds if kind.provider == owner)
        _known(body.get(owner), names, f"collections.{owner}")
    found = [
        (kind, readers[kind.table].rows(body[kind.provider].get(kind.name, [] if kind.later else None)))
        for kind in kinds
    ]
    for kind, rows in found:
        if kind is RULES and len(rows) > MAX_RULES_IN_WORKSPACE:
            raise unprocessable(f"{_place(kind)}: a workspace has at most {MAX_RULES_IN_WORKSPACE} rules")
        if kind is RULES and sum(len(row[2]) for row in rows) > MAX_BYTES_IN_WORKSPACE:
            raise unprocessable(f"{_place(kind)}: the rules have more than {MAX_BYTES_IN_WORKSPACE >> 20} MiB")
        if rows and kind.provider in services().providers and kind.provider not in seeded:
            raise unprocessable(f"seeded: {kind.provider} is missing but has records")
    return found


def _known(value: Any, names: tuple[str, ...], where: str) -> None:
    """Rejects a value that is not an object, and members other than these."""
    if not isinstance(value, dict):
        raise unprocessable(f"{where}: must be an object")
    if unknown := [name for name in value if name not in names]:
        raise unprocessable(f"{where}: unknown field {unknown[0][:80]!r}", known=list(names))


def _place(kind: Collection) -> str:
    return f"collections.{kind.provider}.{kind.name}"


def _reader(kind: Collection) -> RecordReader:
    """Returns the reader of a collection's records."""
    owner = services().providers.get(kind.provider)
    schema = owner.parts.records.get(kind.name) if owner else _OWN.get(kind.table)

    def prepared(index: int, record: Document) -> Document:
        if issue := next(snapshot_records.meaningless(kind, record), None):
            raise unprocessable(f"{_place(kind)}[{index}] {issue}")
        if kind is OUTBOX:
            return released(record)
        return {**record, "rule": complete(record["rule"])} if kind is RULES else record

    if kind.table in snapshot_records.SCHEMAS:
        return RecordReader(kind, schema, _place(kind), prepared, snapshot_records.plain_numbers)
    return RecordReader(kind, schema, _place(kind), prepared)
