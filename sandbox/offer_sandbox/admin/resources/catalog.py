"""`GET /__admin/catalog`: every documented outcome, filtered."""

from flask import Blueprint, Response, request

from offer_sandbox.admin.arguments import Concern, accepts, concerns
from offer_sandbox.admin.http import json_response, unprocessable
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.publish.catalog import Entry, entries

resource = Blueprint("catalog", __name__)
_FILTERS = ("provider", "operation", "kind", "evidence")


@resource.get("/catalog")
@accepts(*_FILTERS)
@concerns(Concern.SERVER)
def catalog() -> Response:
    """The outcomes, in catalogue order, with ids as the workspace's seed mints them."""
    with services().store.transaction(writes=False) as transaction:
        row = transaction.workspace(workspace_name())
    seed = row.seed if row is not None else services().workspaces.beginning.seed
    everything = found = list(entries(services().providers.values(), seed))
    for name in _FILTERS:
        if name in request.args:
            found = [entry for entry in found if request.args[name] in _values(entry, name)]
            _known(everything, name, request.args[name])
    return json_response({"outcomes": found})


def _values(entry: Entry, name: str) -> tuple[str, ...]:
    """What a filter may say to find the entry; an operation is named with its provider or without."""
    value: str = entry[name]
    return (f"{entry['provider']}.{value}", value) if name == "operation" else (value,)


def _known(everything: list[Entry], name: str, value: str) -> None:
    """Refuses a value that no entry of the catalogue has: 404 for a name, 422 for a word."""
    if any(value in _values(entry, name) for entry in everything):
        return
    known = sorted({_values(entry, name)[0] for entry in everything})
    if name in ("provider", "operation"):
        detail = f"there is no {name} {value[:80]!r}"
        raise ProblemDetailsError(404, f"unknown-{name}", f"Unknown {name}", detail, known=known)
    raise unprocessable(f"{name} is none of the known ones", known=known)
