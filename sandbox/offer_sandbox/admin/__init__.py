"""The control API below `/__admin` and the health calls, as declared in the modules of `resources`."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint, Flask, Response, request

from offer_sandbox.admin import auth, errors, resources
from offer_sandbox.admin.call import ADMIN, ControlCall, mount
from offer_sandbox.admin.services import concerned_workspace, services
from offer_sandbox.contract import Delivery
from offer_sandbox.contract.delivery import ADMISSION_KEY, DELIVERY_KEY
from offer_sandbox.exchange.workspace_auth import DEFAULT_WORKSPACE
from offer_sandbox.imports import IMPORTING
from offer_sandbox.services import Services


def register(app: Flask, services: Services) -> None:
    """Mounts all control calls. Access control runs before every call below `/__admin`, and all errors become
    problem documents."""
    admin = Blueprint("admin", __name__, url_prefix=ADMIN)
    admin.before_request(auth.check_access)
    admin.before_request(_admission)
    admin.after_request(_wake)
    admin.after_request(_name_workspace)
    mount(app, admin, control_calls())
    errors.unknown_paths(app, control_calls())
    app.register_blueprint(admin)
    app.after_request(_protect)
    errors.handle(app)


@cache
def control_calls() -> tuple[ControlCall, ...]:
    """Returns every call that the modules of `resources` declare. Raises ValueError if two have the same id."""
    with IMPORTING:
        calls = tuple(_declared())
    if len({call.id for call in calls}) < len(calls):
        raise ValueError("two control calls have the same id")
    return calls


def _declared() -> Iterator[ControlCall]:
    for found in iter_modules(resources.__path__):
        module = import_module(f"{resources.__name__}.{found.name}")
        yield from (each for each in vars(module).values() if isinstance(each, ControlCall))


def _admission() -> Response | None:
    """Answers the server's question whether the caller may make the call, before it reads the body."""
    return Response(status=204) if request.environ.get(ADMISSION_KEY) else None


def _protect(response: Response) -> Response:
    """Keeps a browser from guessing another type for any response."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _name_workspace(response: Response) -> Response:
    """Adds the name of the workspace that the call concerns as the header `X-Sandbox-Workspace`. A call that was
    admitted uses the workspace."""
    if name := concerned_workspace():
        response.headers["X-Sandbox-Workspace"] = name
        if auth.is_admitted():
            services().use(name)
    return response


def _wake(response: Response) -> Response:
    """Wakes the webhook dispatcher and waiting calls after a successful write. A changed clock, target or record
    may make a webhook due, and any change may end a wait."""
    environ = request.environ
    delivery: Delivery | None = environ.get(DELIVERY_KEY)
    begun = ADMISSION_KEY in environ or (delivery is not None and delivery.resume is not None)
    if request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400 and not begun:
        name = concerned_workspace() or DEFAULT_WORKSPACE
        services().dispatcher.wake(name)
        services().notifier.notify(name)
    return response
