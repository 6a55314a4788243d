"""Opendoor's catalogue: states, the 41 denials at their stages, GraphQL's own errors, with calls to each."""

from offer_sandbox.contract import infrastructure
from offer_sandbox.providers.opendoor.operations import CREATE, PRICING, READ, UPDATE
from offer_sandbox.providers.opendoor.outcomes.calls import authorization, create, price, read, update
from offer_sandbox.providers.opendoor.outcomes.refusals import UNKNOWN_ID, not_found, unmatched
from offer_sandbox.providers.opendoor.outcomes.requests import creations, pricings, reads, updates

OUTCOMES = (
    *creations(),
    *infrastructure(CREATE, create(), authorization),
    *updates(),
    not_found(UPDATE, update({"homeBedrooms": 3}, UNKNOWN_ID)),
    *infrastructure(UPDATE, update({"homeBedrooms": 3}), authorization),
    *reads(),
    not_found(READ, read(UNKNOWN_ID)),
    *infrastructure(READ, read(), authorization),
    *pricings(),
    not_found(PRICING, price(UNKNOWN_ID)),
    *infrastructure(PRICING, price(), authorization),
    *unmatched(),
)
