"""Floor 4: the control API below `/__admin` and the health calls; one file for each resource."""

from flask import Blueprint, Flask

from offer_sandbox.control import (
    access,
    catalog,
    clock,
    complaints,
    health,
    requests,
    reset,
    settings,
    specs,
    state,
)
from offer_sandbox.control.site import Site


def register(app: Flask, site: Site) -> None:
    """Mounts every resource, with access control before each and problem documents for every refusal."""
    app.register_blueprint(health.resource)
    app.register_blueprint(specs.open_resource)
    admin = Blueprint("admin", __name__, url_prefix="/__admin")
    admin.before_request(access.guard)
    for module in (catalog, clock, requests, reset, settings, specs, state):
        admin.register_blueprint(module.resource)
    complaints.unknown_paths(app, admin)
    app.register_blueprint(admin)
    complaints.handle(app)
