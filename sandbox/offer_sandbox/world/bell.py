"""Tells those who wait that something was answered or changed; knows nothing of what."""

import threading
from collections.abc import Callable


class Bell:
    """Rung after every entry of the journal and every control call that writes. Listeners are called in the thread
    that rings, and must return at once."""

    def __init__(self) -> None:
        self._listeners: set[Callable[[], None]] = set()
        self._lock = threading.Lock()

    def listen(self, listener: Callable[[], None]) -> None:
        """Has the listener called from now on."""
        with self._lock:
            self._listeners.add(listener)

    def unlisten(self, listener: Callable[[], None]) -> None:
        """Has it called no more."""
        with self._lock:
            self._listeners.discard(listener)

    def ring(self) -> None:
        """Calls every listener."""
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()
