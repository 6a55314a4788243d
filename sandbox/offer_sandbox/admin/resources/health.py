"""`/health`, `/metrics` and the index at `/`: the server's health, metrics and main paths."""

from typing import Any

from flask import Response, request
from marshmallow import fields, validate

from offer_sandbox import __version__
from offer_sandbox.admin.call import Concern, ControlCall
from offer_sandbox.admin.fields import ShownSchema
from offer_sandbox.admin.json_schemas import text_of
from offer_sandbox.admin.services import services
from offer_sandbox.schemas.fields import String, described

_VERSION = described("The version of the program.", example="0.1.0")


class HealthSchema(ShownSchema):
    """The server's health."""

    status = String(
        required=True,
        validate=validate.Equal("ok"),
        metadata=described("The health.", values={"ok": "The server works."}),
    )
    version = String(required=True, metadata=_VERSION)


class IndexSchema(ShownSchema):
    """The server's name, version, providers and main paths."""

    name = String(required=True, metadata=described("The name of the program.", example="offer-sandbox"))
    version = String(required=True, metadata=_VERSION)
    providers = fields.Dict(
        fields.String(),
        fields.String(),
        required=True,
        metadata=described("The titles of the providers, by name.", example={"ebay": "eBay Sell Negotiation API"}),
    )
    catalog = String(
        required=True, metadata=described("The path of the catalog of outcomes.", example="/__admin/catalog")
    )
    openapi = String(
        required=True,
        metadata=described("The path of the OpenAPI document of all providers.", example="/openapi.json"),
    )
    reference = String(
        required=True, metadata=described("The path of the API reference.", example="/__admin/ui/reference")
    )
    health = String(required=True, metadata=described("The path of the health check.", example="/health"))
    metrics = String(required=True, metadata=described("The path of the metrics.", example="/metrics"))


@ControlCall(method="GET", path="/health", answers={200: HealthSchema()}, concern=Concern.SERVER)
def get_health() -> Any:
    """Reports that the server process is running.

    The call checks nothing else and requires no credential.
    """
    return _well()


@ControlCall(method="GET", path="/health/live", answers={200: HealthSchema()}, concern=Concern.SERVER)
def get_liveness() -> Any:
    """Reports that the server process is running, like `/health`.

    Use this path for the liveness probe of an orchestrator. It requires no credential.
    """
    return _well()


@ControlCall(
    method="GET", path="/health/ready", answers={200: HealthSchema()}, refusals=(503,), concern=Concern.SERVER
)
def get_readiness() -> Any:
    """Checks that the store can be written.

    Use this path for the readiness probe of an orchestrator. Returns 503 if the store fails. It requires no
    credential.
    """
    with services().store.transaction() as transaction:
        transaction.probe()
    return _well()


@ControlCall(
    method="GET",
    path="/metrics",
    answers={200: {"text/plain": text_of("The metrics, one on each line.")}},
    concern=Concern.SERVER,
)
def get_metrics() -> Response:
    """Returns the server's metrics in the Prometheus text format.

    They cover all processes of the server. They count exchanges by provider, operation, outcome and trigger, and
    include durations, dropped journal entries, store errors, waiting calls and workspaces. The call requires no
    credential.
    """
    text, content_type = services().metrics.text(request.headers.get("Accept", ""))
    return Response(text, content_type=content_type)


@ControlCall(method="GET", path="/", answers={200: IndexSchema()}, concern=Concern.SERVER)
def get_index() -> Any:
    """Returns the server's name, version, providers and main paths.

    Use it to find out which providers the server has. The call requires no credential.
    """
    return {
        "name": "offer-sandbox",
        "version": __version__,
        "providers": {name: provider.title for name, provider in services().providers.items()},
        "catalog": "/__admin/catalog",
        "openapi": "/openapi.json",
        "reference": "/__admin/ui/reference",
        "health": "/health",
        "metrics": "/metrics",
    }


def _well() -> dict[str, str]:
    return {"status": "ok", "version": __version__}
