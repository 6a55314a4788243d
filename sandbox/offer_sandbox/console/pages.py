"""The routes of the pages and their files, below `/__admin/ui`."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from offer_sandbox.admin import auth
from offer_sandbox.admin.call import ADMIN
from offer_sandbox.admin.services import services
from offer_sandbox.console import reference
from offer_sandbox.console.protection import protected

UI = f"{ADMIN}/ui"
_SWAGGER_FILES = ("swagger-ui-bundle.js", "swagger-ui.css")
_FILE_SECONDS = 3600


def register(app: Flask) -> None:
    """Adds the pages and their files. They have no data of a workspace: the page reads that with a token."""
    pages = Blueprint("ui", __name__, url_prefix=UI, template_folder="templates")
    pages.before_request(_check_origin)
    for path in ("", "/", "/reference/"):
        pages.add_url_rule(path, f"to{path}", _to_reference)
    pages.add_url_rule("/reference", "reference", reference.show)
    pages.add_url_rule("/reference/<name>", "document", reference.show)
    pages.after_request(lambda response: protected(response, inline_style=True))
    files = Blueprint("files", __name__, url_prefix=UI, static_folder="static", static_url_path="/static")
    files.add_url_rule("/swagger/<name>", "swagger", _swagger_file)
    app.register_blueprint(pages)
    app.register_blueprint(files)


def _check_origin() -> None:
    """Applies the rules of the control API for hosts and sites. A browser cannot send a token when it opens a
    page."""
    if services().admin_token is None:
        auth.check_access()


def _to_reference() -> BaseResponse:
    return redirect(f"{UI}/reference")


def _swagger_file(name: str) -> Response:
    """Returns a file of Swagger UI from the package flask-swagger-ui."""
    return send_from_directory(_swagger_folder(), name if name in _SWAGGER_FILES else "", max_age=_FILE_SECONDS)


@cache
def _swagger_folder() -> Path:
    found = find_spec("flask_swagger_ui")  # the files are enough: the package is not imported
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "dist"
