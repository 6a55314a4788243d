"""Calls and refusals that Sibi's operations share."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from offer_sandbox.contract import Outcome, Step, demo_bearer, infrastructure, refusal, unreadable
from offer_sandbox.providers.sibi.operations import CREATE, OPERATIONS

SOURCES = {operation.name: operation.source for operation in OPERATIONS}
UNPRINTED = "its status, 200, is inferred"
_ERRORS = "Sibi, Create offer: error responses"


def step(method: str, path: str, body: Any = None) -> Step:
    """A call below the provider's prefix."""
    headers = {"Authorization": demo_bearer()}
    if body is not None:
        headers["Content-Type"] = "application/json"
    return Step(method=method, path=f"/sibi{path}", headers=headers, body=body)


def invalid(operation: str, *steps: Step, field: str, error: str) -> Outcome:
    """The refusal of invalid input, documented for the creation alone; `field` and `error` are the sample of a
    forced one."""
    title = "Input is missing or invalid"
    plain = refusal(operation, "validation_error", title, 400, *steps, field=field, error=error)
    return replace(plain, evidence="docs", source=_ERRORS) if operation == CREATE else plain


def bodied(operation: str, plain: Step) -> Iterator[Outcome]:
    """The refusals of a call that has a body."""
    yield invalid(operation, replace(plain, body={}), field=next(iter(plain.body)), error="is missing")
    yield from unreadable(operation, plain)
    for outcome in infrastructure(operation, plain, demo_bearer):
        known = operation == CREATE and outcome.name == "unauthorized"
        yield replace(outcome, evidence="docs", source=f"{_ERRORS}; the code is inferred") if known else outcome
