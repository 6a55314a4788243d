"""Reads the committed specs so that the server can serve them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.resources import bundled
from offer_sandbox.world.json_codec import load

LICENSE = {"name": "MIT", "url": "https://opensource.org/license/mit"}  # of the documents themselves
CONTROL = "admin"


@cache
def committed(name: str) -> dict[str, Any]:
    """Returns a provider's committed OpenAPI document. For the name CONTROL, returns the document of the sandbox's
    own API."""
    document: dict[str, Any] = load((bundled("specs") / f"{name}.json").read_bytes())
    return document


def committed_sdl(provider: Provider) -> str:
    """Returns the schema of a GraphQL provider, the only spec that is written by hand."""
    return (bundled("specs") / provider.sdl).read_text(encoding="utf-8")


def merged(providers: Sequence[str]) -> dict[str, Any]:
    """Returns one document of all providers. The provider's name precedes the name of each component."""
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Offer Sandbox: all providers",
            "version": "1",
            "description": "The operations of all providers. Names begin with the name of the provider.",
            "license": LICENSE,
        },
        "tags": [],
        "paths": {},
        "webhooks": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for name in providers:
        document = _prefixed(committed(name), name)
        whole["tags"] += document["tags"]
        whole["paths"].update(document["paths"])
        whole["webhooks"].update({f"{name}.{topic}": each for topic, each in document.get("webhooks", {}).items()})
        for group, members in document.get("components", {}).items():
            named = {f"{name}_{key}": value for key, value in members.items()}
            whole["components"].setdefault(group, {}).update(named)
    return whole


def _prefixed(value: Any, name: str) -> Any:
    """Returns the document with its references, operation ids and security schemes named for the merged
    document."""
    if isinstance(value, list):
        return [_prefixed(item, name) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _renamed(key, item, name) for key, item in value.items()}


def _renamed(key: str, item: Any, name: str) -> Any:
    if key == "$ref" and isinstance(item, str):
        head, _, tail = item.rpartition("/")
        return f"{head}/{name}_{tail}"
    if key == "operationId":
        return f"{name}.{item}"  # several providers have an operation named getOffer
    if key in ("example", "examples", "default", "enum"):
        return item  # values, in which the same names mean something else
    if key == "tags" and isinstance(item, list):  # several providers have a resource named Offers
        return [
            f"{name}: {each}" if isinstance(each, str) else {**each, "name": f"{name}: {each['name']}"}
            for each in item
        ]
    if key == "security" and isinstance(item, list):
        return [{f"{name}_{scheme}": scopes for scheme, scopes in demand.items()} for demand in item]
    return _prefixed(item, name)
