"""EstatePrime's parts put together; everything here is made elsewhere in this folder."""

from offer_sandbox.contract import Parts
from offer_sandbox.providers.estateprime import fixtures, schemas
from offer_sandbox.providers.estateprime.errors import DIALECT
from offer_sandbox.providers.estateprime.operations import OPERATIONS, mint
from offer_sandbox.providers.estateprime.outcomes import OUTCOMES

PARTS = Parts(
    operations=OPERATIONS,
    outcomes=OUTCOMES,
    dialect=DIALECT,
    fixtures=fixtures.build,
    records={"offers": schemas.Offer()},
    mint=mint,
    error=schemas.Refusal(),
    security={"keyPair": {"type": "http", "scheme": "basic"}},
)
