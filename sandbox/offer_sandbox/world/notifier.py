"""Tells those who wait that something was answered or changed in a workspace; knows nothing of what."""

import threading
from collections.abc import Callable

Listener = Callable[[str], None]


class ChangeNotifier:
    """Rung after every entry of the journal and every control call that writes. Listeners are called with the
    workspace's name, in the thread that rings, and must return at once."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> None:
        """Has the listener called from now on."""
        with self._lock:
            self._listeners.add(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Has it called no more."""
        with self._lock:
            self._listeners.discard(listener)

    def notify(self, workspace: str) -> None:
        """Calls every listener."""
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(workspace)
