"""Sibi's catalogue: every outcome of every call, with calls to each."""

from dataclasses import replace

from offer_sandbox.contract import refusal
from offer_sandbox.providers.sibi.outcomes import changes, creation, reads
from offer_sandbox.providers.sibi.outcomes.common import step

_LIST = step("GET", "/offers")

OUTCOMES = (
    *reads.OUTCOMES,
    *creation.OUTCOMES,
    *changes.OUTCOMES,
    refusal("unmatched", "not_found", "No such path", 404, step("GET", "/offers/offer-123/no-such-path")),
    refusal("unmatched", "method_not_allowed", "Another method", 405, replace(_LIST, method="DELETE")),
    refusal(
        "unmatched", "options", "The methods of a path", 204, replace(_LIST, method="OPTIONS"), kind="success"
    ),
)
