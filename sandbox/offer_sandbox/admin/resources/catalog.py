"""`GET /__admin/catalog`: every documented outcome, filtered."""

from typing import Any, get_args

from marshmallow import fields

from offer_sandbox.admin.call import Concern, ControlCall
from offer_sandbox.admin.fields import EVIDENCE_VALUES, KIND_VALUES, MagicValueSchema, QuerySchema, ShownSchema
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.publish.catalog import Entry, entries
from offer_sandbox.schemas.fields import Integer, List, Nested, String, described, one_of


class CatalogFilterSchema(QuerySchema):
    """The filters of the catalog."""

    provider = String(metadata=described("Only outcomes of this provider.", example="ebay"))
    operation = String(
        metadata=described(
            "Only outcomes of this operation, with or without `provider.` before it.",
            example="ebay.sendOfferToInterestedBuyers",
        )
    )
    kind = String(
        validate=one_of(*get_args(Kind)), metadata=described("Only outcomes of this kind.", values=KIND_VALUES)
    )
    evidence = String(
        validate=one_of(*get_args(Evidence)),
        metadata=described("Only outcomes that come from here.", values=EVIDENCE_VALUES),
    )


class TriggersSchema(ShownSchema):
    """The ways to request an outcome. A way that is not available is null."""

    header = fields.Dict(
        fields.String(),
        fields.String(),
        required=True,
        allow_none=True,
        metadata=described("The request header, by name.", example={"X-Sandbox-Outcome": "150011"}),
    )
    rule = fields.Dict(
        fields.String(),
        fields.String(),
        required=True,
        allow_none=True,
        metadata=described(
            "The rule, as `POST /__admin/rules` takes it.",
            example={"operation": "ebay.sendOfferToInterestedBuyers", "outcome": "150011"},
        ),
    )
    magic = Nested(
        MagicValueSchema, required=True, allow_none=True, metadata=described("The magic value in the request.")
    )


class CatalogStepSchema(ShownSchema):
    """A call that you can send exactly as shown."""

    method = String(required=True, metadata=described("The HTTP method.", example="POST"))
    path = String(
        required=True,
        metadata=described(
            "The path and query, from the server's root.",
            example="/ebay/sell/negotiation/v1/send_offer_to_interested_buyers",
        ),
    )
    headers = fields.Dict(
        fields.String(),
        fields.String(),
        required=True,
        metadata=described("The request headers, by name.", example={"Authorization": "Bearer sbx_demo"}),
    )
    body = fields.Raw(
        required=True,
        metadata=described(
            "The body: a JSON value, or the text of a form. Null if there is no body.",
            example={"offeredItems": [{"listingId": "110000150011", "discountPercentage": "10"}]},
        ),
    )


class OutcomeSchema(ShownSchema):
    """A documented result of an operation, and the ways to get it."""

    id = String(
        required=True,
        metadata=described(
            "The complete id, `provider.operation.outcome`.", example="ebay.sendOfferToInterestedBuyers.150011"
        ),
    )
    provider = String(required=True, metadata=described("The provider's name.", example="ebay"))
    operation = String(
        required=True,
        metadata=described("The operation, without its provider.", example="sendOfferToInterestedBuyers"),
    )
    outcome = String(required=True, metadata=described("The last part of the id.", example="150011"))
    title = String(required=True, metadata=described("A short description.", example="The listing has ended"))
    kind = String(
        required=True,
        validate=one_of(*get_args(Kind)),
        metadata=described("The kind of outcome.", values=KIND_VALUES),
    )
    status = Integer(required=True, metadata=described("The HTTP status of the response.", example=409))
    evidence = String(
        required=True,
        validate=one_of(*get_args(Evidence)),
        metadata=described("Where the outcome comes from.", values=EVIDENCE_VALUES),
    )
    source = String(
        required=True,
        metadata=described(
            "The place in the documentation.", example="eBay, sendOfferToInterestedBuyers: Error codes"
        ),
    )
    triggers = Nested(TriggersSchema, required=True, metadata=described("The ways to request the outcome."))
    steps = List(
        Nested(CatalogStepSchema),
        required=True,
        metadata=described(
            "The calls that produce the outcome in a new workspace, in this order. Empty if only a trigger does."
        ),
    )


class CatalogSchema(ShownSchema):
    """The outcomes, in catalog order."""

    outcomes = List(
        Nested(OutcomeSchema), required=True, metadata=described("The outcomes that match all filters.")
    )


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

    Each outcome has its status, its evidence, the ways to request it, and the calls that produce it. The ids in
    these calls are those that a new workspace with this workspace's seed generates. Returns 404 with the known
    names for an unknown provider or operation.
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
