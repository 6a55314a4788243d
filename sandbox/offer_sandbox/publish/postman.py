"""A provider's Postman collection (format 2.1): a request for each operation, and one for each outcome."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from offer_sandbox.contract import Operation, Outcome, Provider
from offer_sandbox.publish.example_requests import ExampleRequest, example_requests

_FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_URL = "{{baseUrl}}"
_WORKSPACE = {"key": "X-Sandbox-Workspace", "value": "{{workspace}}"}
_SHOWN = "X-Sandbox-Outcome"


def collection(provider: Provider, url: str) -> dict[str, Any]:
    """Returns the collection, with `url` as the default of its variable `baseUrl`."""
    requests = example_requests(provider)
    return {
        "info": {
            "name": f"{provider.title} (Offer Sandbox)",
            "description": "Requests to the Offer Sandbox. Set `workspace` to the name of a workspace.",
            "schema": _FORMAT,
        },
        "variable": [{"key": "baseUrl", "value": url}, {"key": "workspace", "value": "postman"}],
        "item": [
            _folder(provider, operation, requests[operation.name])
            for operation in provider.parts.operations
            if operation.name in requests
        ],
    }


def _folder(provider: Provider, operation: Operation, request: ExampleRequest) -> dict[str, Any]:
    """Returns an operation's folder: its plain request, and a folder with a request for each outcome."""
    outcomes = [_forced(provider, operation, request, each) for each in _outcomes(provider, operation)]
    plain = _item(provider, operation, request, operation.name, operation.summary)
    return {
        "name": operation.name,
        "description": operation.description or operation.summary,
        "item": [plain, {"name": "Outcomes", "item": outcomes}],
    }


def _outcomes(provider: Provider, operation: Operation) -> Iterator[Outcome]:
    return (each for each in provider.parts.outcomes if each.operation == operation.name)


def _forced(provider: Provider, operation: Operation, request: ExampleRequest, outcome: Outcome) -> dict[str, Any]:
    """Returns the plain request with the header that requests an outcome."""
    item = _item(provider, operation, request, f"{outcome.name} ({outcome.status})", outcome.title)
    item["request"]["header"].append({"key": _SHOWN, "value": outcome.name})
    return item


def _item(
    provider: Provider, operation: Operation, request: ExampleRequest, name: str, description: str
) -> dict[str, Any]:
    path = operation.path
    for parameter, value in request.path.items():
        path = path.replace(f"{{{parameter}}}", value)
    query = [{"key": key, "value": value} for key, value in request.query.items()]
    made: dict[str, Any] = {
        "method": operation.method,
        "description": description,
        "header": [{"key": key, "value": value} for key, value in request.headers.items()] + [_WORKSPACE],
        "url": {
            "raw": _URL + f"/{provider.name}{path}" + _query_text(query),
            "host": [_URL],
            "path": [provider.name, *path.strip("/").split("/")],
            **({"query": query} if query else {}),
        },
    }
    if request.body is not None:
        text = request.body if isinstance(request.body, str) else json.dumps(request.body, indent=2)
        made["body"] = {"mode": "raw", "raw": text, "options": {"raw": {"language": _language(operation)}}}
    found: dict[str, Any] = {"name": name, "request": made, "response": []}
    if request.body is not None and operation.method == "GET":
        found["protocolProfileBehavior"] = {"disableBodyPruning": True}  # or Postman leaves the body out
    return found


def _language(operation: Operation) -> str:
    return "text" if operation.form else "json"


def _query_text(query: Iterable[dict[str, str]]) -> str:
    text = "&".join(f"{each['key']}={each['value']}" for each in query)
    return f"?{text}" if text else ""
