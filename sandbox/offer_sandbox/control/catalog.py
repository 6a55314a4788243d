"""`GET /__admin/catalog`: every documented outcome, filtered."""

from flask import Blueprint, Response, request

from offer_sandbox.contract.complaint import Complaint
from offer_sandbox.control.answers import answer
from offer_sandbox.control.body import misunderstood
from offer_sandbox.control.site import site, workspace
from offer_sandbox.publish.catalog import Entry, entries

resource = Blueprint("catalog", __name__)
_FILTERS = ("provider", "operation", "kind", "evidence")


@resource.get("/catalog")
def catalog() -> Response:
    """The outcomes, in catalogue order, with ids as the workspace's seed mints them."""
    with workspace() as (_, row):
        seed = row.seed
    if unknown := request.args.keys() - {*_FILTERS, "workspace"}:
        raise misunderstood(f"unknown filter {sorted(unknown)[0]!r}", known=list(_FILTERS))
    found = list(entries(site().providers.values(), seed))
    for name in _FILTERS:
        if name in request.args:
            found = _filtered(found, name, request.args[name])
    return answer({"outcomes": found})


def _filtered(found: list[Entry], name: str, value: str) -> list[Entry]:
    """The entries with that value; 404 or 422 for a value that no entry of the catalogue has."""
    everything = list(entries(site().providers.values(), site().workspaces.seed))
    if name == "operation":
        known = {f"{entry['provider']}.{entry['operation']}" for entry in everything}
        fits = [
            entry for entry in found if value in (entry["operation"], f"{entry['provider']}.{entry['operation']}")
        ]
        some = any(value in (full, full.partition(".")[2]) for full in known)
    else:
        known = {entry[name] for entry in everything}
        fits, some = [entry for entry in found if entry[name] == value], value in known
    if some:
        return fits
    if name in ("provider", "operation"):
        raise Complaint(
            404, f"unknown-{name}", f"Unknown {name}", f"there is no {name} {value[:80]!r}", known=sorted(known)
        )
    raise misunderstood(f"{name} is none of the known ones", known=sorted(known))
