"""Outcomes that every eBay call can have, and how an eBay outcome is declared; lists no operation's own."""

from dataclasses import replace

from offer_sandbox.contract import Magic, Outcome, Problem, Step
from offer_sandbox.contract.outcome import Evidence, Kind
from offer_sandbox.providers.ebay.operations import FIND
from offer_sandbox.providers.ebay.outcomes.calls import FIND_PATH, PLAIN

_SEND_SOURCE = "eBay, sendOfferToInterestedBuyers: Error codes"

_FIND_SOURCE = "eBay, findEligibleItems: Error codes"

_COMMON_SOURCE = "eBay, Handling errors: errors common to all eBay REST APIs"

_OURS = "no public page; the sandbox's own choice"


def error(
    operation: str,
    code: str,
    title: str,
    *steps: Step,
    **parameters: str,
) -> Outcome:
    """An outcome that is one of eBay's 150xxx errors; its number decides status and kind."""
    business = 150010 <= int(code) <= 150026
    internal = code == "150000"
    kind: Kind = "denial" if business else "error"
    return Outcome(
        operation=operation,
        name=code,
        title=title,
        kind=kind,
        status=409 if business else 500 if internal else 400,
        evidence="docs" if operation == FIND else "seed",
        source=_FIND_SOURCE if operation == FIND else _SEND_SOURCE,
        problem=_problem(code, **parameters),
        steps=steps,
    )


def refusal(
    operation: str,
    name: str,
    title: str,
    status: int,
    *steps: Step,
    evidence: Evidence = "inferred",
    kind: Kind = "error",
    magic: Magic | None = None,
    **parameters: str,
) -> Outcome:
    """An outcome that refuses; its text is documented only where the evidence says so."""
    return Outcome(
        operation=operation,
        name=name,
        title=title,
        kind=kind,
        status=status,
        evidence=evidence,
        source=_OURS if evidence == "inferred" else _COMMON_SOURCE,
        problem=_problem(name, **parameters),
        magic=magic,
        steps=steps,
    )


def _problem(code: str, **parameters: str) -> Problem:
    return Problem(outcome=code, reason="forced by the request", parameters=parameters)


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
            evidence="docs",
            kind="infrastructure",
        ),
        refusal(
            operation,
            "1003",
            "The token type is invalid",
            400,
            replace(step, headers=basic),
            evidence="docs",
            kind="infrastructure",
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
