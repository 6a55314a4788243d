"""Covent's operations: their declarations and handlers, one file for each resource."""

from offer_sandbox.providers.covent.operations.individuals import INDIVIDUAL_OPERATIONS
from offer_sandbox.providers.covent.operations.listings import LISTING_OPERATIONS
from offer_sandbox.providers.covent.operations.offers import OFFER_OPERATIONS

OPERATIONS = (*OFFER_OPERATIONS, *LISTING_OPERATIONS, *INDIVIDUAL_OPERATIONS)
