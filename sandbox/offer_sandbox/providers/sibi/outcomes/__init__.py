"""Sibi's catalogue: every outcome of every call, with calls to each."""

from dataclasses import replace

from offer_sandbox.contract import refusal
from offer_sandbox.providers.sibi.outcomes.changes import CHANGE_OUTCOMES
from offer_sandbox.providers.sibi.outcomes.common import step
from offer_sandbox.providers.sibi.outcomes.creation import CREATION_OUTCOMES
from offer_sandbox.providers.sibi.outcomes.reads import READ_OUTCOMES

_LIST = step("GET", "/offers")

OUTCOMES = (
    *READ_OUTCOMES,
    *CREATION_OUTCOMES,
    *CHANGE_OUTCOMES,
    refusal("unmatched", "not_found", "No such path", 404, step("GET", "/offers/offer-123/no-such-path")),
    refusal("unmatched", "method_not_allowed", "Another method", 405, replace(_LIST, method="DELETE")),
    refusal(
        "unmatched", "options", "The methods of a path", 204, replace(_LIST, method="OPTIONS"), kind="success"
    ),
)
