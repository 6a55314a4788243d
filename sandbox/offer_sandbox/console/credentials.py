"""The credential of the page's workspace, as far as the visitor may know it."""

from offer_sandbox.admin.services import console_token, services, workspace_name
from offer_sandbox.publish.export.request import DEMO_KEY, with_key
from offer_sandbox.world.keys import workspace_of

UNKNOWN_KEY = "<key>"


def key_of_workspace() -> str:
    """Returns the key that opens the workspace. An issued key is known only if the visitor has logged in with it.
    Otherwise returns UNKNOWN_KEY."""
    name, token = workspace_name(), console_token()
    if workspace_of(token) == name:
        return token
    return UNKNOWN_KEY if services().workspaces.keyed else f"sbx_{name}"


def own_authorization(header: str, former: str = DEMO_KEY) -> str:
    """Returns an Authorization header with the workspace's key in place of the former one."""
    kind, _, value = header.partition(" ")
    return f"{kind} {with_key(value, key_of_workspace(), former)}"
