"""The control API's OpenAPI 3.1 document, built from its declared calls."""

import re
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Any, cast

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from offer_sandbox.admin.call import ADMIN, Body, Concern, Content, ControlCall, JsonSchema, Shape
from offer_sandbox.admin.fields import ShownSchema, described
from offer_sandbox.admin.json_schemas import NAMED
from offer_sandbox.contract.errors import MEDIA_TYPE
from offer_sandbox.contract.http import JSON
from offer_sandbox.publish.openapi import SERVER
from offer_sandbox.rules.schema import NAME
from offer_sandbox.schemas.fields import AnswerSchema, Integer, List, String
from offer_sandbox.schemas.validator import adapt

_DESCRIPTION = """\
The Offer Sandbox's own API. The APIs of the providers are in `/openapi.json`. HEAD works for every path that has \
GET, and OPTIONS works for every path. Every error is a problem document (RFC 9457), and a call that returns an \
error changes nothing.

The header `X-Sandbox-Workspace` or the query parameter `workspace` names the workspace. By default, it is the \
one of the credential, or else `default`. A workspace is created on its first use. If the server issues keys, \
only `POST /__admin/workspaces` creates workspaces.

A server on the loopback requires no token. On other servers, a workspace's own key gives access to that \
workspace, and the admin token gives access to everything."""
_DONE = {200: "Done.", 201: "Created.", 204: "Done. The response has no body."}
_REFUSALS = {
    400: ("Malformed", "The body is not JSON, or the workspace name is malformed."),
    401: ("Unauthorized", "The credential is missing, unknown or malformed."),
    403: ("Forbidden", "The key is another workspace's, or the request's host or site is not allowed."),
    404: ("NotFound", "Not found. With `--auth keys`, also a workspace that has not been created yet."),
    408: ("Timeout", "The awaited event did not happen in time."),
    409: ("Conflict", "Not possible in the current state. `limit-reached` means that there is no room."),
    413: ("TooLarge", "The body is larger than 1 MiB (256 MiB for state and snapshots)."),
    415: ("UnsupportedCoding", "The body has a `Content-Encoding` other than gzip."),
    422: (
        "NotUnderstood",
        "An unknown query parameter or field, or an invalid value. See `problems` and `known`.",
    ),
    429: ("TooMany", "The client has the maximum number of open streams."),
    500: ("Failure", "An internal error (500), or the store is unavailable (503)."),
    501: ("CannotWait", "The WSGI server handles one request at a time, so no call can wait."),
    503: ("Unavailable", "The store is unavailable, or too many calls are waiting."),
}
_ON_WORKSPACE = (Concern.WORKSPACE, Concern.ANY_WORKSPACE, Concern.EXCHANGE)
_BY_SENDER, _BY_WORKSPACE, _BY_BODY = {400, 401, 403, 422}, {400, 404, 409}, {400, 413, 415, 422}
_WORKSPACE = {"type": "string", "pattern": NAME}
_TEXT = {"type": "string"}
_HEADER = "X-Sandbox-Workspace"
_HEADERS = {_HEADER: _HEADER}  # refers to the header in the components
_PARAMETERS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "X-Sandbox-Workspace": ("header", "The workspace.", _WORKSPACE),
    "workspace": ("query", "The workspace. The header takes precedence.", _WORKSPACE),
    "id": ("path", "The id of the requested resource.", _TEXT),
    "name": ("path", "The name of the scenario or workspace.", _TEXT),
    "provider": ("path", "A provider's name. `GET /` lists the providers.", _TEXT),
    "collection": ("path", "One of the provider's collections.", _TEXT),
}
_SECURITY_SCHEMES = {
    "adminToken": "The server's admin token, with access to everything. Not required on the loopback.",
    "workspaceKey": "`sbx_<workspace>`, which selects this workspace and gives access to it.",
}
_ANYBODY: list[dict[str, list[str]]] = [{}, {"adminToken": []}, {"workspaceKey": []}]


class FieldProblemSchema(AnswerSchema):
    """A problem with one member."""

    field = String(required=True)
    detail = String(required=True)


class LineProblemSchema(AnswerSchema):
    """A problem with a scenario in YAML, and its position."""

    line = Integer(required=True)
    column = Integer(required=True)
    detail = String(required=True)


class ProblemSchema(ShownSchema):
    """A problem document (RFC 9457)."""

    type = String(
        required=True,
        metadata={"format": "uri", "description": "`urn:offer-sandbox:problem:` and a stable identifier."},
    )
    title = String(required=True)
    status = Integer(required=True)
    detail = String(required=True)
    known = List(fields.Raw(), metadata=described("The valid names or values."))
    nearest = List(String(), metadata=described("For an unknown path, the most similar calls."))
    problems = List(
        fields.Raw(metadata={"shape": {"anyOf": [_TEXT, FieldProblemSchema(), LineProblemSchema()]}}),
        metadata=described("Every problem, with its field or position."),
    )


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
            info={"description": _DESCRIPTION},
            servers=[{"url": SERVER}],
            security=_ANYBODY,
        )
        self._converter = cast(Any, plugin.converter)  # apispec has no types here
        self._names = {id(each.schema): each for each in NAMED}
        adapt(self._converter)
        self._converter.add_attribute_function(self._shaped())

    def of(self, calls: Iterable[ControlCall]) -> dict[str, Any]:
        """Returns the whole document for these calls."""
        components = self._spec.components
        for name, (place, told, schema) in _PARAMETERS.items():
            components.parameter(name, place, {"name": name, "description": told, "schema": schema})
        told = "The workspace of the call. Missing if the request names a malformed one."
        components.header(_HEADER, {"description": told, "schema": _WORKSPACE})
        for name, told in _REFUSALS.values():
            content = {MEDIA_TYPE: {"schema": self._reference(ProblemSchema())}}
            components.response(name, {"description": told, "headers": _HEADERS, "content": content})
        for name, told in _SECURITY_SCHEMES.items():
            components.security_scheme(name, {"type": "http", "scheme": "bearer", "description": told})
        for call in sorted(calls, key=lambda call: call.path):
            self._spec.path(path=call.path, operations={call.method.lower(): self._operation(call)})
        document: dict[str, Any] = self._spec.to_dict()
        for key, name in self._converter.refs.items():
            document["components"]["schemas"][name]["description"] = cleandoc(key[0].__doc__)
        return document

    def _operation(self, call: ControlCall) -> dict[str, Any]:
        told = " ".join((call.view.__doc__ or "").split())
        summary, *more = re.split(r"(?<=\.)\s+(?=[A-Z])", told, maxsplit=1)
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
        return [*re.findall(r"{(\w+)}", call.path), *own, *shared]

    def _body(self, body: Body) -> dict[str, Any]:
        content: dict[str, Any] = {
            media_type: {"schema": self._reference(body.shape)} for media_type in body.media_types
        }
        if body.example is not None:
            content[JSON]["example"] = body.example
        return {"required": body.required, "content": content}

    def _responses(self, call: ControlCall) -> dict[str, Any]:
        headers = {} if call.open else {"headers": _HEADERS}
        answers = {
            str(status): {"description": _DONE[status], **headers, **self._content(content)}
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
            return {name: self._referring(item) for name, item in value.items()}
        return [self._referring(item) for item in value] if isinstance(value, list | tuple) else value

    def _referring(self, value: Any) -> Any:
        if isinstance(value, Schema | JsonSchema):
            return self._reference(value)
        return self._reference(self._names[id(value)]) if id(value) in self._names else self._inner(value)

    def _shaped(self) -> Any:
        """Returns the attribute function that gives a field the JSON Schema in its metadata's `shape`."""

        def shaped(_: Any, field: Any, ret: dict[str, Any], **__: Any) -> dict[str, Any]:
            if "shape" not in field.metadata:
                return {}
            told = {name: ret[name] for name in ("description",) if name in ret}
            ret.clear()
            return {**self._referring(field.metadata["shape"]), **told}

        return shaped


def _tag(call: ControlCall) -> str:
    """Returns the resource of a call: the first part of its path, after `/__admin`."""
    return re.split(r"[/.]", call.path.removeprefix(ADMIN).removeprefix("/"))[0] or "index"


def _on_workspace(call: ControlCall) -> bool:
    """Returns whether the call concerns a workspace that its caller names."""
    return call.concern in _ON_WORKSPACE


def _refused(call: ControlCall) -> list[int]:
    """Returns the error statuses of the call itself, and those that its caller, workspace and body can cause."""
    by_sender = set() if call.open else _BY_SENDER
    by_workspace = _BY_WORKSPACE if call.concern is Concern.WORKSPACE and not call.open else set()
    by_body = _BY_BODY if call.takes is not None else set()
    return sorted({*call.refusals, *by_sender, *by_workspace, *by_body})
