"""Covent's catalogue: every outcome of every call, with calls to each."""

from dataclasses import replace

from offer_sandbox.contract import Step, refusal
from offer_sandbox.providers.covent.outcomes.common import step
from offer_sandbox.providers.covent.outcomes.individuals import INDIVIDUAL_OUTCOMES
from offer_sandbox.providers.covent.outcomes.listings import LISTING_OUTCOMES
from offer_sandbox.providers.covent.outcomes.offers import OFFER_OUTCOMES

_NOWHERE = step("GET", "/no-such-path")
_OPTIONS: Step = replace(step("GET", "/listings"), method="OPTIONS")

OUTCOMES = (
    *OFFER_OUTCOMES,
    *LISTING_OUTCOMES,
    *INDIVIDUAL_OUTCOMES,
    refusal("unmatched", "not_found", "No such path", 404, _NOWHERE),
    refusal("unmatched", "method_not_allowed", "Another method", 405, step("DELETE", "/listings")),
    refusal("unmatched", "options", "The methods of a path", 204, _OPTIONS, kind="success"),
)
