"""`/__admin/specs` and both `openapi.json`: the committed API documents, with this server's URL."""

from typing import Any

from flask import Response

from offer_sandbox.admin.call import Concern, ControlCall, JsonSchema
from offer_sandbox.admin.http import own_url
from offer_sandbox.admin.json_schemas import TEXT
from offer_sandbox.admin.services import known_provider, services
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.publish.specs import CONTROL, committed, committed_sdl, merged

_OPENAPI = JsonSchema(
    "OpenApi",
    {"type": "object", "required": ["openapi", "info", "paths"], "description": "An OpenAPI 3.1 document."},
)


@ControlCall(
    method="GET",
    path="/__admin/specs/{provider}.json",
    answers={200: _OPENAPI},
    refusals=(404,),
    concern=Concern.SERVER,
)
def get_provider_open_api(provider: str) -> Any:
    """Returns a provider's OpenAPI document."""
    return {**committed(known_provider(provider).name), "servers": _here()}


@ControlCall(
    method="GET",
    path="/__admin/specs/{provider}.graphql",
    answers={200: {"application/graphql": TEXT}},
    refusals=(404,),
    concern=Concern.SERVER,
)
def get_provider_sdl(provider: str) -> Response:
    """Returns a provider's GraphQL schema. Returns 404 for a provider without a GraphQL API."""
    if known_provider(provider).protocol != "graphql":
        raise ProblemDetailsError(404, "no-sdl", "No GraphQL schema", f"{provider} does not have a GraphQL API")
    return Response(committed_sdl(known_provider(provider)), content_type="application/graphql; charset=utf-8")


@ControlCall(method="GET", path="/__admin/openapi.json", answers={200: _OPENAPI}, concern=Concern.SERVER)
def get_control_open_api() -> Any:
    """Returns the OpenAPI document of this control API."""
    return {**committed(CONTROL), "servers": _here()}


@ControlCall(method="GET", path="/openapi.json", answers={200: _OPENAPI}, concern=Concern.SERVER)
def get_providers_open_api() -> Any:
    """Returns the operations of all providers in one OpenAPI document."""
    return {**merged(list(services().providers)), "servers": _here()}


def _here() -> list[dict[str, str]]:
    return [{"url": own_url()}]
