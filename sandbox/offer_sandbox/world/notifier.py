"""Notifies waiting requests that a workspace has changed."""

from collections.abc import Callable

Listener = Callable[[str], None]


class ChangeNotifier:
    """Calls its listener after every journal entry and every control call that writes. The listener receives the
    workspace's name, runs in the notifying thread, and must return immediately."""

    def __init__(self) -> None:
        self.listener: Listener = lambda _: None

    def notify(self, workspace: str) -> None:
        """Calls the listener with the workspace's name."""
        self.listener(workspace)
