"""GraphQL requests over HTTP: parameters, document parsing, validation and limits, and field arguments."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from math import isinf
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    Lexer,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_variable_values

from offer_sandbox.contract import CallError, Request, RequestIssue
from offer_sandbox.contract.http import JSON
from offer_sandbox.exchange.match_input import RequestMatchInput
from offer_sandbox.exchange.routing import Route
from offer_sandbox.schemas.accept import named, wanted
from offer_sandbox.world.json_codec import DocumentError
from offer_sandbox.world.json_codec import parse as parse_json

MAX_TOKENS = 2_000
MAX_DEPTH = 20
MAX_ALIASES = 30
MAX_FIELDS = 500
MAX_FRAGMENTS = 50
MAX_DOCUMENT = 64 * 1024  # characters. The lexer reads them one by one
MAX_NAME = 200  # characters. Errors repeat names
_MAX_DEPTH_BRACKETS = 64
_OPENING = (TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L)
_CLOSING = (TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R)


@dataclass(frozen=True)
class Document:
    """A GraphQL document. `node` is None if the text was not parsed. `problem` and `errors` explain why the
    document cannot be executed."""

    node: DocumentNode | None = None
    problem: RequestIssue | None = None
    errors: tuple[GraphQLError, ...] = field(default=())

    def operations(self) -> list[OperationDefinitionNode]:
        """Returns the operations defined in the document."""
        definitions = self.node.definitions if self.node else ()
        return [node for node in definitions if isinstance(node, OperationDefinitionNode)]

    def roots(self, operation: OperationDefinitionNode) -> list[FieldNode]:
        """Returns the operation's root fields in the order they are written, with fragments resolved."""
        return list(_fields(operation.selection_set, self._fragments(), set()))

    def _fragments(self) -> dict[str, FragmentDefinitionNode]:
        definitions = self.node.definitions if self.node else ()
        return {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}


class Documents:
    """Reads the documents of one schema. Caches the last 256 documents shorter than 16 kB."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._remember = lru_cache(256)(self._read)

    def read(self, text: str) -> Document:
        """Returns the validated document, or its problem."""
        return self._remember(text) if len(text) < 16_384 else self._read(text)

    def _read(self, text: str) -> Document:
        try:
            if problem := _measure(text):
                return Document(problem=problem)
            node = parse(text)
        except GraphQLError as error:
            bare = error.with_traceback(None)  # the traceback would keep the whole request in the cache
            return Document(problem=_problem("parse_error", error.message), errors=(bare,))
        if problem := _weigh(Document(node)):
            return Document(node, problem)
        if errors := validate(self.schema, node):
            return Document(node, _problem("validation_error", errors[0].message), tuple(errors))
        return Document(node)


def _measure(text: str) -> RequestIssue | None:
    """Checks tokens, brackets and floats before any recursive code reads the text. Returns the first problem, or
    None. Raises GraphQLError."""
    if len(text) > MAX_DOCUMENT:
        return _problem("token_limit", f"the document has more than {MAX_DOCUMENT // 1024} KiB (use variables)")
    lexer = Lexer(Source(text))
    tokens = depth = 0
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens += 1
        depth += (token.kind in _OPENING) - (token.kind in _CLOSING)
        if tokens > MAX_TOKENS:
            return _problem("token_limit", f"the document has more than {MAX_TOKENS} tokens")
        if token.kind is TokenKind.NAME and token.end - token.start > MAX_NAME:
            return _problem("token_limit", f"a name in the document has more than {MAX_NAME} characters")
        if depth > _MAX_DEPTH_BRACKETS:
            return _problem("depth_limit", f"the document is nested more than {MAX_DEPTH} deep")
        if token.kind is TokenKind.FLOAT and isinf(float(number := token.value or "0")):
            return _problem("validation_error", f"Float cannot represent {number[:40]}")
    return None


def _weigh(document: Document) -> RequestIssue | None:
    fragments = document._fragments()
    if len(fragments) > MAX_FRAGMENTS:
        return _problem("depth_limit", f"the document has more than {MAX_FRAGMENTS} fragments")
    weights = _Weights(fragments)
    for operation in document.operations():
        depth, aliases, fields = weights.of(operation.selection_set)
        if depth > MAX_DEPTH:
            return _problem("depth_limit", f"the document is nested more than {MAX_DEPTH} deep")
        if aliases > MAX_ALIASES:
            return _problem("alias_limit", f"the document has more than {MAX_ALIASES} aliases")
        if fields > MAX_FIELDS:
            return _problem("alias_limit", f"the document asks for more than {MAX_FIELDS} fields")
    return None


class _Weights:
    """Computes the depth, aliases and fields of selections with all fragments expanded. Computes each fragment
    only once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, tuple[int, int, int]] = {}

    def of(self, selections: SelectionSetNode | None) -> tuple[int, int, int]:
        deepest = aliases = fields = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                depth, more_aliases, more_fields = self._fragment(selection.name.value)
            else:
                inner = self.of(getattr(selection, "selection_set", None))
                own = isinstance(selection, FieldNode)
                aliased = isinstance(selection, FieldNode) and selection.alias is not None
                depth, more_aliases, more_fields = inner[0] + own, inner[1] + aliased, inner[2] + own
            deepest, aliases, fields = max(deepest, depth), aliases + more_aliases, fields + more_fields
        return deepest, aliases, fields

    def _fragment(self, name: str) -> tuple[int, int, int]:
        if name not in self._known:
            self._known[name] = (0, 0, 0)  # a cycle counts as zero here, because validation rejects it
            found = self._fragments.get(name)
            self._known[name] = self.of(found.selection_set if found else None)
        return self._known[name]


def _fields(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], visited: set[str]
) -> Iterator[FieldNode]:
    """Yields the fields in order. A fragment counts once, however often it is spread, as in GraphQL's
    CollectFields."""
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, FragmentSpreadNode):
            name = selection.name.value
            if name in fragments and name not in visited:
                visited.add(name)
                yield from _fields(fragments[name].selection_set, fragments, visited)
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set, fragments, visited)


def _problem(outcome: str, reason: str) -> RequestIssue:
    return RequestIssue(outcome=outcome, field="body.query", reason=reason)


RESPONSE = "application/graphql-response+json"


def accepted(request: Request) -> str | None:
    """Returns the media type for the response, or None if the client accepts neither."""
    header = request.headers.get("accept")
    response, plain = wanted(header, RESPONSE), wanted(header, JSON)
    if named(header, RESPONSE) and response >= plain:
        return RESPONSE if response > 0 else None
    if plain > 0:
        return JSON
    return RESPONSE if response > 0 else None


def parameters(request: Request) -> tuple[str, dict[str, Any] | None, str | None]:
    """Returns `query`, `variables` and `operationName`. Raises CallError for parameters that GraphQL over HTTP
    defines as malformed."""
    if request.method == "POST":
        parameters = _json_body(request)
    else:
        parameters = {name: value for name in ("query", "operationName") if (value := request.argument(name))}
        for name in ("variables", "extensions"):
            if text := request.argument(name):
                parameters[name] = _json(text, f"query.{name}")
    if "query" not in parameters and _names_persisted_query(parameters):
        reason = "the server stores no queries, so send `query` too (Apollo Client does so after this error)"
        raise CallError.of("persisted_query", reason, "body.extensions.persistedQuery")
    for name, kinds, words in _KINDS:
        if not isinstance(parameters.get(name), kinds):
            raise CallError.of("invalid_parameters", f"must be {words}", f"body.{name}")
    return parameters["query"], _floats(parameters.get("variables")), parameters.get("operationName") or None


def _names_persisted_query(parameters: dict[str, Any]) -> bool:
    """Returns whether a request has the hash of a query in place of the query itself."""
    extensions = parameters.get("extensions")
    return isinstance(extensions, dict) and isinstance(extensions.get("persistedQuery"), dict)


def _json_body(request: Request) -> dict[str, Any]:
    if request.too_large:
        raise CallError.of("payload_too_large", "is larger than 1 MiB", "body")
    if request.unread:
        raise CallError([request.unread])
    if request.media_type != JSON:
        given = repr(request.media_type[:60]) if request.media_type else "missing"
        raise CallError.of("unsupported_media_type", f"must be {JSON}, but is {given}", "header.content-type")
    body = _json_of(request)
    if isinstance(body, list):
        raise CallError.of("batching", "must be one request, not a batch. Send each request by itself", "body")
    if not isinstance(body, dict):
        raise CallError.of("invalid_parameters", "must be a JSON object with a query", "body")
    return body


def _json_of(request: Request) -> Any:
    try:
        return request.json if request.body.strip() else parse_json(request.body)
    except DocumentError as error:
        raise CallError.of("invalid_json", str(error), "body") from None


def _json(text: str, where: str) -> Any:
    try:
        return parse_json(text)
    except DocumentError as error:
        raise CallError.of("invalid_json", str(error), where) from None


def _floats(value: Any) -> Any:
    """Returns the value with decimals as floats. GraphQL's Float is a float, and graphql-core accepts no other
    type."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _floats(item) for name, item in value.items()}
    return [_floats(item) for item in value] if isinstance(value, list) else value


_KINDS: tuple[tuple[str, tuple[type, ...], str], ...] = (
    ("query", (str,), "a string with a GraphQL document"),
    ("variables", (dict, type(None)), "an object or null"),
    ("operationName", (str, type(None)), "a string or null"),
    ("extensions", (dict, type(None)), "an object or null"),
)


class GraphQLMatchInput(RequestMatchInput):
    """The parts of a GraphQL request. `args` are the arguments of the first root field, with literals and
    variables resolved."""

    def __init__(self, route: Route, schema: GraphQLSchema) -> None:
        super().__init__(route)
        self._schema = schema

    def part(self, name: str) -> Any:
        """Returns `args`, `variables` or `operationName`, or a part that every request has."""
        match name:
            case "args":
                return self.args
            case "variables":
                return self.route.parsed.variables
            case "operationName":
                named = self.route.parsed.operation
                return named.name.value if named and named.name else None
        return super().part(name)

    @cached_property
    def args(self) -> Any:
        """The arguments, or None if the request has no valid ones."""
        parsed = self.route.parsed
        if parsed.problem is not None or not parsed.fields:
            return None
        root = self._schema.get_root_type(parsed.operation.operation)
        node = parsed.fields[0]
        if root is None:
            return None
        parameters = get_variable_values(
            self._schema, parsed.operation.variable_definitions or (), parsed.variables or {}
        )
        if isinstance(parameters, list):
            return None
        try:
            return get_argument_values(root.fields[node.name.value], node, parameters)
        except GraphQLError:
            return None
