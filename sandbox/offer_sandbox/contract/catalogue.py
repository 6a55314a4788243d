"""Completes a provider's catalogue with the outcomes that every operation has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from offer_sandbox.contract.operation import Operation
from offer_sandbox.contract.outcome import (
    INFRASTRUCTURE,
    UNMATCHED,
    UNREADABLE,
    Outcome,
    Step,
    infrastructure,
    plain_outcome,
    unmatched,
    unreadable,
)

_METHODS = ("DELETE", "PATCH", "PUT", "POST")


def completed(
    operations: Sequence[Operation], declared: Iterable[Outcome], authorization: Callable[[Operation, str], str]
) -> tuple[Outcome, ...]:
    """Returns the declared outcomes, grouped by operation, and adds the standard outcomes.

    An operation with a JSON body gets the errors for a body that cannot be read, unless it declares any of them.
    The five infrastructure outcomes are at the end of each operation. If a provider declares one of these, its
    declaration replaces the standard one. `authorization` returns the Authorization header of the workspace `demo`
    whose credential ends in a magic word. The outcomes of calls that match no operation are last. They are added
    unless the provider declares them.
    """
    groups: dict[str, list[Outcome]] = {}
    for outcome in declared:
        groups.setdefault(outcome.operation, []).append(outcome)
    own = groups.pop(UNMATCHED, None) or _unmatched(operations, groups)
    known = {operation.name: operation for operation in operations}
    whole = [outcome for name, group in groups.items() for outcome in _whole(known[name], group, authorization)]
    return (*whole, *own)


def _whole(
    operation: Operation, declared: Sequence[Outcome], authorization: Callable[[Operation, str], str]
) -> list[Outcome]:
    plain = plain_outcome(declared, operation.name).steps[-1]
    by_name = {outcome.name: outcome for outcome in declared}
    body = unreadable(operation.name, plain) if _may_be_unreadable(operation, by_name) else []
    usual = infrastructure(operation.name, plain, lambda word: authorization(operation, word))
    return [
        *(outcome for outcome in declared if outcome.name not in INFRASTRUCTURE),
        *body,
        *(by_name.get(outcome.name, outcome) for outcome in usual),
    ]


def _may_be_unreadable(operation: Operation, declared: Iterable[str]) -> bool:
    return operation.body is not None and not operation.form and not set(UNREADABLE) & set(declared)


def _unmatched(operations: Sequence[Operation], groups: dict[str, list[Outcome]]) -> list[Outcome]:
    """Returns the outcomes of calls that match no operation. Their steps use a path that is not documented, and
    other methods on the path of the first operation."""
    first = operations[0]
    plain = plain_outcome(groups[first.name], first.name).steps[-1]
    assert isinstance(plain.path, str), "the path of a plain call must be text"
    path = plain.path.partition("?")[0]
    taken = {operation.method for operation in operations if operation.path == first.path}
    method = next(method for method in _METHODS if method not in taken)
    call = Step(method=first.method, path=path, headers=plain.headers)
    nowhere = Step(method="GET", path=f"{path.rstrip('/')}/no/such/path", headers=plain.headers)
    return unmatched(nowhere, call, method)


def observed(outcomes: Iterable[Outcome], sources: Mapping[str, str]) -> tuple[Outcome, ...]:
    """Returns the outcomes, with the evidence `observed` for those that no page documents but people have seen.

    `sources` has the place of each observation by the outcome's operation and name, such as `getOffer.not_found`.
    Raises ValueError if it names an outcome that does not exist or that a page documents.
    """
    whole = tuple(outcomes)
    inferred = {f"{each.operation}.{each.name}" for each in whole if each.evidence == "inferred"}
    if unknown := sorted(set(sources) - inferred):
        raise ValueError(f"there is no inferred outcome {', '.join(unknown)}")
    return tuple(
        replace(each, evidence="observed", source=sources[name])
        if (name := f"{each.operation}.{each.name}") in sources
        else each
        for each in whole
    )


def without_schema(operations: Sequence[Operation], outcomes: Iterable[Outcome]) -> list[str]:
    """Returns the responses that no schema describes, such as `getOffer: 200 (accepted)`. Errors have the
    dialect's schema. A 204, an HTML page and a printed document need none."""
    known = {operation.name: operation for operation in operations if not operation.page}
    return [
        f"{outcome.operation}: {outcome.status} ({outcome.name})"
        for outcome in outcomes
        if outcome.operation in known
        and outcome.status < 400
        and outcome.status != 204
        and outcome.document is None
        and outcome.status not in known[outcome.operation].answers
    ]
