"""The five outcomes that every call of every provider can have, each also a word at the end of a credential."""

from collections.abc import Callable
from dataclasses import replace

from offer_sandbox.contract.outcome import Magic, Outcome, Step
from offer_sandbox.contract.refusal import Problem

_LISTED = (
    ("unauthorized", "The credential is missing, wrong or expired", 401),
    ("forbidden", "The credential does not open this", 403),
    ("rate_limited", "Too many requests", 429),
    ("internal_error", "The provider has an internal error", 500),
    ("unavailable", "The service is temporarily unavailable", 503),
)
INFRASTRUCTURE = tuple(name for name, _, _ in _LISTED)


def infrastructure(operation: str, plain: Step, authorization: Callable[[str], str]) -> list[Outcome]:
    """The outcomes for an operation: its plain call with the word in its credential.

    `authorization` gives the Authorization header whose credential ends in a word. That a provider answers
    so is documented nowhere; the dialect words it.
    """
    return [
        Outcome(
            operation=operation,
            name=name,
            title=title,
            kind="infrastructure",
            status=status,
            evidence="inferred",
            source="no public page; the sandbox's own choice",
            problem=Problem(outcome=name, reason=title),
            magic=Magic("header.authorization", authorization(name)),
            steps=(replace(plain, headers={**plain.headers, "Authorization": authorization(name)}),),
        )
        for name, title, status in _LISTED
    ]
