"""The sandbox's own paths, whose application is loaded when the first of them is called: a provider's call needs
neither Flask nor the control API, which take half of a start."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from offer_sandbox.services import Services

if TYPE_CHECKING:
    from flask import Flask


class OwnPaths:
    """A WSGI application that makes the real one at its first call."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._made: Flask | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """The real one's answer."""
        return (self._made or self.load())(environ, start)

    def load(self) -> "Flask":
        """The application, made now if it was not yet."""
        from offer_sandbox.app import application

        with self._lock:
            if self._made is None:
                self._made = application(self._services)
        return self._made

    def is_own(self, path: str) -> bool:
        """Whether a path, decoded, is the sandbox's own: all others are a provider's, or nobody's."""
        if self._services.pipeline.router.knows(path):
            return False
        from offer_sandbox.app import is_own

        return is_own(path)
