"""Sibi's parts put together; everything here is made elsewhere in this folder."""

from offer_sandbox.contract import Parts
from offer_sandbox.providers.sibi import fixtures
from offer_sandbox.providers.sibi.behaviour import TRANSITIONS
from offer_sandbox.providers.sibi.errors import DIALECT, Refusal
from offer_sandbox.providers.sibi.operations import OPERATIONS, new_id
from offer_sandbox.providers.sibi.outcomes import OUTCOMES
from offer_sandbox.providers.sibi.records import OfferRecord
from offer_sandbox.providers.sibi.webhooks import WEBHOOKS

PARTS = Parts(
    operations=OPERATIONS,
    outcomes=OUTCOMES,
    dialect=DIALECT,
    fixtures=fixtures.build,
    records={"offers": OfferRecord()},
    new_id=new_id,
    error=Refusal(),
    transitions=TRANSITIONS,
    webhooks=WEBHOOKS,
    security={"bearer": {"type": "http", "scheme": "bearer"}},
)
