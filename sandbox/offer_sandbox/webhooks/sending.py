"""Makes one outgoing call: to the address that was checked, no redirect followed, bounded in time and size."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from offer_sandbox.webhooks.target import Refused, Target, address, read
from offer_sandbox.world.clock import stopwatch

SECONDS = 10.0


def send(url: str, headers: Mapping[str, str], body: bytes, named: frozenset[str]) -> dict[str, Any]:
    """POSTs a body. The attempt: `status` (None without an answer), `error` (empty with one), `milliseconds`."""
    started = stopwatch()
    try:
        target = read(url, named)
        status, error = _post(target, address(target, named), headers, body), ""
    except Refused as refused:
        status, error = None, str(refused)
    except (OSError, http.client.HTTPException, ValueError) as failure:
        status, error = None, f"{type(failure).__name__}: {failure}"[:200]
    return {"status": status, "error": error, "milliseconds": round((stopwatch() - started) * 1000, 1)}


def _post(target: Target, where: str, headers: Mapping[str, str], body: bytes) -> int:
    connection = _Connection(target, where)
    deadline = threading.Timer(SECONDS, connection.give_up)  # a socket's own timeout starts anew at each byte
    deadline.start()
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        return connection.getresponse().status
    finally:
        deadline.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to an address, for a host; with TLS where the target says so."""

    def __init__(self, target: Target, where: str) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self._target = target
        self._where = where
        self.default_port = 443 if target.scheme == "https" else 80  # which the Host header leaves out

    def connect(self) -> None:
        """Connects to the address that was checked, whatever DNS says by now."""
        self.sock = socket.create_connection((self._where, self._target.port), SECONDS)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def give_up(self) -> None:
        """Ends whatever waits on the connection."""
        with suppress(OSError):
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)
