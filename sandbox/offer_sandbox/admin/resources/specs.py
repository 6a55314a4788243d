"""`/__admin/specs` and both `openapi.json`: the committed API documents, with this server's URL."""

from typing import Any

from flask import Response

from offer_sandbox.admin.call import Concern, ControlCall, JsonSchema
from offer_sandbox.admin.fields import QuerySchema
from offer_sandbox.admin.http import own_url
from offer_sandbox.admin.json_schemas import text_of
from offer_sandbox.admin.services import known_provider, services
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.publish.openapi_30 import as_30
from offer_sandbox.publish.postman import collection
from offer_sandbox.publish.specs import CONTROL, committed, committed_sdl, merged
from offer_sandbox.schemas.fields import String, described, one_of

_OPENAPI = JsonSchema(
    "OpenApi",
    {
        "type": "object",
        "description": "An OpenAPI document.",
        "required": ["openapi", "info", "paths"],
        "properties": {
            "openapi": {
                "type": "string",
                "description": "The version of OpenAPI: 3.1.0 or 3.0.3.",
                "examples": ["3.1.0"],
            },
            "info": {"type": "object", "description": "The title, the version and the description."},
            "servers": {
                "type": "array",
                "items": {"type": "object"},
                "description": "The URL of this server.",
                "examples": [[{"url": "http://127.0.0.1:4242"}]],
            },
            "paths": {"type": "object", "description": "The operations, by path and method."},
        },
        "additionalProperties": {},
    },
)

_POSTMAN = JsonSchema(
    "PostmanCollection",
    {
        "type": "object",
        "description": "A Postman collection in format 2.1.",
        "required": ["info", "item"],
        "properties": {
            "info": {"type": "object", "description": "The name, the description and the format."},
            "variable": {
                "type": "array",
                "items": {"type": "object"},
                "description": "The variables `baseUrl` and `workspace`.",
                "examples": [[{"key": "baseUrl", "value": "http://127.0.0.1:4242"}]],
            },
            "item": {
                "type": "array",
                "items": {"type": "object"},
                "description": "A folder for each operation, with its request and a request for each outcome.",
            },
        },
        "additionalProperties": {},
    },
)


class SpecVersionSchema(QuerySchema):
    """The version of an OpenAPI document."""

    version = String(
        load_default="3.1",
        validate=one_of("3.1", "3.0"),
        metadata=described(
            "The version of OpenAPI.",
            values={"3.1": "OpenAPI 3.1.0.", "3.0": "OpenAPI 3.0.3, with the webhooks in `x-webhooks`."},
            default="3.1",
        ),
    )


@ControlCall(
    method="GET",
    path="/__admin/specs/{provider}.json",
    query=SpecVersionSchema(),
    answers={200: _OPENAPI},
    refusals=(404,),
    concern=Concern.SERVER,
)
def get_provider_open_api(provider: str, query: dict[str, Any]) -> Any:
    """Returns a provider's OpenAPI document.

    It has the provider's operations with their schemas, outcomes and examples. The `servers` have this server's
    URL.
    """
    return _published(committed(known_provider(provider).name), query)


@ControlCall(
    method="GET",
    path="/__admin/specs/{provider}.postman.json",
    answers={200: _POSTMAN},
    refusals=(404,),
    concern=Concern.SERVER,
)
def get_provider_postman_collection(provider: str) -> Any:
    """Returns a provider's Postman collection (format 2.1), which Bruno and Insomnia can import too.

    It has a folder for each operation, with a request that succeeds and a request for each outcome. The variable
    `baseUrl` is this server's URL.
    """
    return collection(known_provider(provider), own_url())


@ControlCall(
    method="GET",
    path="/__admin/specs/{provider}.graphql",
    answers={200: {"application/graphql": text_of("The GraphQL schema.")}},
    refusals=(404,),
    concern=Concern.SERVER,
)
def get_provider_sdl(provider: str) -> Response:
    """Returns a provider's GraphQL schema.

    The schema is in the schema definition language. Returns 404 for a provider without a GraphQL API.
    """
    if known_provider(provider).protocol != "graphql":
        raise ProblemDetailsError(404, "no-sdl", "No GraphQL schema", f"{provider} does not have a GraphQL API")
    return Response(committed_sdl(known_provider(provider)), content_type="application/graphql; charset=utf-8")


@ControlCall(
    method="GET",
    path="/__admin/openapi.json",
    query=SpecVersionSchema(),
    answers={200: _OPENAPI},
    concern=Concern.SERVER,
)
def get_control_open_api(query: dict[str, Any]) -> Any:
    """Returns the OpenAPI document of this control API.

    The `servers` have this server's URL.
    """
    return _published(committed(CONTROL), query)


@ControlCall(
    method="GET",
    path="/openapi.json",
    query=SpecVersionSchema(),
    answers={200: _OPENAPI},
    concern=Concern.SERVER,
)
def get_providers_open_api(query: dict[str, Any]) -> Any:
    """Returns the operations of all providers in one OpenAPI document.

    Names of operations and components begin with the provider's name. The call requires no credential.
    """
    return _published(merged(list(services().providers)), query)


def _published(document: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    """Returns the document in the requested version, with this server's URL."""
    shown = as_30(document) if query["version"] == "3.0" else document
    return {**shown, "servers": [{"url": own_url()}]}
