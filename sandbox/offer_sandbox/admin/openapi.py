"""The control API's OpenAPI 3.1 document, built from its declared calls."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from offer_sandbox.admin.call import ADMIN, Body, Concern, Content, ControlCall, JsonSchema, Shape
from offer_sandbox.admin.json_schemas import NAMED
from offer_sandbox.admin.open_responses import with_open_responses
from offer_sandbox.admin.problem_schema import ProblemSchema
from offer_sandbox.contract.errors import MEDIA_TYPE
from offer_sandbox.contract.http import JSON
from offer_sandbox.publish.converter import describe_schemas, publishing
from offer_sandbox.publish.openapi import SERVER
from offer_sandbox.publish.specs import LICENSE
from offer_sandbox.rules.schema import NAME

_DESCRIPTION = """\
The Offer Sandbox's own API. The APIs of the providers are in `/openapi.json`. HEAD works for every path that has \
GET, and OPTIONS works for every path. Every error is a problem document (RFC 9457), and a call that returns an \
error changes nothing.

The header `X-Sandbox-Workspace` or the query parameter `workspace` names the workspace. By default, it is the \
one of the credential, or else `default`. A workspace is created on its first use. If the server issues keys, \
only `POST /__admin/workspaces` creates workspaces.

A server on the loopback requires no token. On other servers, a workspace's own key gives access to that \
workspace, and the admin token gives access to everything."""
_EMPTY = "Done. The response has no body."
_REFUSALS = {
    400: (
        "BadRequest",
        "The body is not JSON (`malformed-json`), or the name of the workspace is malformed"
        " (`malformed-workspace`).",
    ),
    401: (
        "Unauthorized",
        "The credential is missing or unknown (`unauthorized`), or malformed (`malformed-key`).",
    ),
    403: (
        "Forbidden",
        "The key is another workspace's (`forbidden`), or the request's host (`foreign-host`) or site"
        " (`cross-site`) is not allowed.",
    ),
    404: (
        "NotFound",
        "The resource does not exist. The type names it, such as `unknown-rule`. With `--auth keys`, also a"
        " workspace that has not been created yet (`unknown-workspace`).",
    ),
    408: ("RequestTimeout", "The awaited event did not happen in time (`timeout`)."),
    409: (
        "Conflict",
        "Not possible in the current state. The type names the reason, such as `scenario-runs`. `limit-reached`"
        " means that there is no room.",
    ),
    413: (
        "ContentTooLarge",
        "The body is larger than 1 MiB, or `serve --max-state-body` for records: `too-large`.",
    ),
    415: (
        "UnsupportedMediaType",
        "The body has a `Content-Encoding` other than gzip (`unsupported-media-type`).",
    ),
    422: (
        "UnprocessableContent",
        "An unknown query parameter or field, or an invalid value (`unprocessable`). See `problems` and `known`.",
    ),
    429: ("TooManyRequests", "The client has the maximum number of open streams (`too-many-streams`)."),
    500: ("Error", "An internal error (500, `internal-error`), or the store is unavailable (503)."),
    501: ("NotImplemented", "The WSGI server handles one request at a time, so no call can wait (`cannot-wait`)."),
    503: (
        "ServiceUnavailable",
        "The store is unavailable (`store-unavailable`), or too many calls are waiting (`too-busy`).",
    ),
}
_ON_WORKSPACE = (Concern.WORKSPACE, Concern.ANY_WORKSPACE, Concern.EXCHANGE)
_BY_SENDER, _BY_WORKSPACE, _BY_BODY = {400, 401, 403, 422}, {400, 404, 409}, {400, 413, 415, 422}
_TEXT = {"type": "string"}
_NAME = {**_TEXT, "pattern": NAME}
_WORKSPACE = {**_NAME, "example": "team1"}
_PROVIDER = "A provider's name. `GET /` lists the providers."
_HEADER = "X-Sandbox-Workspace"
_HEADERS = {_HEADER: "CallWorkspace"}  # refers to the header in the components
_Parameter = tuple[str, str, Mapping[str, Any]]
_WORKSPACE_PARAMETERS: Mapping[str, _Parameter] = {
    "X-Sandbox-Workspace": ("header", "The workspace. By default, the credential names it.", _WORKSPACE),
    "workspace": (
        "query",
        "The workspace. The header `X-Sandbox-Workspace` takes precedence over this parameter.",
        _WORKSPACE,
    ),
}
# The component of each path parameter, with its description and schema, by tag and name.
_PATH_PARAMETERS: Mapping[tuple[str, str], _Parameter] = {
    ("requests", "id"): (
        "exchangeId",
        "The id of an exchange. Its response has it in `X-Sandbox-Request-Id`.",
        {**_TEXT, "example": "3f2a9c0d41b7e856"},
    ),
    ("rules", "id"): ("ruleId", "The id of a rule.", {**_TEXT, "example": "rule_tzi4248o19"}),
    ("webhooks", "id"): ("webhookId", "The id of a webhook event.", {**_TEXT, "example": "wh_k3v0q8z1m5xa"}),
    ("state", "id"): ("recordId", "The id of a record.", {**_TEXT, "example": "off_123"}),
    ("state", "provider"): ("providerName", _PROVIDER, {**_TEXT, "example": "covent"}),
    ("specs", "provider"): ("providerName", _PROVIDER, {**_TEXT, "example": "covent"}),
    ("state", "collection"): (
        "collectionName",
        "The name of a collection. `GET /__admin/state` lists the collections.",
        {**_TEXT, "example": "offers"},
    ),
    ("scenarios", "name"): (
        "scenarioName",
        "The name of a scenario. `GET /__admin/scenarios` lists the scenarios.",
        {**_NAME, "example": "ebay-busy"},
    ),
    ("workspaces", "name"): ("workspaceName", "The name of a workspace.", _WORKSPACE),
}
# The tags, in the order of the document.
_TAGS = {
    "server": "The health, the metrics and the main paths of the server.",
    "workspaces": "Isolated environments with their own state, clock, rules, settings, journal and key.",
    "catalog": "The documented outcomes of every operation, and the ways to request each.",
    "rules": "Rules make matching calls return an outcome, wait, or break the connection.",
    "scenarios": "Named sets of rules, settings and a clock, which start and stop as a whole.",
    "settings": "The pace of asynchronous steps, contract versions, switches and webhook targets.",
    "clock": "The workspace's clock, which you can freeze, set and advance.",
    "state": "The records behind the providers' calls.",
    "snapshot": "A whole workspace as one document, to save and to restore.",
    "reset": "The reset of a workspace to its beginning, completely or in part.",
    "requests": "The journal: every call with its response and the reason for it.",
    "coverage": "The documented outcomes that clients have received, and those that they have not.",
    "send": "Calls to providers that the server sends for the client.",
    "webhooks": "The events that providers send, with their deliveries.",
    "specs": "The API documents of the providers and of this control API.",
}
_RESOURCES = {"": "server", "health": "server", "metrics": "server", "openapi": "specs"}
_SECURITY_SCHEMES = {
    "adminToken": "The server's admin token, with access to everything. Not required on the loopback.",
    "workspaceKey": "A workspace's key: `sbx_<workspace>`, or the issued key if the server issues keys. It"
    " selects the workspace and gives access to it alone.",
}
_ANYBODY: list[dict[str, list[str]]] = [{}, {"adminToken": []}, {"workspaceKey": []}]


def build(calls: Iterable[ControlCall]) -> dict[str, Any]:
    """Returns the document for these calls, in the order of their paths."""
    return _Document().of(calls)


class _Document:
    """A document under construction."""

    def __init__(self) -> None:
        plugin = MarshmallowPlugin()  # names the schema of a class `XSchema` `X`
        self._spec = APISpec(
            title="Offer Sandbox control API",
            version="1",
            openapi_version="3.1.0",
            plugins=[plugin],
            info={"description": _DESCRIPTION, "license": LICENSE},
            servers=[{"url": SERVER}],
            security=_ANYBODY,
        )
        self._converter = cast(Any, plugin.converter)  # apispec has no types here
        self._names = {id(each.schema): each for each in NAMED}
        publishing(self._converter)
        self._converter.add_attribute_function(self._shaped())

    def of(self, calls: Iterable[ControlCall]) -> dict[str, Any]:
        """Returns the whole document for these calls."""
        components = self._spec.components
        for name, (place, text, schema) in _WORKSPACE_PARAMETERS.items():
            components.parameter(name, place, {"name": name, "description": text, "schema": schema})
        text = "The workspace of the call. Missing if the request names a malformed one."
        components.header(_HEADERS[_HEADER], {"description": text, "schema": _WORKSPACE})
        for name, text in _REFUSALS.values():
            content = {MEDIA_TYPE: {"schema": self._reference(ProblemSchema())}}
            components.response(name, {"description": text, "headers": _HEADERS, "content": content})
        for name, text in _SECURITY_SCHEMES.items():
            components.security_scheme(name, {"type": "http", "scheme": "bearer", "description": text})
        calls = sorted(calls, key=lambda call: call.path)
        for call in calls:
            self._spec.path(path=call.path, operations={call.method.lower(): self._operation(call)})
        document: dict[str, Any] = self._spec.to_dict()
        describe_schemas(document, self._converter)
        used = {_tag(call) for call in calls}
        document["tags"] = [{"name": name, "description": _TAGS[name]} for name in _TAGS if name in used]
        return with_open_responses(document)

    def _operation(self, call: ControlCall) -> dict[str, Any]:
        text = " ".join((call.view.__doc__ or "").split())
        summary, *more = re.split(r"(?<=\.)\s+(?=[A-Z])", text, maxsplit=1)
        operation: dict[str, Any] = {"operationId": call.id, "tags": [_tag(call)], "summary": summary}
        if more:
            operation["description"] = more[0]
        if call.open:
            operation["security"] = []
        if parameters := self._parameters(call):
            operation["parameters"] = parameters
        if call.takes is not None:
            operation["requestBody"] = self._body(call.takes)
        operation["responses"] = self._responses(call)
        return operation

    def _parameters(self, call: ControlCall) -> list[Any]:
        own = [
            parameter
            for place, schema in (("query", call.query), ("header", call.headers))
            if schema is not None
            for parameter in self._converter.schema2parameters(schema, location=place)
        ]
        shared = ["X-Sandbox-Workspace", "workspace"] if _on_workspace(call) else []
        path = [self._path_parameter(_tag(call), name) for name in re.findall(r"{(\w+)}", call.path)]
        return [*path, *own, *shared]

    def _path_parameter(self, tag: str, name: str) -> str:
        """Returns the name of the component for a path parameter, and adds the component the first time."""
        known, components = _PATH_PARAMETERS.get((tag, name)), self._spec.components
        component, text, schema = known or (name, f"The {name} of the resource.", _TEXT)
        if component not in components.parameters:
            components.parameter(component, "path", {"name": name, "description": text, "schema": schema})
        return component

    def _body(self, body: Body) -> dict[str, Any]:
        shown = {} if body.example is None else {"example": body.example}
        content = {media_type: {"schema": self._reference(body.shape), **shown} for media_type in body.media_types}
        return {"required": body.required, "content": content}

    def _responses(self, call: ControlCall) -> dict[str, Any]:
        headers = {} if call.open else {"headers": _HEADERS}
        answers = {
            str(status): {"description": _answer(status, content), **headers, **self._content(content)}
            for status, content in sorted(call.answers.items())
        }
        refusals = {str(status): _REFUSALS[status][0] for status in _refused(call)}
        return {**answers, **refusals, "default": _REFUSALS[500][0]}

    def _content(self, content: Content) -> dict[str, Any]:
        if content is None:
            return {}
        by_type = content if isinstance(content, Mapping) else {JSON: content}
        return {"content": {name: {"schema": self._reference(shape)} for name, shape in by_type.items()}}

    def _reference(self, shape: Shape) -> Any:
        """Returns a reference to a schema, and adds the schema to the document the first time. Returns a schema
        without a name inline."""
        if isinstance(shape, Schema):
            return self._converter.resolve_nested_schema(shape)
        if shape.name and shape.name not in self._spec.components.schemas:
            self._spec.components.schema(shape.name, self._inner(shape.schema))
        return {"$ref": f"#/components/schemas/{shape.name}"} if shape.name else self._inner(shape.schema)

    def _inner(self, value: Any) -> Any:
        """Returns part of a JSON Schema, with a reference in place of every named schema."""
        if isinstance(value, Mapping):
            of_text = _TEXT if _is_enumeration(value) else {}  # which generators need
            return {**of_text, **{name: self._referring(item) for name, item in value.items()}}
        return [self._referring(item) for item in value] if isinstance(value, list | tuple) else value

    def _referring(self, value: Any) -> Any:
        if isinstance(value, Schema | JsonSchema):
            return self._reference(value)
        if id(value) in self._names:
            return {**self._reference(self._names[id(value)]), "description": value["description"]}
        return self._inner(value)

    def _shaped(self) -> Any:
        """Returns the attribute function that gives a field the JSON Schema in its metadata's `shape`."""

        def shaped(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
            if "shape" not in field.metadata:
                return {}
            stated = {name: ret[name] for name in ("description", "example") if name in ret}
            ret.clear()
            return {**self._referring(field.metadata["shape"]), **stated}

        return shaped


def _tag(call: ControlCall) -> str:
    """Returns the resource of a call: the first part of its path, after `/__admin`."""
    resource = re.split(r"[/.]", call.path.removeprefix(ADMIN).removeprefix("/"))[0]
    return _RESOURCES.get(resource, resource)


def _answer(status: int, content: Content) -> str:
    """Returns the description of a response: that of its schema."""
    if content is None:
        return _EMPTY
    shapes = content.values() if isinstance(content, Mapping) else [content]
    texts = [_text(shape) for shape in shapes]
    return " ".join(["Created.", *texts] if status == 201 else texts)


def _text(shape: Shape) -> str:
    """Returns the description of a schema."""
    text = str(type(shape).__doc__ if isinstance(shape, Schema) else shape.schema["description"])
    return " ".join(text.split())


def _is_enumeration(schema: Mapping[str, Any]) -> bool:
    """Returns whether a JSON Schema lists texts without naming their type."""
    values = schema.get("enum")
    return isinstance(values, list) and "type" not in schema and all(isinstance(each, str) for each in values)


def _on_workspace(call: ControlCall) -> bool:
    """Returns whether the call concerns a workspace that its caller names."""
    return call.concern in _ON_WORKSPACE


def _refused(call: ControlCall) -> list[int]:
    """Returns the error statuses of the call itself, and those that its caller, workspace and body can cause."""
    by_sender = set() if call.open else _BY_SENDER
    by_workspace = _BY_WORKSPACE if call.concern is Concern.WORKSPACE and not call.open else set()
    by_body = _BY_BODY if call.takes is not None else set()
    return sorted({*call.refusals, *by_sender, *by_workspace, *by_body})
