"""Access to the running server, and to the workspace that a control call concerns."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, g, request

from offer_sandbox.contract import Provider
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.workspace_auth import DEFAULT_WORKSPACE, key_in, malformed_workspace
from offer_sandbox.services import Services
from offer_sandbox.world.keys import pretends, valid_name, workspace_of
from offer_sandbox.world.store import Transaction, WorkspaceRow


def services() -> Services:
    """Returns the services of the server that handles the current request."""
    found: Services = current_app.extensions["offer_sandbox"]
    return found


def bearer() -> str:
    """Returns the Bearer credential of the current request, or an empty string."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def workspace_name() -> str:
    """Returns the workspace that a control call concerns: from the header, the query or the credential, else
    `default`. Raises ProblemDetailsError with 400 for a malformed name and with 401 for a malformed key."""
    names = [*request.headers.getlist("X-Sandbox-Workspace"), *request.args.getlist("workspace")]
    for each in names:  # a malformed name is an error even if another one takes precedence
        if not valid_name(each):
            raise malformed_workspace(each)
    key = key_in(request.headers.get("Authorization", ""))
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
