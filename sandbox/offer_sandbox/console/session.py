"""Logs a browser in with the admin token or a workspace's key, and remembers it in a cookie."""

from urllib.parse import urlencode

from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from offer_sandbox.admin import auth
from offer_sandbox.admin.services import cookie_name, services
from offer_sandbox.contract.errors import ProblemDetailsError


def accept_token() -> BaseResponse | None:
    """Handles the query parameter `token` of a page: stores the cookie, and continues to the page without it.
    Returns None without a token."""
    token = request.args.get("token")
    if token is None:
        return None
    return _remember(token, _here())


def log_in() -> BaseResponse:
    """Handles the form of the login page."""
    path = request.form.get("next", "")
    return _remember(request.form.get("token", ""), path if _is_own(path) else url_for("ui.overview"))


def log_out() -> BaseResponse:
    """Deletes the cookie."""
    response = redirect(url_for("ui.overview"), 303)
    response.delete_cookie(cookie_name(), path="/")
    return response


def form(problem: ProblemDetailsError) -> Response:
    """Returns the login page with the status of the problem."""
    tried = g.get("tried") or cookie_name() in request.cookies
    return make_response(
        render_template("login.html", problem=problem if tried else None, next=_next()), problem.status
    )


def _remember(token: str, path: str) -> BaseResponse:
    """Returns a page that continues to the path with the cookie. A redirect would not do: after a link on another
    site, a browser sends no strict cookie with it."""
    g.tried = True
    token = token.strip()
    if services().admin_token is None:
        return redirect(path)
    if not _opens_something(token):
        detail = "this is neither the admin token nor the key of a workspace"
        return form(ProblemDetailsError(401, "unauthorized", "Unauthorized", detail))
    response = make_response(render_template("continue.html", path=path))
    response.set_cookie(cookie_name(), token, httponly=True, samesite="Strict", secure=request.is_secure)
    return response


def _opens_something(token: str) -> bool:
    here = services()
    return auth.is_admin(token) or here.workspaces.opened_by(here.store, token) is not None


def _next() -> str:
    """Returns the page to open after the login."""
    return _here() if request.endpoint != "ui.login" else request.form.get("next", "")


def _here() -> str:
    """Returns the path and query of the page without a token."""
    others = [pair for pair in request.args.items(multi=True) if pair[0] != "token"]
    return f"{request.path}?{urlencode(others)}" if others else request.path


def _is_own(path: str) -> bool:
    return path.startswith("/__admin/ui") and "\\" not in path
