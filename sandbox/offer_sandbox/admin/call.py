"""The declarations of control calls, which routing, validation and the OpenAPI document use."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from marshmallow import Schema

from offer_sandbox.admin.fields import EmptyBodySchema, QuerySchema
from offer_sandbox.admin.http import body_bytes, json_object, json_response, loaded, no_content
from offer_sandbox.admin.services import services
from offer_sandbox.contract.delivery import RESUME_KEY
from offer_sandbox.contract.http import JSON, MAX_BODY_BYTES

ADMIN = "/__admin"
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")  # a body has no meaning here (RFC 9110 9.3)
_CALLS = "offer_sandbox.calls"


class Concern(Enum):
    """The resource that a control call works on, which decides who may make it.

    A WORKSPACE call requires an existing workspace if keys are issued, because workspaces are then created
    explicitly. An ANY_WORKSPACE call also works for a workspace that does not exist. An EXCHANGE call names an
    exchange by its id, which cannot be guessed. A NAMED_WORKSPACE call has the workspace's `name` in its path.
    SERVER and ADMIN calls concern no workspace, and no workspace's key may make an ADMIN call.
    """

    WORKSPACE = "workspace"
    ANY_WORKSPACE = "any workspace"
    EXCHANGE = "exchange"
    NAMED_WORKSPACE = "named workspace"
    SERVER = "server"
    ADMIN = "admin"


@dataclass(frozen=True, eq=False)
class JsonSchema:
    """A JSON Schema that is not built from fields, such as the schema of rules, which scenario files use too.
    `name` is its name in the OpenAPI document. A schema without a name is written inline."""

    name: str
    schema: Mapping[str, Any]


Shape = Schema | JsonSchema
Content = Shape | Mapping[str, Shape] | None  # as JSON, by content type, or no content


@dataclass(frozen=True, kw_only=True)
class Body:
    """A request body with an `example`. A body that is not `required` may be empty.

    A marshmallow schema is checked before the view runs. With a JsonSchema, the view checks the body itself. With
    `raw`, the view receives the bytes. A `large` body has the records of a workspace, and `serve --max-state-body`
    limits it.
    """

    shape: Shape
    example: Any = None
    required: bool = True
    raw: bool = False
    large: bool = False
    media_types: tuple[str, ...] = (JSON,)

    def read(self) -> Any:
        """Returns the body of the current request. Raises ProblemDetailsError (400, 413, 415, 422)."""
        if self.raw:
            return body_bytes(services().workspaces.limits.state_body if self.large else MAX_BODY_BYTES)
        value = json_object(not self.required)
        return loaded(self.shape, value, "field") if isinstance(self.shape, Schema) else value


NO_BODY = Body(shape=EmptyBodySchema(), example={}, required=False)
_NO_ARGUMENTS = QuerySchema()


def _without_view(*_: Any) -> Any:
    raise AssertionError("the call has no view")


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlCall:
    """A call of the control API. As a decorator, it declares the call next to its view. The view's name becomes
    the call's id, and the view's docstring becomes the call's documentation.

    `path` has its arguments in braces. The view takes them by name, and also `query` and `body` if they are
    declared. It returns the JSON value of the first of `answers` (None if that response has no content), a pair of
    value and status for another one, or a whole response. `headers` appear in the document, and the view reads
    them itself. `refusals` are the error statuses of the call itself. Statuses that its caller, workspace or body
    can cause are added automatically.
    """

    method: str
    path: str
    answers: Mapping[int, Content]
    query: Schema | None = None
    headers: Schema | None = None
    body: Body | None = None
    refusals: tuple[int, ...] = ()
    concern: Concern = Concern.WORKSPACE
    view: Callable[..., Any] = _without_view

    def __call__(self, view: Callable[..., Any]) -> "ControlCall":
        """Returns a copy of the call with this view."""
        return replace(self, view=view)

    @property
    def id(self) -> str:
        """The call's id in the OpenAPI document: the view's name in camel case, such as `listRules`."""
        return re.sub("_([a-z])", lambda found: found[1].upper(), self.view.__name__)

    @property
    def open(self) -> bool:
        """Whether the path is outside `/__admin`, so that anyone may make the call with any query parameters."""
        return not self.path.startswith(ADMIN)

    @property
    def takes(self) -> Body | None:
        """The body that the call takes, or None. A POST call that declares none takes an empty body."""
        return self.body or (NO_BODY if self.method == "POST" else None)

    def respond(self, **path: str) -> Response:
        """Flask's view. Validates the request, calls the call's own view, and turns the result into a response."""
        query = self._query() if self.query is not None or not self.open else {}
        given: dict[str, Any] = {"query": query} if self.query is not None else {}
        if request.method not in _WITHOUT_BODY:
            # a call that is resumed has read its body
            body = None if RESUME_KEY in request.environ else (self.body or NO_BODY).read()
            given |= {"body": body} if self.body is not None else {}
        return self._response(self.view(**path, **given))

    def _query(self) -> dict[str, Any]:
        given = {name: value for name, value in request.args.items() if name != "workspace"}
        return loaded(self.query or _NO_ARGUMENTS, given, "query parameter", "workspace")

    def _response(self, made: Any) -> Response:
        if isinstance(made, Response):
            return made
        value, status = made if isinstance(made, tuple) else (made, next(iter(self.answers)))
        content = self.answers[status]  # fails if the view returns an undeclared status
        return no_content() if content is None else json_response(value, status)


def mount(app: Flask, admin: Blueprint, calls: Iterable[ControlCall]) -> None:
    """Registers the routes: calls below `/__admin` on the blueprint, all others on the application."""
    by_endpoint = {}
    for call in calls:
        rule = re.sub(r"{(\w+)}", r"<\1>", call.path)
        if call.open:
            app.add_url_rule(rule, call.id, call.respond, methods=[call.method])
            by_endpoint[call.id] = call
        else:
            admin.add_url_rule(rule.removeprefix(ADMIN), call.id, call.respond, methods=[call.method])
            by_endpoint[f"{admin.name}.{call.id}"] = call
    app.extensions[_CALLS] = by_endpoint


def current_call() -> ControlCall | None:
    """Returns the declaration of the current call, or None if no control call matches the request."""
    calls: Mapping[str, ControlCall] = current_app.extensions[_CALLS]
    return calls.get(request.endpoint or "")
