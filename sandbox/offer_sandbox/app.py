"""The Flask application: `create_app` is an ordinary WSGI app with every route."""

from functools import cache
from typing import IO

from flask import Flask
from flask import Request as FlaskRequest
from flask import Response as FlaskResponse
from flask import request as flask_request
from werkzeug.exceptions import BadHost, ClientDisconnected, RequestEntityTooLarge
from werkzeug.routing import MapAdapter, PathConverter, Rule

from offer_sandbox.admin import control_calls, register
from offer_sandbox.admin.call import ADMIN
from offer_sandbox.admin.http import own_url
from offer_sandbox.admin.provider_call import answered
from offer_sandbox.assembly import assembled
from offer_sandbox.console import pages
from offer_sandbox.contract import Provider, Request, Response
from offer_sandbox.contract.content_coding import decoded_body
from offer_sandbox.contract.delivery import CROWDED_KEY, PARKING_KEY
from offer_sandbox.contract.http import MAX_BODY_BYTES
from offer_sandbox.exchange.browser import opens_page
from offer_sandbox.exchange.pipeline import Pipeline
from offer_sandbox.imports import IMPORTING
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.services import Services

_MAX_DRAINED = 64 * 1024 * 1024
_CHUNK = 65_536


def create_app(options: Options | None = None) -> Flask:
    """Returns the sandbox as a WSGI application. The default options are read from the environment.

    Raises StoreError if the store cannot be opened.
    """
    known = providers()
    options = options or Options.from_environment(known)
    return application(assembled(options, known))


def application(services: Services) -> Flask:
    """Returns the WSGI application for services that already exist."""
    app = _Sandbox("offer_sandbox", static_folder=None)
    app.url_map.converters["anything"] = _Anything
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # Flask's own OPTIONS response is an empty HTML page
    app.extensions["offer_sandbox"] = services
    pages.register(app)  # before the control API, whose route for unknown paths covers the console's start too
    register(app, services)
    _mount(app, services.pipeline)
    return app


def is_own(path: str) -> bool:
    """Returns whether a decoded path belongs to the sandbox itself, rather than to a provider or to no one."""
    return path in _open_paths() or path == ADMIN or path.startswith(f"{ADMIN}/")


@cache
def _open_paths() -> frozenset[str]:
    return frozenset(call.path for call in control_calls() if call.open)


class _Sandbox(Flask):
    """Ignores `Upgrade: websocket` like any other upgrade, and responds over HTTP/1.1 (RFC 9110 7.8)."""

    def create_url_adapter(self, request: FlaskRequest | None) -> MapAdapter | None:
        adapter = super().create_url_adapter(request)
        if adapter is not None:
            adapter.websocket = False  # otherwise Werkzeug matches only WebSocket routes
        return adapter


class _Anything(PathConverter):
    """Matches the rest of any path, including doubled slashes and line breaks. Flask's own converter does not
    match those, so Flask would return its HTML error page."""

    regex = r"[\s\S]*?"
    part_isolating = False


def _mount(app: Flask, pipeline: Pipeline) -> None:
    """Adds a route to the pipeline for each documented path, and a catch-all route for all paths without another
    route. The pipeline does its own routing and does not use the arguments that Flask parses from a path."""

    def respond(**_: str) -> FlaskResponse:
        owner = pipeline.page_owners.get(flask_request.path)
        if owner is not None and _opens_page():
            return _query_page(owner)
        return answered(_request(), _flask_response)

    def respond_to_odd_host(_: BadHost) -> FlaskResponse:
        return respond()

    for operation, path, methods in pipeline.router.documented():
        rule, endpoint = path.replace("{", "<").replace("}", ">"), f"provider.{operation}"
        app.url_map.add(Rule(rule, endpoint=endpoint, methods=methods, strict_slashes=False))
        app.view_functions[endpoint] = respond
    for rule in ("/", "/<anything:path>"):
        app.url_map.add(Rule(rule, endpoint="provider"))  # any method, which `add_url_rule` cannot express
    app.view_functions["provider"] = respond
    app.register_error_handler(BadHost, respond_to_odd_host)


def _query_page(owner: Provider) -> FlaskResponse:
    with IMPORTING:  # the control API does not need graphql-core, which takes 130 ms to load
        from offer_sandbox.console import query_page

    return query_page.show(owner)


def _opens_page() -> bool:
    return opens_page(flask_request.method, flask_request.query_string, flask_request.headers.get("Accept"))


def _request() -> Request:
    """Converts Flask's request to the exchange's `Request`."""
    body, too_large = _body()
    body, inflated_too_large, unread = decoded_body(
        body, flask_request.headers.get("Content-Encoding", ""), MAX_BODY_BYTES
    )
    return Request(
        method=flask_request.method,
        path=flask_request.path,
        query=tuple(flask_request.args.items(multi=True)),
        headers={name.lower(): value for name, value in flask_request.headers},
        body=body,
        base_url=own_url(),
        too_large=too_large or inflated_too_large,
        unread=unread,
        breakable=bool(flask_request.environ.get(PARKING_KEY)),
        crowded=bool(flask_request.environ.get(CROWDED_KEY)),
    )


def _body() -> tuple[bytes, bool]:
    """Returns the body, and whether it was too large. A body over the limit or cut short by the client is returned
    empty and counts as too large."""
    flask_request.max_content_length = MAX_BODY_BYTES
    try:
        return flask_request.get_data(cache=False), False
    except (RequestEntityTooLarge, ClientDisconnected):
        _drain(flask_request.environ["wsgi.input"])
        return b"", True


def _drain(stream: IO[bytes]) -> None:
    """Discards the rest of a body, up to 64 MiB. A client that is still writing would not read the error
    response."""
    for _ in range(_MAX_DRAINED // _CHUNK):
        if not stream.read(_CHUNK):
            return


def _flask_response(response: Response) -> FlaskResponse:
    made = FlaskResponse(response.payload, status=response.status, content_type=response.media_type)
    if response.body is None:
        del made.headers["Content-Type"]
    made.headers["X-Content-Type-Options"] = "nosniff"
    made.headers.extend(response.headers)
    return made
