"""Joins the control API's routes with the table of its calls into one OpenAPI 3.1 document; knows no framework."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from offer_sandbox.contract.errors import MEDIA_TYPE
from offer_sandbox.contract.http import JSON
from offer_sandbox.publish.admin_openapi.calls import CALLS, Call
from offer_sandbox.publish.admin_openapi.journal import JOURNAL_SCHEMAS
from offer_sandbox.publish.admin_openapi.parameters import PARAMETERS, REFUSALS, SECURITY_SCHEMES
from offer_sandbox.publish.admin_openapi.schemas import PROBLEM, SCHEMAS
from offer_sandbox.publish.openapi import SERVER

_BELOW = "/__admin/"
_ALL_SCHEMAS = {**SCHEMAS, **JOURNAL_SCHEMAS}
_NAMES = {id(schema): name for name, schema in _ALL_SCHEMAS.items()}
_DONE = {200: "Done.", 201: "Made.", 204: "Done; the answer has no body."}
_ANYBODY: list[dict[str, list[str]]] = [{}, {"adminToken": []}, {"workspaceKey": []}]
_DESCRIPTION = """\
The Offer Sandbox's own API; those of the providers are in `/openapi.json`. HEAD is answered wherever GET is, and \
OPTIONS everywhere. Every refusal is a problem document (RFC 9457) and has changed nothing.

The workspace is the one that the header `X-Sandbox-Workspace` or the query parameter `workspace` names, else the \
one of the credential, else `default`; it is made on its first use, or where keys are issued by \
`POST /__admin/workspaces` alone.

On the loopback no token is needed. Bound elsewhere, a workspace's own key opens what concerns that workspace, \
the admin token everything."""


class Undescribed(LookupError):
    """A route that the table of calls does not have; the message names it."""


@dataclass(frozen=True)
class Route:
    """An address of the control API: `path` with its variables in braces, `told` what its view says of itself."""

    method: str
    path: str
    told: str


def build(routes: Iterable[Route]) -> dict[str, Any]:
    """The document for these routes, in their order of paths. Raises Undescribed."""
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(routes, key=lambda route: route.path):
        path = _template(route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Offer Sandbox: the control API", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": SERVER}],
        "security": _ANYBODY,
        "paths": paths,
        "components": {
            "schemas": {name: _referring(schema) for name, schema in _ALL_SCHEMAS.items()},
            "parameters": PARAMETERS,
            "responses": {each.name: _refusal(each.told) for each in REFUSALS.values()},
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _template(path: str) -> str:
    """The path with a provider's name called what it is: the views call it `name`."""
    return re.sub(rf"^({_BELOW}(?:state|specs)/){{name}}", r"\1{provider}", path)


def _operation(route: Route, path: str) -> dict[str, Any]:
    call = CALLS.get(f"{route.method} {path}")
    if call is None:
        raise Undescribed(f"publish/admin_openapi/calls.py does not describe {route.method} {path}")
    summary, *more = re.split(r"(?<=\.)\s+(?=[A-Z])", " ".join(route.told.split()), maxsplit=1)
    described: dict[str, Any] = {"operationId": call.id, "tags": [_tag(path)], "summary": summary}
    if more:
        described["description"] = more[0]
    if not path.startswith(_BELOW):
        described["security"] = []
    if named := _parameters(call, path):
        described["parameters"] = [_reference("parameters", name) for name in named]
    if call.body is not None:
        described["requestBody"] = _body(call)
    described["responses"] = _responses(call, path)
    return described


def _tag(path: str) -> str:
    """The resource: the first word of the address."""
    return re.split(r"[/.]", path.removeprefix(_BELOW).removeprefix("/"))[0]


def _parameters(call: Call, path: str) -> list[str]:
    workspace = ["X-Sandbox-Workspace", "workspace"] if call.workspace else []
    return [*re.findall(r"{(\w+)}", path), *call.parameters, *workspace]


def _body(call: Call) -> dict[str, Any]:
    assert call.body is not None
    content = {name: {"schema": _referring(schema, within=True)} for name, schema in call.body.content.items()}
    if call.body.example is not None:
        content[JSON]["example"] = call.body.example
    return {"required": call.body.required, "content": content}


def _responses(call: Call, path: str) -> dict[str, Any]:
    answers = {
        str(status): {"description": _DONE[status], **({"content": _content(content)} if content else {})}
        for status, content in call.answers.items()
    }
    refusals = {str(status): _reference("responses", REFUSALS[status].name) for status in _refused(call, path)}
    return {**answers, **refusals, "default": _reference("responses", REFUSALS[500].name)}


def _refused(call: Call, path: str) -> list[int]:
    """The refusals of the call itself, and those that whatever it takes brings with it."""
    by_sender = {400, 401, 403, 422} if path.startswith(_BELOW) else set()
    by_workspace = {400, 404, 409} if call.workspace else set()
    by_body = {400, 413, 422} if call.body is not None else set()
    return sorted({*call.refusals, *by_sender, *by_workspace, *by_body})


def _refusal(told: str) -> dict[str, Any]:
    return {"description": told, "content": _content({MEDIA_TYPE: PROBLEM})}


def _content(content: Mapping[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": _referring(schema, within=True)} for media_type, schema in content.items()}


def _reference(group: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{group}/{name}"}


def _referring(value: Any, within: bool = False) -> Any:
    """The schema with a reference wherever one that has a name stands `within` it."""
    if within and id(value) in _NAMES:
        return _reference("schemas", _NAMES[id(value)])
    if isinstance(value, list | tuple):
        return [_referring(item, within=True) for item in value]
    if isinstance(value, dict):
        return {name: _referring(item, within=True) for name, item in value.items()}
    return value
