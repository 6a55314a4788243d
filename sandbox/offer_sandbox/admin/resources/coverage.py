"""`/__admin/coverage`: which documented outcomes the clients of the server have received."""

from typing import Any, get_args

from offer_sandbox.admin.call import Concern, ControlCall
from offer_sandbox.admin.fields import KIND_VALUES, QuerySchema, ShownSchema
from offer_sandbox.admin.http import wrong
from offer_sandbox.admin.services import services
from offer_sandbox.contract.outcome import Kind
from offer_sandbox.publish.coverage import KINDS, MORE_KINDS
from offer_sandbox.schemas.fields import Boolean, Integer, List, Nested, Number, String, described, one_of

_PATH = "/__admin/coverage"
_OPERATION = "sibi.getOffer"


class CoverageFilterSchema(QuerySchema):
    """The kinds of outcomes that count."""

    kinds = String(
        metadata=described(
            "Further kinds of outcomes that count, separated by commas: `infrastructure`, `documented` (a sample"
            f" that a page prints). The kinds {', '.join(f'`{each}`' for each in KINDS)} always count.",
            example="infrastructure",
        )
    )


class CoveredNumbersSchema(ShownSchema):
    """How many of some outcomes were served."""

    served = Integer(required=True, metadata=described("The number of outcomes that were served.", example=3))
    total = Integer(required=True, metadata=described("The number of all outcomes that count.", example=8))
    percent = Number(
        required=True,
        metadata=described("The percentage, rounded down to one digit. 0 if `total` is 0.", example=37.5),
    )


class CoveredOperationSchema(CoveredNumbersSchema):
    """An operation that was called at least once."""

    operation = String(required=True, metadata=described("The operation.", example=_OPERATION))


class CoveredOutcomeSchema(ShownSchema):
    """An outcome of an operation that was called."""

    id = String(required=True, metadata=described("The complete id.", example=f"{_OPERATION}.offer_not_found"))
    operation = String(required=True, metadata=described("The operation.", example=_OPERATION))
    title = String(
        required=True, metadata=described("A short description.", example="There is no offer with this id")
    )
    kind = String(
        required=True,
        validate=one_of(*get_args(Kind)),
        metadata=described("The kind of outcome.", values=KIND_VALUES),
    )
    status = Integer(required=True, metadata=described("The HTTP status of the response.", example=404))
    served = Boolean(required=True, metadata=described("Whether a client has received it.", example=True))
    triggers = List(
        String(),
        required=True,
        metadata=described(
            "The triggers with which it was served: `header`, `rule`, `magic` or `natural`.", example=["rule"]
        ),
    )


class CoverageSchema(CoveredNumbersSchema):
    """The coverage of the operations that were called at least once."""

    operations = List(
        Nested(CoveredOperationSchema), required=True, metadata=described("The numbers of each operation.")
    )
    outcomes = List(
        Nested(CoveredOutcomeSchema), required=True, metadata=described("Their outcomes, in catalog order.")
    )


@ControlCall(
    method="GET",
    path=_PATH,
    query=CoverageFilterSchema(),
    answers={200: CoverageSchema()},
    concern=Concern.ADMIN,
)
def get_coverage(query: dict[str, str]) -> Any:
    """Returns which outcomes were served to clients, for each operation that was called at least once.

    It covers all workspaces and all processes of the server, and does not depend on the journal. With a data
    folder it survives a restart. A response that a fault lost or replaced does not count, nor does a call that a
    page of the sandbox has sent. Calls that match no documented operation never count.
    """
    more = [each.strip() for each in query.get("kinds", "").split(",") if each.strip()]
    known = (*KINDS, *MORE_KINDS)
    if unknown := [each for each in more if each not in known]:
        raise wrong("kinds", f"unknown kind {unknown[0][:100]!r} (known: {', '.join(known)})")
    return services().coverage.document(more)


@ControlCall(method="DELETE", path=_PATH, answers={204: None}, concern=Concern.ADMIN)
def clear_coverage() -> None:
    """Forgets which outcomes were served.

    Use it before a test run on a server that runs on. The journal stays.
    """
    services().coverage.clear()
