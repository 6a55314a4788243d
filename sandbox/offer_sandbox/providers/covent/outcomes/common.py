"""Calls and refusals that Covent's resources share."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from offer_sandbox.contract import Minted, Outcome, Step, infrastructure, refusal
from offer_sandbox.contract.outcome import Evidence, Kind, Magic

_ROOT = "/covent/api/v1"


def authorization(word: str = "") -> str:
    """The header of the demo workspace, whose credential may end in a word."""
    return f"Bearer sbx_demo.{word}" if word else "Bearer sbx_demo"


def step(method: str, path: str | Minted, body: Any = None, rest: str = "") -> Step:
    """A call below the API's root; a minted id stands for the offer of that ordinal."""
    headers = {"Authorization": authorization(), "Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    where = f"{_ROOT}{path}{rest}" if isinstance(path, str) else (f"{_ROOT}/offers/", path, rest)
    return Step(method=method, path=where, headers=headers, body=body)


def found(
    operation: str,
    name: str,
    title: str,
    source: str,
    *steps: Step,
    kind: Kind = "success",
    evidence: Evidence = "docs",
    magic: Magic | None = None,
) -> Outcome:
    """An outcome that answers what was asked for, with 200 as every call of Covent does."""
    return Outcome(
        operation=operation,
        name=name,
        title=title,
        kind=kind,
        status=200,
        evidence=evidence,
        source=source,
        magic=magic,
        steps=steps,
    )


def refusals(operation: str, plain: Step, id: str = "") -> Iterator[Outcome]:
    """The refusals of a call that has a body or (with `id`, which the plain call names) a record in its path."""
    html = replace(plain, headers={**plain.headers, "Accept": "text/html"})
    yield refusal(operation, "not_acceptable", "The Accept header does not admit JSON", 406, html)
    if plain.body is not None:
        yield from _of_the_body(operation, plain)
    if id:
        assert isinstance(plain.path, str)
        nobody = replace(plain, path=plain.path.replace(id, "nobody"))
        yield refusal(operation, "not_found", "There is no such record", 404, nobody)
    yield from infrastructure(operation, plain, authorization)


def invalid(operation: str, *steps: Step, field: str, message: str) -> Outcome:
    """The refusal of invalid fields or parameters; `field` and `message` are the sample of a forced one."""
    title = "One or more fields are missing or invalid"
    return refusal(operation, "validation_error", title, 422, *steps, field=field, message=message)


def _of_the_body(operation: str, plain: Step) -> Iterator[Outcome]:
    untyped = {name: value for name, value in plain.headers.items() if name != "Content-Type"}
    no_json = replace(plain, headers={**untyped, "Content-Type": "text/plain"}, body="plain text")
    yield refusal(operation, "unsupported_media_type", "The content type is not JSON", 415, no_json)
    yield refusal(operation, "payload_too_large", "The body is larger than the sandbox reads", 413)
    broken = replace(plain, body="{not json")
    yield refusal(operation, "invalid_json", "The body is not a JSON object", 400, broken)
    yield invalid(operation, replace(plain, body={}), field=next(iter(plain.body)), message="is missing")
