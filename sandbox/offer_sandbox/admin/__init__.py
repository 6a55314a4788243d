"""The control API below `/__admin` and the health calls, one file for each resource."""

from flask import Blueprint, Flask, Response, request

from offer_sandbox.admin import auth, errors
from offer_sandbox.admin.resources import (
    catalog,
    clock,
    health,
    requests,
    reset,
    rules,
    scenarios,
    settings,
    snapshot,
    specs,
    state,
    watch,
    webhooks,
    workspaces,
)
from offer_sandbox.admin.services import Services, services, workspace_name

_RESOURCES = (
    catalog,
    clock,
    requests,
    reset,
    rules,
    scenarios,
    settings,
    snapshot,
    specs,
    state,
    watch,
    webhooks,
    workspaces,
)


def register(app: Flask, services: Services) -> None:
    """Mounts every resource, with access control before each and problem documents for every refusal."""
    app.register_blueprint(health.resource)
    app.register_blueprint(specs.open_resource)
    admin = Blueprint("admin", __name__, url_prefix="/__admin")
    admin.before_request(auth.check_access)
    for module in _RESOURCES:
        admin.register_blueprint(module.resource)
    admin.after_request(_wake)
    errors.unknown_paths(app, admin)
    app.register_blueprint(admin)
    errors.handle(app)


def _wake(response: Response) -> Response:
    """Whatever was changed may make a webhook due (a clock, a target, a record), or be what somebody waits for."""
    if request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400:
        services().dispatcher.wake(workspace_name())
        services().notifier.notify(workspace_name())
    return response
