"""A provider's OpenAPI 3.1 document, made from its operations, schemas and outcomes."""

import re
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Any
from urllib.parse import parse_qsl

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from offer_sandbox.contract import Operation, Outcome, Provider, Webhook
from offer_sandbox.contract.http import FORM, JSON
from offer_sandbox.exchange.graphql.document import RESPONSE
from offer_sandbox.publish.converter import describe_schemas, publishing
from offer_sandbox.publish.example_requests import ExampleRequest, example_requests
from offer_sandbox.publish.specs import LICENSE
from offer_sandbox.schemas.graphql import GraphQLRequest, GraphQLResponse
from offer_sandbox.schemas.optional_nulls import nested_schemas
from offer_sandbox.schemas.validator import add_shapes

_WEBHOOKS = "Webhooks"
SERVER = "http://127.0.0.1:4242"
_BY_NAME = ("content-type", "accept", "authorization")  # headers that OpenAPI describes by other means


def build(provider: Provider, examples: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the document. `examples` contains response bodies by outcome id."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))
    spec = APISpec(
        title=f"{provider.title}, as mocked by Offer Sandbox",
        version=provider.contracts[0] if provider.contracts else "1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": _description(provider), "license": LICENSE},
        servers=[{"url": SERVER}],
    )
    assert plugin.converter is not None
    bodies = [each.body for each in provider.parts.operations if each.body is not None and not each.form]
    publishing(plugin.converter, {schema for body in bodies for schema in nested_schemas(body)})
    for name, scheme in provider.parts.dialect.security.items():
        spec.components.security_scheme(name, dict(scheme))
    requests = example_requests(provider)
    for path, operations in _paths(provider, requests, examples).items():
        spec.path(path=path, operations=operations)
    webhooks = {webhook.topic: {"post": _webhook(provider, webhook)} for webhook in provider.parts.webhooks}
    assert plugin.resolver is not None
    for operations in webhooks.values():
        plugin.resolver.resolve_operations(operations)  # type: ignore[no-untyped-call]  # apispec has no types here
    document: dict[str, Any] = spec.to_dict()
    add_shapes(document, plugin.converter)
    if webhooks:
        document["webhooks"] = webhooks
    describe_schemas(document, plugin.converter)
    document["tags"] = _tags(provider)
    return _open(_with_parameter_examples(_without_named_headers(document), requests))


def _tags(provider: Provider) -> list[dict[str, str]]:
    """Returns the tags in order, the one of the webhooks last."""
    tags = {**provider.tags, **({_WEBHOOKS: "Requests that the provider sends."} if provider.topics else {})}
    return [{"name": name, "description": text} for name, text in tags.items()]


def _open(document: dict[str, Any]) -> dict[str, Any]:
    """Returns the document with schemas that admit undocumented fields. A provider may add fields to a response,
    and `mutate` does."""
    for schema in document["components"]["schemas"].values():
        if schema.get("additionalProperties") is False:
            del schema["additionalProperties"]
    return document


def _paths(
    provider: Provider, requests: Mapping[str, ExampleRequest], examples: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    if provider.protocol == "graphql":
        return {provider.roots[0]: {"post": _graphql(provider, requests, examples)}}
    paths: dict[str, dict[str, Any]] = {}
    for operation in provider.parts.operations:
        described = _rest(provider, operation, requests.get(operation.name), examples)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return paths


def _rest(
    provider: Provider, operation: Operation, request: ExampleRequest | None, examples: Mapping[str, Any]
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "x-evidence": operation.evidence,
        "x-source": operation.source,
        "security": [] if operation.page else [{provider.parts.dialect.scheme(operation): []}],
        "parameters": _parameters(operation),
        "responses": _responses(provider, [operation], examples),
    }
    if operation.also:
        described["x-also-answered-at"] = list(operation.also)
    if operation.body is not None:
        media_type = FORM if operation.form else JSON
        optional = operation.method == "GET"  # null is a body without a value
        schema = {"anyOf": [operation.body, {"type": "null"}]} if optional else operation.body
        content: dict[str, Any] = {"schema": schema}
        if request is not None and request.body is not None:
            value = dict(parse_qsl(request.body)) if operation.form else request.body
            content["examples"] = {request.name: {"summary": request.title, "value": value}}
        described["requestBody"] = {"required": not optional, "content": {media_type: content}}
    return described


def _webhook(provider: Provider, webhook: Webhook) -> dict[str, Any]:
    """Describes the request to a receiver. It has the signature header only if the workspace has a secret."""
    headers: list[dict[str, Any]] = [
        {"name": name, "schema": {"const": value}, "description": f"Always `{value}`."}
        for name, value in webhook.headers.items()
    ]
    if provider.signature:
        description = "HMAC-SHA256 of the raw body in hexadecimal digits. Sent only if a secret is set."
        headers.append({"name": provider.signature, "schema": {"type": "string"}, "description": description})
    return {
        "operationId": f"webhook.{webhook.topic}",
        "tags": [_WEBHOOKS],
        "security": [],  # a receiver checks the signature, not a credential of this document
        "summary": webhook.summary,
        "description": cleandoc(type(webhook.body).__doc__ or ""),
        "x-evidence": webhook.evidence,
        "x-source": webhook.source,
        "parameters": [{"in": "header", **header} for header in headers],
        "requestBody": {"required": True, "content": {JSON: {"schema": webhook.body}}},
        "responses": {"2XX": {"description": "Delivered. Any other response is followed by another attempt."}},
    }


def _graphql(
    provider: Provider, requests: Mapping[str, ExampleRequest], examples: Mapping[str, Any]
) -> dict[str, Any]:
    operations = provider.parts.operations
    return {
        "operationId": "graphql",
        "tags": [next(iter(provider.tags), "GraphQL")],
        "summary": f"GraphQL over HTTP: {', '.join(operation.name for operation in operations)}",
        "description": f"The types are in `{provider.sdl}`. Queries can also be sent by GET.",
        "x-evidence": "inferred",
        "x-operations": {
            operation.name: {
                "summary": operation.summary,
                "description": operation.description,
                "x-evidence": operation.evidence,
                "x-source": operation.source,
            }
            for operation in operations
        },
        "security": [{provider.parts.dialect.usual_scheme: []}],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": GraphQLRequest(), "examples": _graphql_requests(requests)}},
        },
        "responses": _responses(provider, operations, examples),
    }


def _graphql_requests(requests: Mapping[str, ExampleRequest]) -> dict[str, Any]:
    """Returns one request for each operation, named like the example of its response."""
    return {
        f"{name}.{request.name}": {"summary": request.title, "value": request.body}
        for name, request in requests.items()
    }


def _responses(provider: Provider, operations: Iterable[Operation], examples: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the responses by status, with each outcome as an example. A GraphQL endpoint includes unmatched
    calls."""
    named = {operation.name: operation for operation in operations}
    graphql = provider.protocol == "graphql"
    by_status: dict[int, list[Outcome]] = {}
    for outcome in provider.parts.outcomes:
        if outcome.operation in named or (graphql and outcome.operation == "unmatched"):
            by_status.setdefault(outcome.status, []).append(outcome)
    return {
        str(status): _response(provider, named, outcomes, examples)
        for status, outcomes in sorted(by_status.items())
    }


def _response(
    provider: Provider, named: Mapping[str, Operation], outcomes: list[Outcome], examples: Mapping[str, Any]
) -> dict[str, Any]:
    titles = list(dict.fromkeys(outcome.title for outcome in outcomes))
    described: dict[str, Any] = {
        "description": "; ".join(titles),
        "x-outcomes": _evidence(provider, outcomes),
    }
    shown = {
        _example_name(provider, outcome): {"summary": outcome.title, "value": value}
        for outcome in outcomes
        if (value := examples.get(_id(provider, outcome))) is not None
    }
    if shown:
        media_types = _media_types(provider, named, outcomes[0])
        content: dict[str, Any] = {"schema": _schema(provider, named, outcomes[0])}
        described["content"] = {media_type: dict(content) for media_type in media_types}
        described["content"][media_types[0]]["examples"] = shown
    return described


def _media_types(provider: Provider, named: Mapping[str, Operation], outcome: Outcome) -> tuple[str, ...]:
    if provider.protocol == "graphql":
        return JSON, RESPONSE
    return ("text/html",) if named[outcome.operation].page and outcome.status < 400 else (JSON,)


def _schema(provider: Provider, named: Mapping[str, Operation], outcome: Outcome) -> Any:
    if provider.protocol == "graphql":
        return GraphQLResponse()
    operation = named[outcome.operation]
    if operation.page and outcome.status < 400:
        return {"type": "string"}
    if outcome.status in operation.answers:
        return operation.answers[outcome.status]
    if operation.error is not None:
        return {"anyOf": [operation.error, provider.parts.dialect.error]}
    return provider.parts.dialect.error


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.parameters is None:
        path = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\}", operation.path)
        ]
    else:
        path = [{"in": "path", "schema": operation.parameters}]
    places = (("header", operation.headers), ("query", operation.query))
    return path + [{"in": place, "schema": schema} for place, schema in places if schema is not None]


def _with_parameter_examples(document: dict[str, Any], requests: Mapping[str, ExampleRequest]) -> dict[str, Any]:
    """Returns the document with the values of the example requests as examples of their parameters."""
    for operations in document["paths"].values():
        for operation in operations.values():
            request = requests.get(operation["operationId"])
            if request is None:
                continue
            for parameter in operation.get("parameters", []):
                value = request.value(parameter["in"], parameter["name"])
                if value is not None:
                    shown = int(value) if parameter["schema"].get("type") == "integer" else value
                    parameter["examples"] = {request.name: {"summary": request.title, "value": shown}}
    return document


def _without_named_headers(document: dict[str, Any]) -> dict[str, Any]:
    """Removes the header parameters that OpenAPI forbids because it describes them by other means."""
    for operations in document["paths"].values():
        for operation in operations.values():
            stored = [
                parameter
                for parameter in operation.get("parameters", [])
                if parameter["in"] != "header" or parameter["name"].lower() not in _BY_NAME
            ]
            operation["parameters"] = stored
    return document


def _evidence(provider: Provider, outcomes: Iterable[Outcome]) -> dict[str, Any]:
    return {
        _id(provider, outcome): {"evidence": outcome.evidence, "source": outcome.source} for outcome in outcomes
    }


def _example_name(provider: Provider, outcome: Outcome) -> str:
    """Returns the name of an outcome among the examples of a status, in a form that OpenAPI allows."""
    return f"{outcome.operation}.{outcome.name}" if provider.protocol == "graphql" else outcome.name


def _id(provider: Provider, outcome: Outcome) -> str:
    return f"{provider.name}.{outcome.operation}.{outcome.name}"


def _name(schema: Any) -> str:
    return schema.__name__ if isinstance(schema, type) else type(schema).__name__


def _description(provider: Provider) -> str:
    return f"Documentation read on {provider.read_on}: {', '.join(provider.links)}."
