"""Snapshots as documents: written from a workspace, and validated before they replace one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, missing, validate

from offer_sandbox.admin import snapshot_records
from offer_sandbox.admin.fields import BodySchema
from offer_sandbox.admin.http import refused, unprocessable
from offer_sandbox.admin.json_schemas import RECORD, SETTINGS_OF_WORKSPACE
from offer_sandbox.admin.record_validation import validated_records
from offer_sandbox.admin.services import services
from offer_sandbox.rules.repository import MAX_RULES_IN_WORKSPACE, RULES
from offer_sandbox.rules.settings import SettingsRefused
from offer_sandbox.rules.validation import complete
from offer_sandbox.schemas.fields import MAX_ITEMS, Integer, List, Nested, Object, String, described, within
from offer_sandbox.webhooks.records import WebhookRecord
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.outbox import OUTBOX
from offer_sandbox.world.store import Transaction, WorkspaceRow

FORMAT = "offer-sandbox/snapshot"
VERSION = 1
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
                " must have all its collections."
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
    records: list[tuple[Collection, list[Document]]]


def written(transaction: Transaction, row: WorkspaceRow) -> dict[str, Any]:
    """Returns the workspace as a document, with every collection in order of insertion."""
    collections: dict[str, dict[str, list[Document]]] = {}
    for kind in transaction.store.every():
        collections.setdefault(kind.provider, {})[kind.name] = transaction.select(row.id, kind, {})
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


def read(document: dict[str, Any]) -> Snapshot:
    """Returns the snapshot from a document that fits the schema. Raises ProblemDetailsError (422) for a document
    that `written` cannot produce."""
    _in_calendar(document["clock"])
    seeded = _seeded(document["seeded"])
    return Snapshot(
        seed=document["seed"],
        clock=document["clock"],
        settings=_settings(document["settings"]),
        seeded=seeded,
        ordinals=_ordinals(document["ordinals"]),
        records=_records(document["collections"], seeded),
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


def _records(body: dict[str, Any], seeded: list[str]) -> list[tuple[Collection, list[Document]]]:
    """Returns the records of every collection. A provider that is not seeded has no records and may be left out,
    because its fixtures are added on its first call."""
    kinds = services().store.every()
    owners = dict.fromkeys(kind.provider for kind in kinds)
    _known(body, tuple(owners), "collections")
    for owner in owners:
        if owner in services().providers and owner not in seeded:
            body = {owner: {kind.name: [] for kind in kinds if kind.provider == owner}, **body}
        names = tuple(kind.name for kind in kinds if kind.provider == owner)
        _known(body.get(owner), names, f"collections.{owner}")
    found = [(kind, _validated(body[kind.provider].get(kind.name), kind)) for kind in kinds]
    for kind, records in found:
        if records and kind.provider in services().providers and kind.provider not in seeded:
            raise unprocessable(f"seeded: {kind.provider} is missing but has records")
    return found


def _known(value: Any, names: tuple[str, ...], where: str) -> None:
    """Rejects a value that is not an object, and members other than these."""
    if not isinstance(value, dict):
        raise unprocessable(f"{where}: must be an object")
    if unknown := [name for name in value if name not in names]:
        raise unprocessable(f"{where}: unknown field {unknown[0][:80]!r}", known=list(names))


def _validated(value: Any, kind: Collection) -> list[Document]:
    owner = services().providers.get(kind.provider)
    schema = owner.parts.records.get(kind.name) if owner else _OWN.get(kind.table)
    where = f"collections.{kind.provider}.{kind.name}"
    if kind.table in snapshot_records.SCHEMAS:
        value = snapshot_records.plain_numbers(value)
    records = validated_records(value, kind, schema, where)
    if kind is RULES and len(records) > MAX_RULES_IN_WORKSPACE:
        raise unprocessable(f"{where}: a workspace has at most {MAX_RULES_IN_WORKSPACE} rules")
    for index, record in enumerate(records):
        if issue := next(snapshot_records.meaningless(kind, record), None):
            raise unprocessable(f"{where}[{index}] {issue}")
    if kind is RULES:
        return [{**record, "rule": complete(record["rule"])} for record in records]
    return records
