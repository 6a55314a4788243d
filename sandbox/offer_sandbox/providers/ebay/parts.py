"""eBay's parts put together; everything here is made elsewhere in this folder."""

from offer_sandbox.contract import Parts
from offer_sandbox.providers.ebay import fixtures, schemas
from offer_sandbox.providers.ebay.behaviour import TRANSITIONS
from offer_sandbox.providers.ebay.errors import DIALECT
from offer_sandbox.providers.ebay.operations import OPERATIONS, new_id
from offer_sandbox.providers.ebay.outcomes import OUTCOMES

PARTS = Parts(
    operations=OPERATIONS,
    outcomes=OUTCOMES,
    dialect=DIALECT,
    fixtures=fixtures.build,
    records={
        "listings": schemas.ListingRecord(),
        "offers": schemas.OfferRecord(),
        "tokens": schemas.TokenRecord(),
    },
    new_id=new_id,
    error=schemas.Errors(),
    transitions=TRANSITIONS,
    security={
        "userToken": {"type": "http", "scheme": "bearer"},
        "clientCredentials": {"type": "http", "scheme": "basic"},
    },
)
