"""`GET /__admin/catalog`: every documented outcome, filtered."""

from flask import Blueprint, Response, request

from offer_sandbox.control.answers import answer
from offer_sandbox.control.body import misunderstood
from offer_sandbox.control.site import site, workspace
from offer_sandbox.publish.catalog import entries

resource = Blueprint("catalog", __name__)
_FILTERS = ("provider", "operation", "kind", "evidence", "outcome")


@resource.get("/catalog")
def catalog() -> Response:
    """The outcomes, in catalogue order, with ids as the workspace's seed mints them."""
    with workspace() as (_, row):
        seed = row.seed
    wanted = {name: request.args[name] for name in _FILTERS if name in request.args}
    if unknown := request.args.keys() - {*_FILTERS, "workspace"}:
        raise misunderstood(f"unknown filter {sorted(unknown)[0]!r}", known=list(_FILTERS))
    found = [
        entry
        for entry in entries(site().providers.values(), seed)
        if all(entry[name] == value for name, value in wanted.items())
    ]
    return answer({"outcomes": found})
