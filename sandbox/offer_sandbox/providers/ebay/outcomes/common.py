"""Outcomes that every eBay call can have, and how an eBay outcome is declared; lists no operation's own."""

from dataclasses import replace

from offer_sandbox.contract import Outcome, Step, refusal
from offer_sandbox.providers.ebay.operations import FIND
from offer_sandbox.providers.ebay.outcomes.calls import FIND_PATH, PLAIN

_SEND_SOURCE = "eBay, sendOfferToInterestedBuyers: Error codes"
_FIND_SOURCE = "eBay, findEligibleItems: Error codes"
COMMON_SOURCE = "eBay, Handling errors: errors common to all eBay REST APIs"


def error(
    operation: str,
    code: str,
    title: str,
    *steps: Step,
    **parameters: str,
) -> Outcome:
    """An outcome that is one of eBay's 150xxx errors; its number decides status and kind."""
    business = 150010 <= int(code) <= 150026
    return refusal(
        operation,
        code,
        title,
        409 if business else 500 if code == "150000" else 400,
        *steps,
        kind="denial" if business else "error",
        evidence="docs" if operation == FIND else "seed",
        source=_FIND_SOURCE if operation == FIND else _SEND_SOURCE,
        **parameters,
    )


def missing_token(operation: str) -> list[Outcome]:
    """No Authorization header, and one of another scheme."""
    step = PLAIN[operation]
    without = {name: value for name, value in step.headers.items() if name != "Authorization"}
    basic = {**step.headers, "Authorization": "Basic sbx_demo"}
    return [
        refusal(
            operation,
            "1002",
            "The access token is missing",
            400,
            replace(step, headers=without),
            kind="infrastructure",
            evidence="docs",
            source=COMMON_SOURCE,
        ),
        refusal(
            operation,
            "1003",
            "The token type is invalid",
            400,
            replace(step, headers=basic),
            kind="infrastructure",
            evidence="docs",
            source=COMMON_SOURCE,
            scheme="Basic",
        ),
    ]


def unmatched() -> list[Outcome]:
    """Calls that are none of the documented ones."""
    headers = {"Authorization": "Bearer sbx_demo"}
    return [
        refusal(
            "unmatched",
            "not_found",
            "No such resource",
            404,
            Step(method="GET", path="/ebay/sell/negotiation/v1/offers", headers=headers),
        ),
        refusal(
            "unmatched",
            "method_not_allowed",
            "The resource does not take the method",
            405,
            Step(method="DELETE", path=FIND_PATH, headers=headers),
        ),
        refusal(
            "unmatched",
            "options",
            "The methods of a resource",
            204,
            Step(method="OPTIONS", path=FIND_PATH, headers=headers),
            kind="success",
        ),
    ]
