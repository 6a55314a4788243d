"""`GET /__admin/catalog`: every documented outcome, filtered."""

from typing import Any, get_args

from marshmallow import fields

from offer_sandbox.admin.call import Concern, ControlCall
from offer_sandbox.admin.fields import MagicValueSchema, QuerySchema, ShownSchema, described
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.publish.catalog import Entry, entries
from offer_sandbox.schemas.fields import Integer, List, Nested, String, one_of


class CatalogFilterSchema(QuerySchema):
    """The filters of the catalog."""

    provider = String(metadata=described("Only outcomes of this provider."))
    operation = String(
        metadata=described("Only outcomes of this operation, with or without `provider.` before it.")
    )
    kind = String(validate=one_of(*get_args(Kind)), metadata=described("Only outcomes of this kind."))
    evidence = String(
        validate=one_of(*get_args(Evidence)), metadata=described("Only outcomes with this evidence.")
    )


class TriggersSchema(ShownSchema):
    """The ways to request an outcome. A way that is not available is null."""

    header = fields.Dict(fields.String(), fields.String(), required=True, allow_none=True)
    rule = fields.Dict(fields.String(), fields.String(), required=True, allow_none=True)
    magic = Nested(MagicValueSchema, required=True, allow_none=True)


class CatalogStepSchema(ShownSchema):
    """A call that you can send exactly as shown."""

    method = String(required=True)
    path = String(required=True)
    headers = fields.Dict(fields.String(), fields.String(), required=True)
    body = fields.Raw(required=True, metadata=described("JSON or text, or null if there is no body."))


class OutcomeSchema(ShownSchema):
    """A documented result of an operation, and the ways to get it."""

    id = String(required=True, metadata=described("`provider.operation.outcome`"))
    provider = String(required=True)
    operation = String(required=True)
    outcome = String(required=True)
    title = String(required=True)
    kind = String(required=True, validate=one_of(*get_args(Kind)))
    status = Integer(required=True)
    evidence = String(required=True, validate=one_of(*get_args(Evidence)))
    source = String(required=True)
    triggers = Nested(TriggersSchema, required=True)
    steps = List(Nested(CatalogStepSchema), required=True)


class CatalogSchema(ShownSchema):
    """The outcomes, in catalog order."""

    outcomes = List(Nested(OutcomeSchema), required=True)


@ControlCall(
    method="GET",
    path="/__admin/catalog",
    query=CatalogFilterSchema(),
    answers={200: CatalogSchema()},
    refusals=(404,),
    concern=Concern.ANY_WORKSPACE,
)
def list_outcomes(query: dict[str, str]) -> Any:
    """Lists the documented outcomes in catalog order.

    The ids in the example calls are those that a new workspace with this workspace's seed generates. Returns 404
    with the known names for an unknown provider or operation.
    """
    with services().store.transaction(writes=False) as transaction:
        row = transaction.workspace(workspace_name())
    seed = row.seed if row is not None else services().workspaces.beginning.seed
    everything = found = list(entries(services().providers.values(), seed))
    for name, value in query.items():
        found = [entry for entry in found if value in _values(entry, name)]
        _known(everything, name, value)
    return {"outcomes": found}


def _values(entry: Entry, name: str) -> tuple[str, ...]:
    """Returns the filter values that match the entry. An operation matches with or without its provider's name."""
    value: str = entry[name]
    return (f"{entry['provider']}.{value}", value) if name == "operation" else (value,)


def _known(everything: list[Entry], name: str, value: str) -> None:
    """Raises ProblemDetailsError (404) for a provider or operation that does not exist."""
    if name in ("provider", "operation") and not any(value in _values(entry, name) for entry in everything):
        known = sorted({_values(entry, name)[0] for entry in everything})
        detail = f"unknown {name} {value[:80]!r}"
        raise ProblemDetailsError(404, f"unknown-{name}", f"Unknown {name}", detail, known=known)
