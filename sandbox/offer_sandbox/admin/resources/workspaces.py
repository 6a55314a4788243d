"""`/__admin/workspaces`: made on purpose, listed, dropped, and given keys."""

from typing import Any

from flask import Blueprint, Response

from offer_sandbox.admin.arguments import Concern, accepts, concerns
from offer_sandbox.admin.auth import confined_to
from offer_sandbox.admin.http import json_object, json_response, no_content, reject_unknown_members, unprocessable
from offer_sandbox.admin.services import services
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.world.clock import from_ms, print_instant
from offer_sandbox.world.keys import fingerprint, issue, valid_name
from offer_sandbox.world.rng import request_id
from offer_sandbox.world.store import Transaction, WorkspaceRow

resource = Blueprint("workspaces", __name__)
_MAX_SEED = 10**15 - 1


@resource.get("/workspaces")
@concerns(Concern.SERVER)
def list_workspaces() -> Response:
    """Every workspace there is, in the order in which they were made; of a workspace's own key that one."""
    with services().store.transaction(writes=False) as transaction:
        rows = transaction.workspaces()
    own = confined_to()
    return json_response({"workspaces": [_shown(row) for row in rows if own in (None, row.name)]})


@resource.post("/workspaces")
@accepts(body=True)
@concerns(Concern.SERVER)
def make() -> Response:
    """Makes a workspace, with a `name` and `seed` or without. Its key is shown this once where keys are asked for;
    where they are not, making the same again is no mistake."""
    body = json_object(allow_empty=True)
    reject_unknown_members(body, "name", "seed")
    if confined_to() is not None:
        raise ProblemDetailsError(403, "forbidden", "Forbidden", "a workspace's own key makes no other")
    beginning = services().workspaces.beginning
    name, seed = body.get("name", f"ws-{request_id()}"), body.get("seed", beginning.seed)
    if not isinstance(name, str) or not valid_name(name):
        raise unprocessable("name: 1 to 63 of a-z, 0-9, _ and -, the first a letter or digit")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= _MAX_SEED:
        raise unprocessable(f"seed: a whole number from 0 to {_MAX_SEED}")
    with services().store.transaction() as transaction:
        found = transaction.workspace(name)
        if found is not None:
            return _made_before(found, body.get("seed", found.seed))
        row = services().workspaces.add(transaction, name, seed)
        return json_response(_with_new_key(transaction, row), 201)


@resource.get("/workspaces/<name>")
@concerns(Concern.SERVER)
def one(name: str) -> Response:
    """One workspace."""
    with services().store.transaction() as transaction:
        return json_response(_shown(_found(transaction, name)))


@resource.delete("/workspaces/<name>")
@concerns(Concern.SERVER)
def drop(name: str) -> Response:
    """Drops a workspace and all that is in it; its key opens nothing any more."""
    with services().store.transaction() as transaction:
        transaction.drop_workspace(_found(transaction, name).id)
    services().workspaces.dropped(name)
    return no_content()


@resource.post("/workspaces/<name>/key")
@concerns(Concern.SERVER)
def renew(name: str) -> Response:
    """Issues a new key, shown this once; the former one and the tokens that were minted with it open nothing."""
    _keyed()
    with services().store.transaction() as transaction:
        return json_response(_with_new_key(transaction, _found(transaction, name)), 201)


@resource.delete("/workspaces/<name>/key")
@concerns(Concern.SERVER)
def revoke(name: str) -> Response:
    """Takes the key away; the workspace stays as it is."""
    _keyed()
    with services().store.transaction() as transaction:
        transaction.set_key(_found(transaction, name).id, None)
    return no_content()


def _found(transaction: Transaction, name: str) -> WorkspaceRow:
    row = transaction.workspace(name) if confined_to() in (None, name) else None
    if row is None:
        raise ProblemDetailsError(
            404, "unknown-workspace", "Unknown workspace", f"there is no workspace {name[:80]!r}"
        )
    return row


def _keyed() -> None:
    if not services().workspaces.keyed:
        detail = "every key sbx_<workspace> opens its workspace here; serve --auth keys asks for issued ones"
        raise ProblemDetailsError(409, "keys-not-issued", "Keys are not issued", detail)


def _made_before(row: WorkspaceRow, seed: int) -> Response:
    if services().workspaces.keyed:
        detail = f"the workspace {row.name} exists; POST /__admin/workspaces/{row.name}/key gives it another key"
        raise ProblemDetailsError(409, "workspace-exists", "The workspace exists", detail)
    if seed != row.seed:
        detail = f"the workspace {row.name} exists with the seed {row.seed}; DELETE it first"
        raise ProblemDetailsError(409, "workspace-exists", "The workspace exists", detail)
    return json_response(_shown(row))


def _with_new_key(transaction: Transaction, row: WorkspaceRow) -> dict[str, Any]:
    if not services().workspaces.keyed:
        return _shown(row)
    key = issue(row.name)
    transaction.set_key(row.id, fingerprint(key))
    return {**_shown(row), "key": key}


def _shown(row: WorkspaceRow) -> dict[str, Any]:
    """A workspace as it is told of; a key that was issued is not kept, so that it cannot be."""
    return {
        "name": row.name,
        "seed": row.seed,
        "key": None if services().workspaces.keyed else f"sbx_{row.name}",
        "made": print_instant(from_ms(row.made)),
        "used": print_instant(from_ms(row.used)),
        "records": row.records,
    }
