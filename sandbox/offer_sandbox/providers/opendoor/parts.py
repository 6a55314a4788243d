"""Opendoor's parts put together; everything here is made elsewhere in this folder."""

from offer_sandbox.contract import Parts
from offer_sandbox.providers.opendoor import fixtures, schemas
from offer_sandbox.providers.opendoor.behaviour import TRANSITIONS
from offer_sandbox.providers.opendoor.errors import DIALECT
from offer_sandbox.providers.opendoor.operations import OPERATIONS, new_id
from offer_sandbox.providers.opendoor.outcomes import OUTCOMES
from offer_sandbox.providers.opendoor.webhooks import WEBHOOKS
from offer_sandbox.schemas.graphql import GraphQLResponse

PARTS = Parts(
    operations=OPERATIONS,
    outcomes=OUTCOMES,
    dialect=DIALECT,
    fixtures=fixtures.build,
    records={"offerRequests": schemas.OfferRequestRecord()},
    new_id=new_id,
    error=GraphQLResponse(),
    transitions=TRANSITIONS,
    sdl="opendoor.graphql",
    webhooks=WEBHOOKS,
    security={"apiKey": {"type": "http", "scheme": "basic"}},
)
