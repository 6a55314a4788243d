"""`/health`, `/metrics` and the page at `/`: whether the server lives and how it fares, and where things are."""

from flask import Blueprint, Response, request

from offer_sandbox import __version__
from offer_sandbox.admin.http import json_response
from offer_sandbox.admin.services import services

resource = Blueprint("health", __name__)


@resource.get("/health")
@resource.get("/health/live")
def live() -> Response:
    """The process answers."""
    return json_response({"status": "ok", "version": __version__})


@resource.get("/health/ready")
def ready() -> Response:
    """The store can be written; one that fails is answered with 503."""
    with services().store.transaction() as transaction:
        transaction.probe()
    return json_response({"status": "ok", "version": __version__})


@resource.get("/metrics")
def metrics() -> Response:
    """What was counted and measured, in the text form of Prometheus; of all processes of the server."""
    text, content_type = services().metrics.text(request.headers.get("Accept", ""))
    return Response(text, content_type=content_type)


@resource.get("/")
def index() -> Response:
    """Where things are."""
    return json_response(
        {
            "name": "offer-sandbox",
            "version": __version__,
            "providers": {name: provider.title for name, provider in services().providers.items()},
            "catalog": "/__admin/catalog",
            "openapi": "/openapi.json",
            "health": "/health",
            "metrics": "/metrics",
        }
    )
