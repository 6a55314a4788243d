"""Calls and refusals that Covent's resources share."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from offer_sandbox.contract import Minted, Outcome, Step, demo_bearer, infrastructure, refusal, unreadable

_ROOT = "/covent/api/v1"


def step(method: str, path: str | Minted, body: Any = None, rest: str = "") -> Step:
    """A call below the API's root; a minted id stands for the offer of that ordinal."""
    headers = {"Authorization": demo_bearer(), "Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    where = f"{_ROOT}{path}{rest}" if isinstance(path, str) else (f"{_ROOT}/offers/", path, rest)
    return Step(method=method, path=where, headers=headers, body=body)


def refusals(operation: str, plain: Step, id: str = "") -> Iterator[Outcome]:
    """The refusals of a call that has a body or (with `id`, which the plain call names) a record in its path."""
    html = replace(plain, headers={**plain.headers, "Accept": "text/html"})
    yield refusal(operation, "not_acceptable", "The Accept header does not admit JSON", 406, html)
    if plain.body is not None:
        yield from unreadable(operation, plain)
        yield invalid(operation, replace(plain, body={}), field=next(iter(plain.body)), message="is missing")
    if id:
        assert isinstance(plain.path, str)
        nobody = replace(plain, path=plain.path.replace(id, "nobody"))
        yield refusal(operation, "not_found", "There is no such record", 404, nobody)
    yield from infrastructure(operation, plain, demo_bearer)


def invalid(operation: str, *steps: Step, field: str, message: str) -> Outcome:
    """The refusal of invalid fields or parameters; `field` and `message` are the sample of a forced one."""
    title = "One or more fields are missing or invalid"
    return refusal(operation, "validation_error", title, 422, *steps, field=field, message=message)
