"""The GraphQL protocol over HTTP, which maps root fields to operations and their replies to a response."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    get_location,
)

from offer_sandbox.contract import (
    Call,
    CallError,
    Outcome,
    Provider,
    Reply,
    Request,
    RequestIssue,
    Response,
)
from offer_sandbox.contract.http import JSON
from offer_sandbox.exchange.graphql import mutation
from offer_sandbox.exchange.graphql.document import (
    RESPONSE,
    Document,
    Documents,
    GraphQLMatchInput,
    accepted,
    parameters,
)
from offer_sandbox.exchange.result import Result, forced_problem, forced_result, rendered, trigger_of
from offer_sandbox.exchange.routing import Route, unmatched
from offer_sandbox.resources import bundled
from offer_sandbox.rules.decision import Asked
from offer_sandbox.world.rng import Draw

MAX_RESPONSE_BYTES = 4 * 1024 * 1024
_MAX_MESSAGE = 1_000  # characters. An error quotes the document
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_ANSWERED_200 = (
    "parse_error",
    "validation_error",
    "coercion_error",
    "token_limit",
    "depth_limit",
    "alias_limit",
    "persisted_query",
)
_VALUE = re.compile(r", found: .*|(cannot represent [^:]*): .*", re.DOTALL)  # in graphql-core's messages


@dataclass(frozen=True, kw_only=True)
class ParsedRequest:
    """The parsed parameters of a GraphQL request. `problem` is reported only after authentication."""

    problem: RequestIssue | None = None
    errors: tuple[GraphQLError, ...] = ()
    document: Document | None = None
    operation: OperationDefinitionNode | None = None
    roots: tuple[FieldNode, ...] = ()
    variables: Mapping[str, Any] | None = None

    @property
    def fields(self) -> list[FieldNode]:
        """The root fields that a resolver handles, without introspection."""
        return [node for node in self.roots if not node.name.value.startswith("__")]


@dataclass(frozen=True)
class _FieldReply:
    """The result of a root field: its reply, or the problems for which it was refused. `forced` marks the field to
    which a forced outcome would apply."""

    outcome: Outcome
    reply: Reply | None = None
    problems: tuple[RequestIssue, ...] = ()
    forced: bool = False


@dataclass
class _Execution:
    """The state that the resolvers of one request share."""

    call: Call
    provider: Provider
    failing: tuple[Outcome, RequestIssue] | None = None
    replies: list[_FieldReply] = field(default_factory=list)
    crash: Exception | None = None


def route(astray: Route, admits: Callable[[Route], bool]) -> Route:
    """Returns the route with the operation of the first root field, or the unmatched operation if there is none.
    Parses no document of a caller that is not admitted."""
    provider, request = astray.provider, astray.request
    if astray.path.rstrip("/") != provider.roots[0]:
        return _misses(astray, "not_found", f"no documented call has the path {astray.path}")
    if request.method == "OPTIONS":
        return _misses(astray, "options", "returns the allowed methods of the path")
    if request.method not in METHODS:
        reason = f"allows only {', '.join(METHODS)}, not {request.method}"
        return _misses(astray, "method_not_allowed", reason)
    if not admits(astray):
        return astray
    parsed = _parse_request(_documents(provider), request)
    name = parsed.fields[0].name.value if parsed.fields else ""
    return replace(astray, operation=provider.operations.get(name, unmatched()), parsed=parsed)


def execute(route: Route, call: Call, asked: Asked | None) -> Result:
    """Executes the document's root fields in order. Raises CallError for a problem that prevents every resolver
    from running."""
    parsed: ParsedRequest = route.parsed
    if parsed.problem is not None:
        raise CallError([parsed.problem])
    assert parsed.document is not None
    assert parsed.operation is not None
    execution = _Execution(call, route.provider)
    result = _execute(route.provider, parsed, execution)
    if execution.crash is not None:
        raise execution.crash
    if not execution.replies and result.data is None:
        raise CallError([_misfit(error.message) for error in result.errors or ()])
    found = _result(route, asked, execution, result)
    if len(found.response.payload) > MAX_RESPONSE_BYTES:
        reason = f"the response would have more than {MAX_RESPONSE_BYTES >> 20} MiB, so select fewer fields"
        raise CallError.of("alias_limit", reason, "body.query")
    return found


def execute_forced(route: Route, call: Call, asked: Asked) -> Result:
    """Returns a forced outcome without validating the arguments. If GraphQL responds to the outcome with 200, the
    first root field fails when it is resolved. The other fields fail with it, so nothing is executed."""
    parsed: ParsedRequest = route.parsed
    outcome = asked.outcome
    if outcome.status != 200 or outcome.problem is None or parsed.problem is not None:
        return forced_result(call, route.provider, asked)
    problem = forced_problem(call, route.provider, outcome.problem, asked.by)
    execution = _Execution(call, route.provider, failing=(outcome, problem))
    result = _execute(route.provider, parsed, execution)
    if not execution.replies:  # the variables are invalid, so no field was resolved that could fail
        return forced_result(call, route.provider, asked)
    response = _answer(result, route.request)
    return Result(outcome=outcome, trigger=asked.trigger, response=response, problems=[problem])


def mutate(result: Result, route: Route, kinds: Sequence[str], draw: Draw) -> tuple[Any, list[str]]:
    """Returns the response body, changed within the schema, and a sentence for each change."""
    parsed: ParsedRequest = route.parsed
    schema = _documents(route.provider).schema
    node = parsed.document.node if parsed.document else None
    return mutation.mutate(result.response.body, node, parsed.operation, schema, kinds, draw)


def match_input(route: Route) -> GraphQLMatchInput:
    """Returns the request parts that rule conditions can test."""
    return GraphQLMatchInput(route, _documents(route.provider).schema)


def finalize(result: Result, route: Route) -> Result:
    """Converts a refusal to GraphQL's form: status and media type by `Accept`, null data where a field failed."""
    response = result.response
    media_type = accepted(route.request) or JSON
    status = response.status
    if media_type == RESPONSE and result.outcome.name in _ANSWERED_200:
        status = 400
    body = response.body
    parsed = route.parsed
    if isinstance(parsed, ParsedRequest) and result.problems and result.outcome.operation != unmatched().name:
        if status == 200 and "data" not in body:
            names = [(node.alias or node.name).value for node in parsed.fields]
            body = {"data": dict.fromkeys(names), "errors": [{**body["errors"][0], "path": names[:1]}]}
    elif isinstance(parsed, ParsedRequest) and parsed.errors and result.outcome.name in _ANSWERED_200:
        body = {"errors": [_worded(error, body["errors"][0]) for error in parsed.errors]}
    elif isinstance(parsed, ParsedRequest) and result.outcome.name == "coercion_error":
        told = zip(body["errors"], result.problems, strict=True)
        body = {"errors": [_located(error, problem.field, parsed) for error, problem in told]}
    if result.outcome.name == "mutation_by_get":
        response = replace(response, headers=(*response.headers, ("Allow", "POST")))
    return replace(result, response=replace(response, status=status, media_type=media_type, body=body))


def _parse_request(documents: Documents, request: Request) -> ParsedRequest:
    if accepted(request) is None:
        return _wrong("not_acceptable", "header.accept", f"must allow {JSON} or {RESPONSE}")
    try:
        text, variables, name = parameters(request)
    except CallError as refusal:
        return ParsedRequest(problem=refusal.problems[0])
    document = documents.read(text)
    operation = _chosen(document, name)
    roots = tuple(document.roots(operation)) if operation else ()
    problem = document.problem
    if problem is None and operation is None:
        known = ", ".join(node.name.value for node in document.operations() if node.name) or "none with a name"
        reason = f"operationName {name!r} picks none of the document's operations ({known})"
        problem = RequestIssue(outcome="validation_error", field="body.operationName", reason=reason)
    if problem is None and request.method != "POST" and operation and operation.operation != OperationType.QUERY:
        reason = "a mutation must be sent by POST, because GET is for queries only"
        problem = RequestIssue(outcome="mutation_by_get", field="method", reason=reason)
    return ParsedRequest(
        problem=problem,
        errors=document.errors,
        document=document,
        operation=operation,
        roots=roots,
        variables=variables,
    )


def _chosen(document: Document, name: str | None) -> OperationDefinitionNode | None:
    operations = document.operations()
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((node for node in operations if node.name and node.name.value == name), None)


def _wrong(outcome: str, where: str, reason: str) -> ParsedRequest:
    return ParsedRequest(problem=RequestIssue(outcome=outcome, field=where, reason=reason))


def _execute(provider: Provider, parsed: ParsedRequest, execution: _Execution) -> ExecutionResult:
    assert parsed.document is not None
    assert parsed.document.node is not None
    assert parsed.operation is not None
    return execute_sync(
        _documents(provider).schema,
        parsed.document.node,
        context_value=execution,
        variable_values=dict(parsed.variables or {}),
        operation_name=parsed.operation.name.value if parsed.operation.name else None,
    )


def _resolve(_: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """Resolves a root field by running the operation of the same name, in a savepoint of its own.

    Fields are resolved in order. A forced outcome applies only to the first field that is resolved.
    """
    execution: _Execution = info.context
    if execution.crash is not None:  # the crash may have ended the transaction, so nothing more may be stored
        raise execution.crash
    if execution.failing is not None:
        raise _forced_error(execution, *execution.failing)
    operation = execution.provider.operations[info.field_name]
    forced = not execution.replies and operation is execution.call.operation
    call = replace(
        execution.call, operation=operation, body=arguments, forced=execution.call.forced if forced else None
    )
    try:
        with call.world.savepoint():
            reply = operation.handler(call)
    except CallError as refusal:
        outcome = execution.provider.outcomes[operation.name, refusal.problems[0].outcome]
        raise _field_error(execution, outcome, refusal.problems) from refusal
    except Exception as error:
        execution.crash = error
        raise
    outcome = execution.provider.outcomes[operation.name, reply.outcome]
    execution.replies.append(_FieldReply(outcome, reply, forced=forced))
    return reply.body


def _forced_error(execution: _Execution, outcome: Outcome, problem: RequestIssue) -> GraphQLError:
    if execution.replies:
        return GraphQLError("Not carried out: the outcome of the first field is forced")
    return _field_error(execution, outcome, (problem,))


def _field_error(execution: _Execution, outcome: Outcome, problems: tuple[RequestIssue, ...]) -> GraphQLError:
    """Returns the error of a root field as the dialect renders it, and records it as the field's reply."""
    execution.replies.append(_FieldReply(outcome, problems=problems))
    response = rendered(execution.provider, outcome, problems, execution.call.request)
    error = response.body["errors"][0]
    return GraphQLError(error["message"], extensions=error["extensions"])


def _result(route: Route, asked: Asked | None, execution: _Execution, result: ExecutionResult) -> Result:
    response = _answer(result, route.request)
    if not execution.replies:  # only introspection was requested, or directives skipped all other fields
        outcome = route.provider.outcomes[unmatched().name, "introspection"]
        return Result(outcome=outcome, trigger="natural", response=response)
    first = execution.replies[0]
    warned = tuple(notice for each in execution.replies if each.reply for notice in each.reply.notices)
    if first.reply is None:
        return Result(
            outcome=first.outcome, trigger="natural", response=response, problems=first.problems, notices=warned
        )
    trigger = trigger_of(first.reply, asked if first.forced else None)
    return Result(outcome=first.outcome, trigger=trigger, response=response, notices=warned)


def _answer(result: ExecutionResult, request: Request) -> Response:
    return Response(status=200, body=dict(result.formatted), media_type=accepted(request) or JSON)


def _worded(error: GraphQLError, first: dict[str, Any]) -> dict[str, Any]:
    return {**error.formatted, "message": error.message[:_MAX_MESSAGE], "extensions": first["extensions"]}


def _misfit(message: str) -> RequestIssue:
    """Returns the problem of a variable whose value does not fit its type. The message does not repeat the value,
    which can be long, and which graphql-core writes as Python."""
    variable = re.match(r"Variable '\$(\w+)'", message)
    field = f"body.variables.{variable[1]}" if variable else "body.variables"
    reason = (
        _VALUE.sub(r"\1", message[: 10 * _MAX_MESSAGE]).replace("not to be None", "not to be null").rstrip(".")
    )
    return RequestIssue(outcome="coercion_error", field=field, reason=f"{reason}.")


def _located(error: dict[str, Any], field: str, parsed: ParsedRequest) -> dict[str, Any]:
    """Returns a GraphQL error with the position of the variable that it is about, if there is one."""
    defined = parsed.operation.variable_definitions if parsed.operation else ()
    name = field.removeprefix("body.variables.")
    for node in defined or ():
        if node.variable.name.value == name and node.loc:
            where = get_location(node.loc.source, node.loc.start)
            return {"message": error["message"], "locations": [where.formatted], **error}
    return error


def _misses(astray: Route, outcome: str, reason: str) -> Route:
    """Returns the route of a request that is not a GraphQL call, with its problem."""
    problem = RequestIssue(outcome=outcome, field="path", reason=reason)
    return replace(astray, problems=[problem], allow=() if outcome == "not_found" else METHODS)


def warm_up(provider: Provider) -> None:
    """Builds the schema, because the first call would otherwise wait for it."""
    _documents(provider)


@cache
def _documents(provider: Provider) -> Documents:
    schema = build_schema((bundled("specs") / provider.sdl).read_text(encoding="utf-8"))
    for root in filter(None, (schema.query_type, schema.mutation_type)):
        for operation in root.fields.values():
            operation.resolve = _resolve
    return Documents(schema)
