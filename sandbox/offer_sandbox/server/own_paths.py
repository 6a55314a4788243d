"""The WSGI application of the sandbox's own paths, loaded on first use.

Provider calls need neither Flask nor the control API, and loading these takes half of the startup time.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from offer_sandbox.imports import IMPORTING
from offer_sandbox.services import Services

if TYPE_CHECKING:
    from flask import Flask


class OwnPaths:
    """A WSGI application that creates the Flask application at its first call."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._made: Flask | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        """Calls the Flask application and returns its response."""
        return (self._made or self.load())(environ, start)

    def load(self) -> "Flask":
        """Returns the Flask application. Creates it if it does not exist yet."""
        with IMPORTING:
            from offer_sandbox.app import application

        with self._lock:  # after the import: the application loads providers, which hold a lock while they import
            if self._made is None:
                self._made = application(self._services)
        return self._made

    def is_own(self, path: str) -> bool:
        """Returns whether a decoded path belongs to the sandbox itself rather than to a provider or to nobody."""
        if self._services.pipeline.router.knows(path):
            return False
        with IMPORTING:
            from offer_sandbox.app import is_own

        return is_own(path)
