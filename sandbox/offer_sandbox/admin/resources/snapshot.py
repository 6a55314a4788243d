"""`/__admin/snapshot`: saves and restores a whole workspace, except its journal, as one document."""

from collections.abc import Generator
from typing import Any

from flask import Response
from marshmallow import fields

from offer_sandbox.admin.call import Body, ControlCall
from offer_sandbox.admin.fields import ShownSchema
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.admin.slices import in_slices
from offer_sandbox.admin.snapshot_document import FORMAT, SNAPSHOT, VERSION, Snapshot, read, written
from offer_sandbox.exchange.transitions import apply_due_transitions
from offer_sandbox.schemas.fields import Integer, String, described
from offer_sandbox.world.limits import demand_room
from offer_sandbox.world.store import Transaction, WorkspaceRow

_EXAMPLE = {
    "format": FORMAT,
    "version": VERSION,
    "seed": 42,
    "clock": {"mode": "frozen", "offset": 0, "at": 1_776_455_100_000},
    "settings": {"switches": {"sibi.absent": "omit"}},
    "seeded": [],
    "ordinals": {},
    "collections": {"sandbox": {"rules": [], "scenarios": [], "webhooks": []}},
}


class RestoredSnapshotSchema(ShownSchema):
    """The number of records that each collection has now."""

    workspace = String(required=True, metadata=described("The workspace's name.", example="team1"))
    restored = fields.Dict(
        fields.String(),
        Integer(),
        required=True,
        metadata=described(
            "The number of records by `owner.collection`, including rules, scenarios and webhooks.",
            example={"covent.offers": 4},
        ),
    )


@ControlCall(method="GET", path="/__admin/snapshot", answers={200: SNAPSHOT}, refusals=(409,))
def save_snapshot() -> Any:
    """Returns a snapshot of the workspace, including the fixtures of every provider.

    It includes records, tokens, rules, scenarios, webhooks, clock, settings and seed, but not the journal. State
    changes that are due by now are carried out first. Protect the document, because it has the workspace's tokens
    and its webhook secret. Returns 409 if the records have more bytes than `serve --max-state-body` allows.
    """
    with workspace() as (transaction, row):
        for each in services().providers.values():
            apply_due_transitions(each, services().workspaces.open(transaction, row.name, each.name))
        return written(transaction, row)


@ControlCall(
    method="PUT",
    path="/__admin/snapshot",
    body=Body(shape=SNAPSHOT, example=_EXAMPLE, raw=True, large=True),
    answers={200: RestoredSnapshotSchema()},
)
def load_snapshot(body: bytes) -> Response:
    """Replaces the workspace with a snapshot.

    The snapshot may come from this workspace, another one or another server of the same version. It replaces
    everything except the journal, the name and the key. Returns 422 if it is invalid, and 409 if it has more
    records than a workspace may have. Then nothing changes.
    """

    def steps() -> Generator[None, None, dict[str, Any]]:
        snapshot = yield from read(body)
        with workspace() as (transaction, row):
            _restore(transaction, row, snapshot)
        restored = {f"{kind.provider}.{kind.name}": len(rows) for kind, rows in snapshot.rows}
        return {"workspace": row.name, "restored": restored}

    return in_slices(steps)


def _restore(transaction: Transaction, row: WorkspaceRow, snapshot: Snapshot) -> None:
    transaction.clear(row.id, rules=True)
    transaction.set_seed(row.id, snapshot.seed)
    transaction.set_clock(row.id, snapshot.clock)
    transaction.set_settings(row.id, snapshot.settings)
    transaction.set_ordinals(row.id, snapshot.ordinals)
    for provider in snapshot.seeded:
        transaction.mark_seeded(row.id, provider)
    for kind, rows in snapshot.rows:
        demand_room(transaction.put_rows(row.id, kind, rows), services().workspaces.limits.records)
