"""`/__admin/specs` and `/openapi.json`: the published contract, as committed, with this server's address."""

from flask import Blueprint, Response, request

from offer_sandbox.contract.complaint import Complaint
from offer_sandbox.control.answers import answer
from offer_sandbox.control.site import provider, site
from offer_sandbox.publish.specs import committed, committed_sdl, merged

resource = Blueprint("specs", __name__)
open_resource = Blueprint("openapi", __name__)


@resource.get("/specs/<name>.json")
def openapi(name: str) -> Response:
    """A provider's OpenAPI document."""
    document = committed(provider(name).name)
    return answer({**document, "servers": _here()})


@resource.get("/specs/<name>.graphql")
def sdl(name: str) -> Response:
    """A provider's GraphQL schema."""
    if provider(name).protocol != "graphql":
        raise Complaint(404, "no-sdl", "No GraphQL schema", f"{name} is no GraphQL API")
    return Response(committed_sdl(provider(name)), content_type="application/graphql; charset=utf-8")


@open_resource.get("/openapi.json")
def everything() -> Response:
    """All providers' operations in one OpenAPI document."""
    return answer({**merged(list(site().providers)), "servers": _here()})


def _here() -> list[dict[str, str]]:
    return [{"url": request.host_url.rstrip("/")}]
