"""Covent's operations: their declarations and handlers, one file for each resource."""

from offer_sandbox.providers.covent.operations import individuals, listings, offers

OPERATIONS = (*offers.OPERATIONS, *listings.OPERATIONS, *individuals.OPERATIONS)
