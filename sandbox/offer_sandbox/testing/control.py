"""A client of the control API for one workspace."""

import http.client
import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

_TIMEOUT_SECONDS = 60.0  # longer than the longest wait of the control API


class ControlError(Exception):
    """A control call was refused. The message is the reason, with the known names where there are some.

    `status` is the HTTP status and `problem` the problem document (RFC 9457).
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        known = problem.get("known") or ()
        more = f" (known: {', '.join(map(str, known))})" if known else ""
        super().__init__(f"{problem.get('detail') or problem.get('title')}{more}")
        self.status = status
        self.problem = problem


class Control:
    """Calls the control API of the server at `url` in a workspace, on one connection."""

    def __init__(self, url: str, workspace: str) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or "", address.port
        self._headers = {"X-Sandbox-Workspace": workspace}
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Any = None, **query: object) -> Any:
        """Makes a call below `/__admin` and returns the JSON of the response, None if it has none. Query arguments
        that are None are left out. Raises ControlError if the call is refused, OSError if the server is gone."""
        asked = {name: value for name, value in query.items() if value is not None}
        target = f"/__admin{path}" + (f"?{urlencode(asked)}" if asked else "")
        headers, data = dict(self._headers), None
        if body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        status, text = self._sent(method, target, data, headers)
        found = json.loads(text) if text else None
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise ControlError(status, found or {"title": f"HTTP {status}"})
        return found

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _sent(self, method: str, target: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        for fresh in (self._connection is None, True):
            if fresh:
                self.close()
                self._connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_SECONDS)
            assert self._connection is not None
            try:
                self._connection.request(method, target, data, headers)
                response = self._connection.getresponse()
                return response.status, response.read()
            except (http.client.HTTPException, OSError) as error:
                self.close()
                idle = isinstance(error, http.client.RemoteDisconnected | ConnectionError)
                if fresh or not idle:  # an idle connection may have been closed meanwhile, a new one was not
                    raise
        raise AssertionError("the second try returns or raises")


def segment(text: str) -> str:
    """Returns a text as one segment of a path."""
    return quote(text, safe="")
