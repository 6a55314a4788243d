"""`/health`, `/metrics` and the page at `/`: whether the server lives and how it fares, and where things are."""

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
    """Where things are: `providers` are titles by name, the rest are paths."""

    name = String(required=True)
    version = String(required=True)
    providers = fields.Dict(fields.String(), fields.String(), required=True)
    catalog = String(required=True)
    openapi = String(required=True)
    health = String(required=True)
    metrics = String(required=True)


@ControlCall(method="GET", path="/health", answers={200: HealthSchema()}, concern=Concern.SERVER)
def get_health() -> Any:
    """The process answers."""
    return _well()


@ControlCall(method="GET", path="/health/live", answers={200: HealthSchema()}, concern=Concern.SERVER)
def get_liveness() -> Any:
    """The process answers."""
    return _well()


@ControlCall(
    method="GET", path="/health/ready", answers={200: HealthSchema()}, refusals=(503,), concern=Concern.SERVER
)
def get_readiness() -> Any:
    """The store can be written; one that fails is answered with 503."""
    with services().store.transaction() as transaction:
        transaction.probe()
    return _well()


@ControlCall(method="GET", path="/metrics", answers={200: {"text/plain": TEXT}}, concern=Concern.SERVER)
def get_metrics() -> Response:
    """What was counted and measured, in the text form of Prometheus; of all processes of the server."""
    text, content_type = services().metrics.text(request.headers.get("Accept", ""))
    return Response(text, content_type=content_type)


@ControlCall(method="GET", path="/", answers={200: IndexSchema()}, concern=Concern.SERVER)
def get_index() -> Any:
    """Where things are."""
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
