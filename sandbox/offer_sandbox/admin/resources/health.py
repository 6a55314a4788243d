"""`/health`, `/metrics` and the index at `/`: the server's health, metrics and main paths."""

from typing import Any

from flask import Response, request
from marshmallow import fields, validate

from offer_sandbox import __version__
from offer_sandbox.admin.call import Concern, ControlCall
from offer_sandbox.admin.fields import ShownSchema
from offer_sandbox.admin.json_schemas import TEXT
from offer_sandbox.admin.services import services
from offer_sandbox.schemas.fields import String


class HealthSchema(ShownSchema):
    """The server's health."""

    status = String(required=True, validate=validate.Equal("ok"))
    version = String(required=True)


class IndexSchema(ShownSchema):
    """The server's name, version, providers and main paths. `providers` maps names to titles."""

    name = String(required=True)
    version = String(required=True)
    providers = fields.Dict(fields.String(), fields.String(), required=True)
    catalog = String(required=True)
    openapi = String(required=True)
    health = String(required=True)
    metrics = String(required=True)


@ControlCall(method="GET", path="/health", answers={200: HealthSchema()}, concern=Concern.SERVER)
def get_health() -> Any:
    """Reports that the server process is running."""
    return _well()


@ControlCall(method="GET", path="/health/live", answers={200: HealthSchema()}, concern=Concern.SERVER)
def get_liveness() -> Any:
    """Reports that the server process is running."""
    return _well()


@ControlCall(
    method="GET", path="/health/ready", answers={200: HealthSchema()}, refusals=(503,), concern=Concern.SERVER
)
def get_readiness() -> Any:
    """Checks that the store can be written. Returns 503 if the store fails."""
    with services().store.transaction() as transaction:
        transaction.probe()
    return _well()


@ControlCall(method="GET", path="/metrics", answers={200: {"text/plain": TEXT}}, concern=Concern.SERVER)
def get_metrics() -> Response:
    """Returns the server's metrics in the Prometheus text format. They cover all processes of the server."""
    text, content_type = services().metrics.text(request.headers.get("Accept", ""))
    return Response(text, content_type=content_type)


@ControlCall(method="GET", path="/", answers={200: IndexSchema()}, concern=Concern.SERVER)
def get_index() -> Any:
    """Returns the server's name, version, providers and main paths."""
    return {
        "name": "offer-sandbox",
        "version": __version__,
        "providers": {name: provider.title for name, provider in services().providers.items()},
        "catalog": "/__admin/catalog",
        "openapi": "/openapi.json",
        "health": "/health",
        "metrics": "/metrics",
    }


def _well() -> dict[str, str]:
    return {"status": "ok", "version": __version__}
