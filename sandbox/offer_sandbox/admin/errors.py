"""Problem documents for every error of the control API, including unknown paths and methods."""

import logging
from collections.abc import Iterable, Sequence
from functools import cache

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, MapAdapter, Rule

from offer_sandbox.admin.auth import is_admitted
from offer_sandbox.admin.call import ADMIN, ControlCall
from offer_sandbox.admin.http import no_content
from offer_sandbox.contract.errors import MEDIA_TYPE, ProblemDetailsError
from offer_sandbox.exchange.workspace_auth import STORE_FAILED
from offer_sandbox.publish.explain import MAX_NEAREST, WRONG_METHOD, compare
from offer_sandbox.world.json_codec import dump
from offer_sandbox.world.limits import LimitReached, UnknownWorkspace
from offer_sandbox.world.store import StoreError

log = logging.getLogger("offer_sandbox")
UNKNOWN = "admin.unknown"  # the endpoint for control paths and methods that no call has


def handle(app: Flask) -> None:
    """Registers the error handlers. Errors on provider paths never reach them, because the exchange handles its
    own."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _problem)


def unknown_paths(app: Flask, calls: Sequence[ControlCall]) -> None:
    """Registers a 404 or 405 for every other request below the control API, so that no provider receives it. Also
    registers OPTIONS, there and on the open paths such as `/health`."""

    @cache
    def taken() -> MapAdapter:
        return _taken(app)

    def options() -> Response | None:
        if request.method != "OPTIONS" or request.endpoint == UNKNOWN:  # UNKNOWN responds after access control
            return None
        allowed = taken().allowed_methods(request.path)
        return _options(allowed) if allowed else None

    def unknown(path: str = "") -> Response:
        allowed = taken().allowed_methods(request.path)
        if allowed and request.method == "OPTIONS":
            return _options(allowed)
        if allowed:
            raise MethodNotAllowed([*sorted(allowed), "OPTIONS"])
        detail = f"the control API has no {request.method} {request.path[:200]}"
        near = nearest(request.method, request.path[:200], calls)
        raise ProblemDetailsError(404, "unknown-path", "Unknown path", detail, nearest=near)

    app.before_request(options)
    for rule in ("", "/", "/<anything:path>"):
        app.url_map.add(Rule(f"{ADMIN}{rule}", endpoint=UNKNOWN))  # any method, which a blueprint cannot express
    app.view_functions[UNKNOWN] = unknown


def nearest(method: str, path: str, calls: Iterable[ControlCall]) -> list[str]:
    """Returns the three calls that are most similar to a request, such as `GET /__admin/rules`."""

    def distance(call: ControlCall) -> float:
        return (WRONG_METHOD if call.method != method else 0) - compare(path, call.path)[0]

    return [f"{call.method} {call.path}" for call in sorted(calls, key=distance)[:MAX_NEAREST]]


def _options(allowed: Iterable[str]) -> Response:
    response = no_content()
    response.headers["Allow"] = ", ".join([*sorted(allowed), "OPTIONS"])
    return response


def _taken(app: Flask) -> MapAdapter:
    """Returns a matcher for the sandbox's own routes, without the providers' routes and the catch-all routes."""
    rules = app.url_map.iter_rules()
    known = [
        rule.empty()
        for rule in rules
        if rule.endpoint != UNKNOWN and rule.endpoint.partition(".")[0] != "provider"
    ]
    return Map(known, converters=app.url_map.converters, merge_slashes=False).bind("sandbox")


def problem_of(error: Exception) -> ProblemDetailsError:
    """Returns the problem that describes an error, and logs an error that is not the caller's."""
    match error:
        case ProblemDetailsError():
            return error
        case HTTPException():
            kind = error.name.lower().replace(" ", "-")
            return ProblemDetailsError(error.code or 500, kind, error.name, error.description or error.name)
        case StoreError():
            log.error("the store failed: %s", error)
            detail = str(error) if is_admitted() else STORE_FAILED  # strangers learn no path
            return ProblemDetailsError(503, "store-unavailable", "Store unavailable", detail)
        case LimitReached():
            return ProblemDetailsError(409, "limit-reached", "Limit reached", str(error))
        case UnknownWorkspace():
            return ProblemDetailsError(404, "unknown-workspace", "Unknown workspace", str(error))
    log.error("the sandbox failed", exc_info=error)
    return ProblemDetailsError(500, "internal-error", "Internal error", "see the server's log")


def _problem(error: Exception) -> Response:
    problem = problem_of(error)
    return Response(dump(problem.document()), status=problem.status, content_type=MEDIA_TYPE)


def _http(error: HTTPException) -> Response:
    response = _problem(error)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response
