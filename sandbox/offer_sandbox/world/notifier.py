"""Notifies waiting requests that a workspace has changed."""

import threading
from collections.abc import Callable

Listener = Callable[[str], None]


class ChangeNotifier:
    """Calls its listeners after every journal entry and every control call that writes. Listeners receive the
    workspace's name, run in the notifying thread, and must return immediately."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> None:
        """Adds a listener."""
        with self._lock:
            self._listeners.add(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Removes a listener."""
        with self._lock:
            self._listeners.discard(listener)

    def notify(self, workspace: str) -> None:
        """Calls every listener with the workspace's name."""
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(workspace)
