"""Access to the running server, and to the workspace that a control call concerns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flask import current_app, g, request

from offer_sandbox.contract import Provider
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.workspace_auth import DEFAULT_WORKSPACE, LIVE, key_in, malformed_workspace
from offer_sandbox.services import Services
from offer_sandbox.world.keys import pretends, valid_name, workspace_of
from offer_sandbox.world.store import ReadOnlyTransaction, Transaction, WorkspaceRow

Result = TypeVar("Result")


def services() -> Services:
    """Returns the services of the server that handles the current request."""
    found: Services = current_app.extensions["offer_sandbox"]
    return found


def cookie_name() -> str:
    """Returns the name of the console's cookie. It includes the port, because a browser sends a cookie to every
    port of a host."""
    return f"offer_sandbox_{request.environ['SERVER_PORT']}"


def console_token() -> str:
    """Returns the token or key in the console's cookie, or an empty string. A server without a token and a request
    with an Authorization header do not use the cookie."""
    if services().admin_token is None or "Authorization" in request.headers:
        return ""
    return request.cookies.get(cookie_name(), "")


def _authorization() -> str:
    token = console_token()
    return f"Bearer {token}" if token else request.headers.get("Authorization", "")


def bearer() -> str:
    """Returns the Bearer credential of the current request or its cookie, or an empty string."""
    scheme, _, value = _authorization().partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def workspace_name() -> str:
    """Returns the workspace that a control call concerns: from the header, the query or the credential, else
    `default`. Raises ProblemDetailsError with 400 for a malformed name, and with 401 for a malformed or real
    key."""
    names = [*request.headers.getlist("X-Sandbox-Workspace"), *request.args.getlist("workspace")]
    for each in names:  # a malformed name is an error even if another one takes precedence
        if not valid_name(each):
            raise malformed_workspace(each)
    key = key_in(_authorization())
    if services().pipeline.live_keys.is_real(_authorization()):
        raise ProblemDetailsError(401, "live-key", "Live credential", LIVE)
    if pretends(key) and key != services().admin_token:
        raise ProblemDetailsError(
            401,
            "malformed-key",
            "Malformed key",
            "the credential begins with sbx but is not of the form sbx_<workspace>",
        )
    return (names[0] if names else None) or workspace_of(key) or DEFAULT_WORKSPACE


def concerns(name: str) -> None:
    """Sets the workspace that the current call concerns, whichever one its caller names otherwise."""
    if valid_name(name):
        g.workspace = name


def concerned_workspace() -> str | None:
    """Returns the workspace that the current call concerns, or None if its caller names a malformed one."""
    try:
        own: str = g.get("workspace") or workspace_name()
    except ProblemDetailsError:
        return None
    return own


@contextmanager
def workspace() -> Iterator[tuple[Transaction, WorkspaceRow]]:
    """Opens a transaction on the workspace that the current call concerns. A new workspace is created first."""
    name = workspace_name()
    with services().store.transaction() as transaction:
        yield transaction, services().workspaces.row(transaction, name)


def looked_at(work: Callable[[Transaction, WorkspaceRow], Result]) -> Result:
    """Returns the result of some work on the workspace that the current call concerns. It is done in a transaction
    that only reads, or again in one that writes if the work has to, for example for a change that is due."""
    name = workspace_name()
    try:
        with services().store.transaction(writes=False) as transaction:
            row = transaction.workspace(name)
            if row is not None:
                return work(transaction, row)
    except ReadOnlyTransaction:
        pass
    with workspace() as (transaction, row):
        return work(transaction, row)


def known_provider(name: str) -> Provider:
    """Returns the provider with this name. Raises ProblemDetailsError (404) if there is none."""
    found = services().providers.get(name)
    if found is None:
        raise ProblemDetailsError(
            404,
            "unknown-provider",
            "Unknown provider",
            f"unknown provider {name!r}",
            known=sorted(services().providers),
        )
    return found
