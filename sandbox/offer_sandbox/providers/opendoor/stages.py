"""The stages of an offer request, and how its record keeps them."""

from typing import Any

from offer_sandbox.world.collection import Document

PENDING, EVALUATING, OFFERED, EXPIRED, DENIED = (
    "PENDING",
    "EVALUATING_REQUEST",
    "OFFERED",
    "OFFER_EXPIRED",
    "DENIED",
)


def stage_of(record: Document) -> str:
    """Returns the stored stage, or `offerStatus` if somebody has set another one by hand."""
    stored, shown = str(record["sandbox"]["stage"]), str(record["offerStatus"])
    return stored if shown == (OFFERED if stored == EXPIRED else stored) else shown


def changed(record: Document, **changes: Any) -> Document:
    """Returns the record with changes to the sandbox's internal data."""
    return {**record, "sandbox": {**record["sandbox"], **changes}}
