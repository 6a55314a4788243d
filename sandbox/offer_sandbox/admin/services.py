"""What the control API works on, and which workspace a control call concerns; holds no resource."""

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
    """The server that answers the current request."""
    found: Services = current_app.extensions["offer_sandbox"]
    return found


def bearer() -> str:
    """The Bearer credential of the current request, empty without one."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def workspace_name() -> str:
    """The workspace that a control call concerns: by header, query, credential, else `default`."""
    names = [*request.headers.getlist("X-Sandbox-Workspace"), *request.args.getlist("workspace")]
    for each in names:  # a malformed one is a mistake even where another one wins
        if not valid_name(each):
            raise malformed_workspace(each)
    key = key_in(request.headers.get("Authorization", ""))
    if pretends(key) and key != services().admin_token:
        raise ProblemDetailsError(
            401, "malformed-key", "Malformed key", "the credential begins with sbx but is no sbx_<workspace>"
        )
    return (names[0] if names else None) or workspace_of(key) or DEFAULT_WORKSPACE


def concerns(name: str) -> None:
    """Remembers that the current call concerns that workspace, whichever its sender names otherwise."""
    if valid_name(name):
        g.workspace = name


def concerned_workspace() -> str | None:
    """The workspace that the current call's answer tells of; None where a malformed one is named."""
    try:
        own: str = g.get("workspace") or workspace_name()
    except ProblemDetailsError:
        return None
    return own


@contextmanager
def workspace() -> Iterator[tuple[Transaction, WorkspaceRow]]:
    """A transaction on the workspace that the current call concerns, made if it is new."""
    name = workspace_name()
    with services().store.transaction() as transaction:
        yield transaction, services().workspaces.row(transaction, name)


def known_provider(name: str) -> Provider:
    """The provider of that name; 404 without one."""
    found = services().providers.get(name)
    if found is None:
        raise ProblemDetailsError(
            404,
            "unknown-provider",
            "Unknown provider",
            f"there is no provider {name!r}",
            known=sorted(services().providers),
        )
    return found
