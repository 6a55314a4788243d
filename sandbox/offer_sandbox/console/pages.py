"""The routes of the console and its files, below `/__admin/ui`."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, redirect, request, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from offer_sandbox.admin import auth
from offer_sandbox.admin.call import ADMIN
from offer_sandbox.admin.errors import problem_of
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.console import (
    calls,
    clock,
    coverage,
    filters,
    identify,
    outcomes,
    overview,
    page,
    presenter,
    records,
    reference,
    scenarios,
    session,
    settings,
    webhooks,
)
from offer_sandbox.console.protection import protected
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.browser import opens_page
from offer_sandbox.exchange.workspace_auth import DEFAULT_WORKSPACE

UI = f"{ADMIN}/ui"
_SWAGGER_FILES = ("swagger-ui-bundle.js", "swagger-ui.css")
_FILE_SECONDS = 3600
_OPEN = ("ui.login", "ui.logout")  # pages for visitors without a valid token
_REFERENCE = ("ui.reference", "ui.document")  # the pages of Swagger UI
_REDIRECTS = ("ui.start", "ui.reference_start")
# Pages whose workspace need not exist:
_ANY_WORKSPACE = (*_REDIRECTS, *_REFERENCE, "ui.identify", "ui.identify_pasted", "ui.slide", "ui.play")
_VIEWS: Mapping[str, tuple[str, Callable[..., BaseResponse | str]]] = {
    "/": ("overview", overview.show),
    "/calls": ("calls", calls.show_list),
    "/calls/<id>": ("call", calls.show_one),
    "/calls/<id>/request": ("request_of_call", calls.request_of),
    "/outcomes": ("outcomes", outcomes.show_list),
    "/outcomes/<id>": ("outcome", outcomes.show_one),
    "/records": ("records", records.show_collections),
    "/records/<provider>/<collection>": ("collection", records.show_list),
    "/records/<provider>/<collection>/<anything:id>": ("record", records.show_one),
    "/clock": ("clock", clock.show),
    "/scenarios": ("scenarios", scenarios.show_list),
    "/scenarios/<name>": ("scenario", scenarios.show_one),
    "/webhooks": ("webhooks", webhooks.show_list),
    "/webhooks/<id>": ("webhook", webhooks.show_one),
    "/settings": ("settings", settings.show),
    "/coverage": ("coverage", coverage.show),
    "/presenter": ("presenter", presenter.show_list),
    "/presenter/<kind>/<name>/<int:number>": ("slide", presenter.show_slide),
    "/identify": ("identify", identify.show),
    "/reference": ("reference", reference.show),
    "/reference/<name>": ("document", reference.show),
}


def register(app: Flask) -> None:
    """Adds the pages and their files. The files are the same for everybody."""
    filters.register(app)
    pages = Blueprint("ui", __name__, url_prefix=UI, template_folder="templates")
    for path, (name, view) in _VIEWS.items():
        pages.add_url_rule(path, name, view)
    pages.add_url_rule("", "start", _to_start)
    pages.add_url_rule("/reference/", "reference_start", _to_reference)
    slide = "/presenter/<kind>/<name>/<int:number>/play"
    pages.add_url_rule(slide, "play", presenter.play_slide, methods=["POST"])
    pages.add_url_rule("/identify", "identify_pasted", identify.identify, methods=["POST"])
    pages.add_url_rule("/login", "login", session.log_in, methods=["POST"])
    pages.add_url_rule("/logout", "logout", session.log_out, methods=["POST"])
    pages.add_url_rule("/<anything:path>", "unknown", _unknown)
    pages.before_request(_admit)
    pages.after_request(lambda made: protected(made, inline_style=request.endpoint in _REFERENCE))
    pages.register_error_handler(Exception, _error_page)
    files = Blueprint("files", __name__, url_prefix=UI, static_folder="static", static_url_path="/static")
    files.add_url_rule("/swagger/<name>", "swagger", _swagger_file)
    app.register_blueprint(pages)
    app.register_blueprint(files)
    for start in (ADMIN, f"{ADMIN}/"):
        app.add_url_rule(start, "console", _to_start)
    app.before_request(_to_page)


def _to_start() -> BaseResponse:
    query = request.query_string.decode("latin-1")
    return redirect(f"{UI}/?{query}" if query else f"{UI}/")


def _to_reference() -> BaseResponse:
    return redirect(f"{UI}/reference")


def _to_page() -> BaseResponse | None:
    """Sends a browser from `/` to the overview, and from the `Link` of a response to the page of its call."""
    pages = {"getIndex": f"{UI}/", "admin.getRequest": f"{UI}/calls/{(request.view_args or {}).get('id')}"}
    page = pages.get(str(request.endpoint))
    if page is None or not opens_page(request.method, b"", request.headers.get("Accept")):
        return None
    query = request.query_string.decode("latin-1")
    return redirect(f"{page}?{query}" if query else page)


def _admit() -> BaseResponse | None:
    """Applies the access rules of the control API, with a cookie in place of a header."""
    if request.endpoint in _OPEN:
        auth.check_site()
        return None
    continued = session.accept_token()
    if continued is not None:
        return continued
    auth.check_access(page=True)
    if request.endpoint not in _ANY_WORKSPACE and not _makes_workspace():
        auth.demand_workspace(workspace_name())
    return None


def _makes_workspace() -> bool:
    """Returns whether opening a page may create its workspace: the visitor's own, or the one that every client may
    use."""
    name = workspace_name()
    return auth.confined_to() == name or (name == DEFAULT_WORKSPACE and not services().workspaces.keyed)


def _unknown(path: str) -> Response:
    raise ProblemDetailsError(404, "unknown-page", "Unknown page", f"there is no page {path[:100]!r}")


def _error_page(error: Exception) -> BaseResponse:
    """Returns a page for an error: the login form if a token is missing, else the problem."""
    problem = problem_of(error)
    if problem.status == 401:
        return session.form(problem)
    return page.problem(problem, alone=not auth.is_admitted())


def _swagger_file(name: str) -> Response:
    """Returns a file of Swagger UI from the package flask-swagger-ui."""
    return send_from_directory(_swagger_folder(), name if name in _SWAGGER_FILES else "", max_age=_FILE_SECONDS)


@cache
def _swagger_folder() -> Path:
    found = find_spec("flask_swagger_ui")  # the files are enough: the package is not imported
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "dist"
