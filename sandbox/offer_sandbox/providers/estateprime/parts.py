"""EstatePrime's parts put together; everything here is made elsewhere in this folder."""

from offer_sandbox.contract import Parts
from offer_sandbox.providers.estateprime import fixtures, schemas
from offer_sandbox.providers.estateprime.errors import DIALECT
from offer_sandbox.providers.estateprime.operations import OPERATIONS, new_id
from offer_sandbox.providers.estateprime.outcomes import OUTCOMES

PARTS = Parts(
    operations=OPERATIONS,
    outcomes=OUTCOMES,
    dialect=DIALECT,
    fixtures=fixtures.build,
    records={"offers": schemas.Offer()},
    new_id=new_id,
    error=schemas.Refusal(),
    security={"keyPair": {"type": "http", "scheme": "basic"}},
)
