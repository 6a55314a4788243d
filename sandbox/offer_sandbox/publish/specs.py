"""The committed specs: reads them for serving, says where they are; makes none."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.resources import bundled
from offer_sandbox.world.json_codec import load

CONTROL = "admin"


@cache
def committed(name: str) -> dict[str, Any]:
    """A provider's committed OpenAPI document, or that of the sandbox's own API, which is named CONTROL."""
    document: dict[str, Any] = load((bundled("specs") / f"{name}.json").read_bytes())
    return document


def committed_sdl(provider: Provider) -> str:
    """A GraphQL provider's schema, the one spec written by hand."""
    return (bundled("specs") / provider.sdl).read_text(encoding="utf-8")


def merged(providers: Sequence[str]) -> dict[str, Any]:
    """One document of all providers; component names get the provider's name in front."""
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Offer Sandbox: every provider", "version": "1"},
        "paths": {},
        "webhooks": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for name in providers:
        document = _prefixed(committed(name), name)
        whole["paths"].update(document["paths"])
        whole["webhooks"].update({f"{name}.{topic}": each for topic, each in document.get("webhooks", {}).items()})
        for group, members in document.get("components", {}).items():
            named = {f"{name}_{key}": value for key, value in members.items()}
            whole["components"].setdefault(group, {}).update(named)
    return whole


def _prefixed(value: Any, name: str) -> Any:
    """The document with references and security schemes named as in the merged one."""
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
        return f"{name}.{item}"  # getOffer is a call of more than one provider
    if key == "security" and isinstance(item, list):
        return [{f"{name}_{scheme}": scopes for scheme, scopes in demand.items()} for demand in item]
    return _prefixed(item, name)
