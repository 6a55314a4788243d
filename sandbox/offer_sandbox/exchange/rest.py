"""The REST protocol, which maps a path and method to an operation and validates requests and responses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from marshmallow import Schema

from offer_sandbox.contract import Call, CallError, Provider, RequestIssue, Response
from offer_sandbox.contract.http import FORM, HTML, JSON
from offer_sandbox.exchange.match_input import RequestMatchInput
from offer_sandbox.exchange.path_table import PathTable
from offer_sandbox.exchange.result import BrokenAnswer, Result, forced_result, trigger_of
from offer_sandbox.exchange.routing import Route, below
from offer_sandbox.rules import mutation
from offer_sandbox.rules.decision import Asked
from offer_sandbox.schemas.fields import Nested, members
from offer_sandbox.schemas.optional_nulls import without_optional_nulls
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.json_codec import DocumentError
from offer_sandbox.world.rng import Draw

_MAX_NOTES = 20
_members = cache(members)  # of operation schemas, which are never freed


def route(astray: Route, _: Callable[[Route], bool]) -> Route:
    """Returns the route with the operation for its path and method, or with the problem of its address."""
    paths = _paths(astray.provider)
    method = "GET" if astray.request.method == "HEAD" else astray.request.method
    found = paths.match(method, astray.path)
    if found is None:
        return _misses(astray, paths)
    astray.operation, astray.arguments = astray.provider.operations[found[0]], found[1]
    return astray


def execute(route: Route, call: Call, asked: Asked | None) -> Result:
    """Validates the call, runs its handler and validates the response. Raises CallError if the call is refused,
    and BrokenAnswer if the response is invalid."""
    operation = call.operation
    query, found = _arguments(call)
    body = _body(call)
    call.query, call.body = query, body.value
    problems: Sequence[RequestIssue] = [*found, *body.problems]
    if operation.validate is not None:
        problems = operation.validate(call, problems)
    if problems:
        raise CallError(problems)
    call.refuse_by_magic()
    reply = operation.handler(call)
    outcome = route.provider.outcomes[operation.name, reply.outcome]
    schema = operation.answers.get(outcome.status)
    if schema is not None and (wrong := validator_for(schema).issues(reply.body)):
        raise BrokenAnswer(f"{route.provider.name}.{operation.name}: {wrong[0].path} {wrong[0].text}")
    return Result(
        outcome=outcome,
        trigger=trigger_of(reply, asked),
        response=Response(
            status=outcome.status,
            body=reply.body,
            media_type=HTML if operation.page else JSON,
            headers=reply.headers,
        ),
        notes=[*_ignored(operation.body, body.value), *body.notes],
        notices=reply.notices,
    )


def warm_up(provider: Provider) -> None:
    """Builds the path table and the validators, because the first call would otherwise wait for them."""
    _paths(provider)
    for operation in provider.parts.operations:
        for schema in filter(
            None, (operation.query, operation.headers, operation.body, *operation.answers.values())
        ):
            validator_for(schema).accepts({})


def finalize(result: Result, _: Route) -> Result:
    """Returns the result unchanged, because a REST response is complete when its dialect has rendered it."""
    return result


def execute_forced(route: Route, call: Call, asked: Asked) -> Result:
    """Returns a forced outcome without validating the body."""
    return forced_result(call, route.provider, asked)


def mutate(result: Result, route: Route, kinds: Sequence[str], draw: Draw) -> tuple[Any, list[str]]:
    """Returns the response body, changed within its contract, and a sentence for each change."""
    operation, refused = route.operation, route.operation.error or route.provider.parts.dialect.error
    schema = operation.answers.get(result.response.status) or (refused if result.response.status >= 400 else None)
    return mutation.mutate(result.response.body, schema, kinds, draw)


def match_input(route: Route) -> RequestMatchInput:
    """Returns the request parts that rule conditions can test."""
    return RequestMatchInput(route)


def _arguments(call: Call) -> tuple[dict[str, str], list[RequestIssue]]:
    """Returns the query parameters by name (the first value of a repeated one), and the problems of the query and
    the headers."""
    query = dict(reversed(call.request.query))
    problems = list(_flaws("query", call.operation.query, query))
    if call.operation.headers is not None:
        names, came = _members(call.operation.headers), call.request.headers
        headers = {name: came[name.lower()] for name in names if name.lower() in came}
        problems += _flaws("header", call.operation.headers, headers)
    return query, problems


class _Body(NamedTuple):
    """The JSON value or the form fields of a body, its problems, and notes about ignored values."""

    value: Any = None
    problems: Sequence[RequestIssue] = ()
    notes: Sequence[str] = ()


def _body(call: Call) -> _Body:
    """Reads and validates the body."""
    operation, request = call.operation, call.request
    if operation.body is None:
        return _Body()
    if request.too_large:
        return _refused(RequestIssue(outcome="payload_too_large", field="body", reason="is larger than 1 MiB"))
    if request.unread:
        return _refused(request.unread)
    wanted = FORM if operation.form else JSON
    if request.media_type and request.media_type != wanted:
        reason = f"must be {wanted}, not {request.media_type[:60]!r}"
        return _refused(RequestIssue(outcome="unsupported_media_type", field="header.content-type", reason=reason))
    return _form(call) if operation.form else _json(call)


def _refused(problem: RequestIssue) -> _Body:
    return _Body(problems=[problem])


def _json(call: Call) -> _Body:
    try:
        body = call.request.json
    except DocumentError as error:
        return _refused(RequestIssue(outcome="invalid_json", field="body", reason=str(error)))
    if body is not None and not isinstance(body, dict):
        reason = "must be a JSON object"
        return _refused(RequestIssue(outcome="invalid_json", field="body", key="object", reason=reason))
    schema, notes = call.operation.body, []
    problems = list(_flaws("body", schema, {} if body is None else body))
    if problems and schema is not None:  # most bodies are valid, and need no search for nulls
        body, absent = without_optional_nulls(schema, body, "body")
        problems = list(_flaws("body", schema, {} if body is None else body)) if absent else problems
        notes = [f"{path[:200]} is null and was read as absent" for path in absent[:_MAX_NOTES]]
    return _Body(body, problems, notes)


def _form(call: Call) -> _Body:
    try:
        pairs = parse_qsl(call.request.body.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeError, ValueError):
        return _refused(RequestIssue(outcome="invalid_request", field="body", reason="must be form data in ASCII"))
    form = dict(reversed(pairs))
    return _Body(form, list(_flaws("body", call.operation.body, form)))


def _flaws(place: str, schema: Schema | None, value: Mapping[str, Any]) -> Iterator[RequestIssue]:
    if schema is None:
        return
    for found in validator_for(schema).issues(value):
        path = ".".join([place, *map(str, found.path)])
        yield RequestIssue(outcome="validation_error", field=path, key=found.key, reason=found.text)


def _ignored(schema: Schema | None, body: Any) -> list[str]:
    """Returns a sentence for each undocumented field of the body, up to 20."""
    found = _unknown(schema, body, "body") if schema is not None else iter(())
    return [f"{path[:200]} is not documented and was ignored" for path in islice(found, _MAX_NOTES)]


def _unknown(schema: Schema, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    known = _members(schema)
    for name, item in value.items():
        if name not in known:
            yield f"{path}.{name}"
            continue
        inner = getattr(known[name], "inner", known[name])
        if isinstance(inner, Nested):
            for index, each in enumerate(item if isinstance(item, list) else [item]):
                where = f"{path}.{name}.{index}" if isinstance(item, list) else f"{path}.{name}"
                yield from _unknown(inner.schema, each, where)


def _misses(astray: Route, paths: PathTable) -> Route:
    """Returns the route of a request that matches no operation, with the problem of its address."""
    allow, request = _methods(paths, astray.path), astray.request
    if request.method == "OPTIONS" and allow:
        outcome, reason = "options", "returns the allowed methods of the path"
    elif allow:
        outcome, reason = "method_not_allowed", f"allows only {', '.join(allow)}, not {request.method}"
    else:
        outcome, reason = "not_found", _unknown_path(astray)
    astray.problems, astray.allow = [RequestIssue(outcome=outcome, field="path", reason=reason)], allow
    return astray


def _unknown_path(astray: Route) -> str:
    provider, call = astray.provider, f"{astray.request.method} {astray.path}"
    if any(below(astray.path, each) for each in provider.not_imitated):
        return f"{provider.title} documents the path of {call}, but the sandbox does not imitate it"
    return f"no documented call matches {call}"


def _methods(paths: PathTable, path: str) -> list[str]:
    """Returns the methods of the path for `Allow`, or an empty list if there is no such path."""
    allowed = paths.methods(path)
    return [*sorted(allowed | ({"HEAD"} if "GET" in allowed else set())), "OPTIONS"] if allowed else []


@cache
def _paths(provider: Provider) -> PathTable:
    return PathTable(
        (operation.method, path, operation.name)
        for operation in provider.parts.operations
        for path in (operation.path, *operation.also)
    )
