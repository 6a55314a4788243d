"""The catalogue of outcomes as JSON, made from the declarations of the providers."""

from collections.abc import Iterable, Iterator
from typing import Any

from offer_sandbox.contract import Minted, Outcome, Provider, Step

Entry = dict[str, Any]


def entries(providers: Iterable[Provider], seed: int) -> Iterator[Entry]:
    """Yields every outcome of the providers in catalogue order. The ids are those that a workspace with this seed
    generates."""
    for provider in providers:
        for outcome in provider.parts.outcomes:
            yield _entry(provider, outcome, seed)


def _entry(provider: Provider, outcome: Outcome, seed: int) -> Entry:
    operation = f"{provider.name}.{outcome.operation}"
    magic = outcome.magic and {"field": outcome.magic.field, "value": outcome.magic.value}
    return {
        "id": f"{operation}.{outcome.name}",
        "provider": provider.name,
        "operation": outcome.operation,
        "outcome": outcome.name,
        "title": outcome.title,
        "kind": outcome.kind,
        "status": outcome.status,
        "evidence": outcome.evidence,
        "source": outcome.source,
        "triggers": {**_forced(operation, outcome), "magic": magic},
        "steps": [_step(provider, step, seed) for step in outcome.steps],
    }


def _forced(operation: str, outcome: Outcome) -> dict[str, Any]:
    """Returns the header and the rule that force the outcome. They are None for a call that matches no documented
    operation, because it cannot be forced."""
    if outcome.operation == "unmatched":
        return {"header": None, "rule": None}
    return {
        "header": {"X-Sandbox-Outcome": outcome.name},
        "rule": {"operation": operation, "outcome": outcome.name},
    }


def _step(provider: Provider, step: Step, seed: int) -> Entry:
    return {
        "method": step.method,
        "path": _path(provider, step.path, seed),
        "headers": dict(step.headers),
        "body": _literal(provider, step.body, seed),
    }


def _path(provider: Provider, path: str | tuple[str | Minted, ...], seed: int) -> str:
    pieces = (path,) if isinstance(path, str) else path
    return "".join(str(_literal(provider, piece, seed)) for piece in pieces)


def _literal(provider: Provider, value: Any, seed: int) -> Any:
    """Returns the value with every `Minted` placeholder replaced by its id."""
    if isinstance(value, Minted):
        return provider.parts.new_id(seed, value.collection, value.ordinal)
    if isinstance(value, dict):
        return {name: _literal(provider, item, seed) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_literal(provider, item, seed) for item in value]
    return value
