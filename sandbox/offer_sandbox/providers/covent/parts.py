"""Covent's parts put together; everything here is made elsewhere in this folder."""

from offer_sandbox.contract import Parts
from offer_sandbox.providers.covent import fixtures
from offer_sandbox.providers.covent.behaviour import TRANSITIONS
from offer_sandbox.providers.covent.errors import DIALECT, Refusal
from offer_sandbox.providers.covent.operations import OPERATIONS, new_id
from offer_sandbox.providers.covent.outcomes import OUTCOMES
from offer_sandbox.providers.covent.schemas import IndividualRecord, Listing, OfferRecord

PARTS = Parts(
    operations=OPERATIONS,
    outcomes=OUTCOMES,
    dialect=DIALECT,
    fixtures=fixtures.build,
    records={"offers": OfferRecord(), "listings": Listing(), "individuals": IndividualRecord()},
    new_id=new_id,
    error=Refusal(),
    transitions=TRANSITIONS,
    security={"bearer": {"type": "http", "scheme": "bearer"}},
)
