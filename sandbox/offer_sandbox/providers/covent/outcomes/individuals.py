"""The outcomes of the four calls on individuals."""

from collections.abc import Iterator

from offer_sandbox.contract import Outcome, Step, answered
from offer_sandbox.providers.covent import samples
from offer_sandbox.providers.covent.operations.individuals import (
    BUY_BOX,
    CREATE_INDIVIDUAL,
    EMAIL,
    INDIVIDUAL_OPERATIONS,
    UPDATE_INDIVIDUAL,
)
from offer_sandbox.providers.covent.outcomes.common import refusals, step

_INDIVIDUAL_SOURCES = {operation.name: operation.source for operation in INDIVIDUAL_OPERATIONS}
_ID = "ind_123"


def _of(operation: str, title: str, plain: Step, id: str = "") -> Iterator[Outcome]:
    yield answered(operation, "success", title, 200, plain, source=_INDIVIDUAL_SOURCES[operation])
    yield from refusals(operation, plain, id)


INDIVIDUAL_OUTCOMES = (
    *_of(CREATE_INDIVIDUAL, "The individual is made", step("POST", "/individuals", samples.CREATE_INDIVIDUAL)),
    *_of(
        UPDATE_INDIVIDUAL,
        "The individual is changed",
        step("PATCH", f"/individuals/{_ID}", samples.UPDATE_INDIVIDUAL),
        _ID,
    ),
    *_of(
        BUY_BOX,
        "The buy box is changed",
        step("PATCH", f"/individuals/{_ID}/buy-box", samples.UPDATE_BUY_BOX),
        _ID,
    ),
    *_of(
        EMAIL,
        "The address is added",
        step("POST", f"/individuals/{_ID}/emails", samples.ADD_EMAIL),
        _ID,
    ),
)
