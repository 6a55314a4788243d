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
HANDOVER, UNDERWRITING_COMPLETED, ENTERED_CONTRACT, CLOSED, WITHDRAWN = (
    "HANDOVER",
    "UNDERWRITING_COMPLETED",
    "ENTERED_CONTRACT",
    "CLOSED",
    "WITHDRAWN",
)
# The stages of an offer after it was made, by the member of OfferData that tells of each, the last one first.
_LATER = {
    "withdrawnAt": WITHDRAWN,
    "closedAt": CLOSED,
    "enteredContractAt": ENTERED_CONTRACT,
    "underwritingCompletedAt": UNDERWRITING_COMPLETED,
}
TIMED = (EVALUATING, OFFERED, HANDOVER, UNDERWRITING_COMPLETED)  # an evaluation ends, an offer expires
LATER = (HANDOVER, UNDERWRITING_COMPLETED, ENTERED_CONTRACT, CLOSED, WITHDRAWN)


def stage_of(record: Document) -> str:
    """Returns the stored stage, or `offerStatus` if somebody has set another one by hand. What has happened to an
    offer is not stored as a stage, because its dates tell it."""
    stored, shown = str(record["sandbox"]["stage"]), str(record["offerStatus"])
    stage = stored if shown == (OFFERED if stored == EXPIRED else stored) else shown
    return _later(record) if stage == OFFERED else stage


def _later(record: Document) -> str:
    data = record["offerData"] or {}
    handed_over = HANDOVER if record["handoverAt"] else OFFERED
    return next((stage for name, stage in _LATER.items() if data.get(name)), handed_over)


def changed(record: Document, **changes: Any) -> Document:
    """Returns the record with changes to the sandbox's internal data."""
    return {**record, "sandbox": {**record["sandbox"], **changes}}
