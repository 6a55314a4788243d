"""The stages of an offer request, and which one a record is at; light to import, and moves nothing."""

from offer_sandbox.world.collection import Document

PENDING, EVALUATING, OFFERED, EXPIRED, DENIED = (
    "PENDING",
    "EVALUATING_REQUEST",
    "OFFERED",
    "OFFER_EXPIRED",
    "DENIED",
)


def stage_of(record: Document) -> str:
    """The stage as it is kept; where somebody has set another `offerStatus` by hand, that one."""
    kept, shown = str(record["sandbox"]["stage"]), str(record["offerStatus"])
    return kept if shown == (OFFERED if kept == EXPIRED else kept) else shown
