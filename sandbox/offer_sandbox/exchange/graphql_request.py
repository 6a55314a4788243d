"""The parameters of a GraphQL request over HTTP, by its specification; reads no document."""

from decimal import Decimal
from typing import Any

from offer_sandbox.contract import Refusal, Request
from offer_sandbox.contract.http import JSON
from offer_sandbox.schemas.accept import named, wanted
from offer_sandbox.world.json_codec import DocumentError, parse

RESPONSE = "application/graphql-response+json"


def accepted(request: Request) -> str | None:
    """The media type to answer with; None when the client takes neither."""
    header = request.headers.get("accept")
    response, plain = wanted(header, RESPONSE), wanted(header, JSON)
    if named(header, RESPONSE) and response >= plain:
        return RESPONSE if response > 0 else None
    if plain > 0:
        return JSON
    return RESPONSE if response > 0 else None


def parameters(request: Request) -> tuple[str, dict[str, Any] | None, str | None]:
    """`query`, `variables`, `operationName`. Raises Refusal for what GraphQL over HTTP calls malformed."""
    if request.method == "POST":
        given = _json_body(request)
    else:
        given = {name: value for name in ("query", "operationName") if (value := request.argument(name))}
        for name in ("variables", "extensions"):
            if text := request.argument(name):
                given[name] = _json(text, f"query.{name}")
    for name, kinds, words in _KINDS:
        if not isinstance(given.get(name), kinds):
            raise Refusal.of("invalid_parameters", f"{name} must be {words}", f"body.{name}")
    return given["query"], _floats(given.get("variables")), given.get("operationName") or None


def _json_body(request: Request) -> dict[str, Any]:
    if request.too_large:
        raise Refusal.of("payload_too_large", "the body is larger than 1 MiB", "body")
    if request.media_type != JSON:
        given = request.media_type[:60] or "missing"
        raise Refusal.of(
            "unsupported_media_type", f"the content type is {given}, not {JSON}", "header.content-type"
        )
    body = _json(request.body, "body")
    if not isinstance(body, dict):
        raise Refusal.of("invalid_parameters", "the body must be a JSON object with a query", "body")
    return body


def _json(text: bytes | str, where: str) -> Any:
    try:
        return parse(text)
    except DocumentError as error:
        raise Refusal.of("invalid_json", str(error), where) from None


def _floats(value: Any) -> Any:
    """The value with decimals as floats: GraphQL's Float is one, and its library takes nothing else."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _floats(item) for name, item in value.items()}
    return [_floats(item) for item in value] if isinstance(value, list) else value


_KINDS: tuple[tuple[str, tuple[type, ...], str], ...] = (
    ("query", (str,), "a text with a GraphQL document"),
    ("variables", (dict, type(None)), "an object or null"),
    ("operationName", (str, type(None)), "a text or null"),
    ("extensions", (dict, type(None)), "an object or null"),
)
