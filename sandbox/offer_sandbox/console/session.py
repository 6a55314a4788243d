"""Logs a browser in with the admin token or a workspace's key, and remembers it in a cookie."""

import hmac

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from offer_sandbox.admin.services import cookie_name, services
from offer_sandbox.contract.errors import ProblemDetailsError


def accept_token() -> BaseResponse | None:
    """Handles the query parameter `token` of a page: stores the cookie, and continues to the page without it.
    Returns None without a token."""
    token = request.args.get("token")
    if token is None:
        return None
    return _remember(token, url_for(str(request.endpoint), **{**(request.view_args or {}), **_other_arguments()}))


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
    tried = "token" in request.values or cookie_name() in request.cookies
    return make_response(
        render_template("login.html", problem=problem if tried else None, next=_here()), problem.status
    )


def _remember(token: str, path: str) -> BaseResponse:
    """Returns a page that continues to the path with the cookie. A redirect would not do: after a link on another
    site, a browser sends no strict cookie with it."""
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
    assert here.admin_token is not None
    is_admin = hmac.compare_digest(token.encode(), here.admin_token.encode())
    return is_admin or here.workspaces.opened_by(here.store, token) is not None


def _other_arguments() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name != "token"}


def _here() -> str:
    """Returns the path and query of the page without a token, for the form."""
    if request.method != "GET":
        return request.form.get("next", "")
    query = "&".join(part for part in request.query_string.decode().split("&") if not part.startswith("token="))
    return f"{request.path}?{query}" if query else request.path


def _is_own(path: str) -> bool:
    return path.startswith("/__admin/ui") and "\\" not in path
