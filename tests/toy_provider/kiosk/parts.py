"""The kiosk's parts put together; everything here is made elsewhere in this folder."""

from offer_sandbox.providers.kiosk import fixtures, schemas
from offer_sandbox.providers.kiosk.behaviour import TRANSITIONS
from offer_sandbox.providers.kiosk.errors import DIALECT
from offer_sandbox.providers.kiosk.operations import OPERATIONS, new_id
from offer_sandbox.providers.kiosk.outcomes import OUTCOMES

from offer_sandbox.contract import Parts

PARTS = Parts(
    operations=OPERATIONS,
    outcomes=OUTCOMES,
    dialect=DIALECT,
    fixtures=fixtures.build,
    records={"offers": schemas.OfferRecord()},
    new_id=new_id,
    error=schemas.Refusal(),
    transitions=TRANSITIONS,
    security={"bearer": {"type": "http", "scheme": "bearer"}},
)
