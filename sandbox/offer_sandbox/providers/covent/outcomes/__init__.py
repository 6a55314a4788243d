"""Covent's catalogue: every outcome of every call, with calls to each."""

from dataclasses import replace

from offer_sandbox.contract import Step, refusal
from offer_sandbox.providers.covent.outcomes import individuals, listings, offers
from offer_sandbox.providers.covent.outcomes.common import step

_NOWHERE = step("GET", "/no-such-path")
_OPTIONS: Step = replace(step("GET", "/listings"), method="OPTIONS")

OUTCOMES = (
    *offers.OUTCOMES,
    *listings.OUTCOMES,
    *individuals.OUTCOMES,
    refusal("unmatched", "not_found", "No such path", 404, _NOWHERE),
    refusal("unmatched", "method_not_allowed", "Another method", 405, step("DELETE", "/listings")),
    refusal("unmatched", "options", "The methods of a path", 204, _OPTIONS, kind="success"),
)
