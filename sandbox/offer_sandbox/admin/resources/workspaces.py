"""`/__admin/workspaces`: creates, lists and deletes workspaces, and issues and revokes their keys."""

from typing import Any

from offer_sandbox.admin.auth import confined_to
from offer_sandbox.admin.call import Body, Concern, ControlCall
from offer_sandbox.admin.fields import BodySchema, ShownSchema, described, instant
from offer_sandbox.admin.services import concerns, services
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.schemas.fields import Integer, List, Nested, String, pattern, within
from offer_sandbox.world.clock import from_ms, print_instant
from offer_sandbox.world.keys import NAME, fingerprint, issue
from offer_sandbox.world.rng import request_id
from offer_sandbox.world.store import Transaction, WorkspaceRow

_MAX_SEED = 10**15 - 1
_ONE = "/__admin/workspaces/{name}"


class NewWorkspaceSchema(BodySchema):
    """A workspace to create. By default, its name is generated and its seed is the server's."""

    name = String(validate=pattern(NAME.pattern, "1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit"))
    seed = Integer(validate=within(0, _MAX_SEED))


class WorkspaceSchema(ShownSchema):
    """A workspace. Its timestamps are in real time."""

    name = String(required=True)
    seed = Integer(required=True, validate=within(0, _MAX_SEED))
    key = String(
        required=True,
        allow_none=True,
        metadata=described("Its key. An issued key is shown only in the response that issues it."),
    )
    made = instant()
    used = instant("Approximate time of its last call.")
    records = Integer(required=True, metadata=described("The number of its records, including tokens and rules."))


class WorkspacesSchema(ShownSchema):
    """The workspaces, in order of creation."""

    workspaces = List(Nested(WorkspaceSchema), required=True)


@ControlCall(method="GET", path="/__admin/workspaces", answers={200: WorkspacesSchema()}, concern=Concern.SERVER)
def list_workspaces() -> Any:
    """Lists all workspaces, in order of creation.

    With a workspace's own key, lists only that workspace.
    """
    with services().store.transaction(writes=False) as transaction:
        rows = transaction.workspaces()
    own = confined_to()
    return {"workspaces": [_shown(row) for row in rows if own in (None, row.name)]}


@ControlCall(
    method="POST",
    path="/__admin/workspaces",
    body=Body(shape=NewWorkspaceSchema(), example={"name": "team1", "seed": 42}, required=False),
    answers={201: WorkspaceSchema(), 200: WorkspaceSchema()},
    refusals=(409,),
    concern=Concern.ADMIN,
)
def add_workspace(body: dict[str, Any]) -> Any:
    """Creates a workspace, with the given `name` and `seed` or with defaults.

    If the server issues keys, the response shows the new key, which is never shown again. Otherwise you can create
    the same workspace again, and the response has status 200. Returns 409 if the workspace exists with another
    seed, if it exists and keys are issued, or if there is no room for another one.
    """
    name, seed = body.get("name", f"ws-{request_id()}"), body.get("seed", services().workspaces.beginning.seed)
    concerns(name)
    with services().store.transaction() as transaction:
        found = transaction.workspace(name)
        if found is not None:
            return _made_before(found, body.get("seed", found.seed))
        row = services().workspaces.add(transaction, name, seed)
        return _with_new_key(transaction, row)


@ControlCall(
    method="GET",
    path=_ONE,
    answers={200: WorkspaceSchema()},
    refusals=(404,),
    concern=Concern.NAMED_WORKSPACE,
)
def get_workspace(name: str) -> Any:
    """Returns a workspace."""
    with services().store.transaction() as transaction:
        return _shown(_found(transaction, name))


@ControlCall(method="DELETE", path=_ONE, answers={204: None}, refusals=(404,), concern=Concern.NAMED_WORKSPACE)
def remove_workspace(name: str) -> None:
    """Deletes a workspace and everything in it. Its issued key stops working."""
    with services().store.transaction() as transaction:
        transaction.drop_workspace(_found(transaction, name).id)
    services().workspaces.dropped(name)


@ControlCall(
    method="POST",
    path=f"{_ONE}/key",
    answers={201: WorkspaceSchema()},
    refusals=(404, 409),
    concern=Concern.NAMED_WORKSPACE,
)
def renew_key(name: str) -> Any:
    """Issues a new key for a workspace, which is never shown again.

    The former key, and the tokens that were issued with it, stop working. Returns 409 if the server does not issue
    keys.
    """
    _keyed()
    with services().store.transaction() as transaction:
        return _with_new_key(transaction, _found(transaction, name))


@ControlCall(
    method="DELETE",
    path=f"{_ONE}/key",
    answers={204: None},
    refusals=(404, 409),
    concern=Concern.NAMED_WORKSPACE,
)
def revoke_key(name: str) -> None:
    """Revokes the key of a workspace.

    The workspace and its records are kept. Returns 409 if the server does not issue keys.
    """
    _keyed()
    with services().store.transaction() as transaction:
        transaction.set_key(_found(transaction, name).id, None)


def _found(transaction: Transaction, name: str) -> WorkspaceRow:
    row = transaction.workspace(name) if confined_to() in (None, name) else None
    if row is None:
        raise ProblemDetailsError(
            404, "unknown-workspace", "Unknown workspace", f"there is no workspace {name[:80]!r}"
        )
    return row


def _keyed() -> None:
    if not services().workspaces.keyed:
        detail = "this server accepts any key sbx_<workspace> (only serve --auth keys issues keys)"
        raise ProblemDetailsError(409, "keys-not-issued", "Keys are not issued", detail)


def _made_before(row: WorkspaceRow, seed: int) -> tuple[dict[str, Any], int]:
    if services().workspaces.keyed:
        detail = f"the workspace {row.name} exists (POST /__admin/workspaces/{row.name}/key issues another key)"
        raise ProblemDetailsError(409, "workspace-exists", "Workspace exists", detail)
    if seed != row.seed:
        detail = f"the workspace {row.name} exists with the seed {row.seed} (delete it first)"
        raise ProblemDetailsError(409, "workspace-exists", "Workspace exists", detail)
    return _shown(row), 200


def _with_new_key(transaction: Transaction, row: WorkspaceRow) -> dict[str, Any]:
    if not services().workspaces.keyed:
        return _shown(row)
    key = issue(row.name)
    transaction.set_key(row.id, fingerprint(key))
    return {**_shown(row), "key": key}


def _shown(row: WorkspaceRow) -> dict[str, Any]:
    """Returns a workspace as responses show it. An issued key is not stored, so it cannot be shown."""
    return {
        "name": row.name,
        "seed": row.seed,
        "key": None if services().workspaces.keyed else f"sbx_{row.name}",
        "made": print_instant(from_ms(row.made)),
        "used": print_instant(from_ms(row.used)),
        "records": row.records,
    }
