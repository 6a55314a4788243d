"""Notifies waiting requests, and other servers, that a workspace has changed."""

from collections.abc import Callable

Listener = Callable[[str | None], None]


class ChangeNotifier:
    """Calls its listener after every journal entry and every control call that writes. The listener receives the
    workspace's name, or None if any may have changed. It runs in the notifying thread, and must return
    immediately.

    `publish` is called with the workspaces that this server has changed, to tell other servers.
    """

    def __init__(self) -> None:
        self.listener: Listener = lambda _: None
        self.publish: Callable[[str], None] = lambda _: None

    def notify(self, workspace: str) -> None:
        """Tells the listener and the other servers that this server has changed a workspace."""
        self.listener(workspace)
        self.publish(workspace)

    def hear(self, workspace: str | None) -> None:
        """Tells the listener that another server has changed a workspace, or any (None)."""
        self.listener(workspace)
