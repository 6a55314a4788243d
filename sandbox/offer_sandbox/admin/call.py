"""Declares a control call beside its view: what it takes and gives, for the server and for the document."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from marshmallow import Schema

from offer_sandbox.admin.fields import NothingSchema, QuerySchema
from offer_sandbox.admin.http import body_bytes, json_object, json_response, loaded, no_content
from offer_sandbox.contract.http import JSON, MAX_BODY_BYTES
from offer_sandbox.world.json_codec import MAX_DEPTH

ADMIN = "/__admin"
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")  # whose body has no meaning (RFC 9110 9.3)
_CALLS = "offer_sandbox.calls"


class Concern(Enum):
    """What a control call works on, which decides who may make it.

    A call on a WORKSPACE needs that workspace to exist where workspaces are made on purpose; one on ANY_WORKSPACE
    answers for one that does not exist too. One on an EXCHANGE names it by its id, which cannot be guessed. One on
    a NAMED_WORKSPACE has the workspace's `name` in its path. One on the SERVER concerns no workspace; one for the
    ADMIN does not either, and no workspace's key opens it.
    """

    WORKSPACE = "workspace"
    ANY_WORKSPACE = "any workspace"
    EXCHANGE = "exchange"
    NAMED_WORKSPACE = "named workspace"
    SERVER = "server"
    ADMIN = "admin"


@dataclass(frozen=True, eq=False)
class JsonSchema:
    """A JSON Schema that is not made from fields, such as that of rules, which scenario files have too. `name` is
    its name in the document; one without a name stands where it is used."""

    name: str
    schema: Mapping[str, Any]


Shape = Schema | JsonSchema
Content = Shape | Mapping[str, Shape] | None  # in JSON, by content type, or none


@dataclass(frozen=True, kw_only=True)
class Body:
    """A request's body, and an `example` of it. One that is not `required` may be empty.

    A marshmallow schema is checked before the view runs; what a JsonSchema describes the view checks itself.
    `maximum` (bytes), `deepest` and `exact` are those of `json_object`. Of a `raw` one the view gets the bytes.
    """

    shape: Shape
    example: Any = None
    required: bool = True
    maximum: int = MAX_BODY_BYTES
    deepest: int = MAX_DEPTH
    exact: bool = False
    raw: bool = False
    media_types: tuple[str, ...] = (JSON,)

    def read(self) -> Any:
        """What the current request brings. Raises ProblemDetailsError (400, 413, 415, 422)."""
        if self.raw:
            return body_bytes(self.maximum)
        value = json_object(not self.required, self.maximum, self.deepest, self.exact)
        return loaded(self.shape, value, "member") if isinstance(self.shape, Schema) else value


NO_BODY = Body(shape=NothingSchema(), required=False)
_NO_ARGUMENTS = QuerySchema()


def _without_view(*_: Any) -> Any:
    raise AssertionError("the call has no view")


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlCall:
    """A call of the control API. As a decorator it declares the call beside its view, whose name is the call's id
    and whose docstring tells of it.

    `path` has its arguments in braces; the view takes them by name, with `query` and `body` where they are
    declared. It gives the JSON value of the first of `answers` (None where that one has no content), a pair of
    value and status for another one, or a whole response. `headers` are told in the document, and read by the
    view. `refusals` are the statuses of its own refusals: those that its sender, its workspace and its body can
    bring with them go without saying.
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
        """The call with its view."""
        return replace(self, view=view)

    @property
    def id(self) -> str:
        """Its name in the document, such as `listRules`."""
        return re.sub("_([a-z])", lambda found: found[1].upper(), self.view.__name__)

    @property
    def open(self) -> bool:
        """Whether anybody may make it, with whatever arguments: it stands outside the control API's own paths."""
        return not self.path.startswith(ADMIN)

    @property
    def takes(self) -> Body | None:
        """The body that it takes: one that brings nothing where none is declared."""
        return self.body or (NO_BODY if self.method == "POST" else None)

    def respond(self, **path: str) -> Response:
        """Flask's view: checks what came, and makes a response of what the call's own view gives."""
        query = self._query() if self.query is not None or not self.open else {}
        given = {"query": query} if self.query is not None else {}
        if request.method not in _WITHOUT_BODY:
            body = (self.body or NO_BODY).read()
            given |= {"body": body} if self.body is not None else {}
        return self._response(self.view(**path, **given))

    def _query(self) -> dict[str, Any]:
        given = {name: value for name, value in request.args.items() if name != "workspace"}
        return loaded(self.query or _NO_ARGUMENTS, given, "query argument", "workspace")

    def _response(self, made: Any) -> Response:
        if isinstance(made, Response):
            return made
        value, status = made if isinstance(made, tuple) else (made, next(iter(self.answers)))
        content = self.answers[status]  # an answer that is not declared is a mistake
        return no_content() if content is None else json_response(value, status)


def mount(app: Flask, admin: Blueprint, calls: Iterable[ControlCall]) -> None:
    """Makes the calls routes: those below `/__admin` of the blueprint, the others of the application."""
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
    """The declaration of the current call; None where the address is none of the control API's."""
    calls: Mapping[str, ControlCall] = current_app.extensions[_CALLS]
    return calls.get(request.endpoint or "")
