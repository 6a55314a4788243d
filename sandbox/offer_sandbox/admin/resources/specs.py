"""`/__admin/specs` and both `openapi.json`: the published contract, as committed, with this server's address; and
the routes of which the control API's own is made."""

import re
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, request

from offer_sandbox.admin.arguments import Concern, concerns
from offer_sandbox.admin.http import json_response
from offer_sandbox.admin.services import provider, services
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.publish.admin_openapi import Route
from offer_sandbox.publish.specs import CONTROL, committed, committed_sdl, merged

resource = Blueprint("specs", __name__)
open_resource = Blueprint("openapi", __name__)
_OWN = re.compile(r"/(__admin|health)(/|$)|/(openapi\.json|metrics)$")
_ELSEWHERE = ("admin.unknown", "provider")  # what catches the rest is no call of this API
_IMPLIED = ("HEAD", "OPTIONS")


@resource.get("/specs/<name>.json")
@concerns(Concern.SERVER)
def openapi(name: str) -> Response:
    """A provider's OpenAPI document."""
    document = committed(provider(name).name)
    return json_response({**document, "servers": _here()})


@resource.get("/specs/<name>.graphql")
@concerns(Concern.SERVER)
def sdl(name: str) -> Response:
    """A provider's GraphQL schema."""
    if provider(name).protocol != "graphql":
        raise ProblemDetailsError(404, "no-sdl", "No GraphQL schema", f"{name} is no GraphQL API")
    return Response(committed_sdl(provider(name)), content_type="application/graphql; charset=utf-8")


@resource.get("/openapi.json")
@concerns(Concern.SERVER)
def control() -> Response:
    """The OpenAPI document of this control API."""
    return json_response({**committed(CONTROL), "servers": _here()})


@open_resource.get("/openapi.json")
def everything() -> Response:
    """All providers' operations in one OpenAPI document."""
    return json_response({**merged(list(services().providers)), "servers": _here()})


def routes(app: Flask) -> Iterator[Route]:
    """The control API's routes in an application, health and specs among them."""
    for rule in app.url_map.iter_rules():
        if _OWN.match(rule.rule) and rule.endpoint not in _ELSEWHERE:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for method in sorted((rule.methods or set()) - {*_IMPLIED}):
                yield Route(method, path, app.view_functions[rule.endpoint].__doc__ or "")


def _here() -> list[dict[str, str]]:
    return [{"url": request.host_url.rstrip("/")}]
