"""The HTTP client that delivers webhooks: to checked addresses only, no redirects, limited time and size."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import h11

from offer_sandbox.exchange.webhooks import USER_AGENT
from offer_sandbox.webhooks.allowlist import Allowlist, Target, TargetRefused, addresses, read
from offer_sandbox.world.clock import stopwatch

SECONDS = 10.0
_CHUNK = 65_536
_MADE_HERE = (
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "keep-alive",
    "user-agent",
)


class _Deadline:
    """The time limit of one call, from the first connection to the last byte of the response's head."""

    def __init__(self) -> None:
        self._end = stopwatch() + SECONDS

    def left(self) -> float:
        """Returns the seconds left. Raises TimeoutError if there are none."""
        left = self._end - stopwatch()
        if left <= 0:
            raise TimeoutError
        return left


def send(url: str, headers: Mapping[str, str], body: bytes, reach: Allowlist) -> dict[str, Any]:
    """POSTs a body with these headers, but for those that frame the message.

    Returns the attempt: `status` (None without a complete response), `error` (empty with a complete response) and
    `milliseconds`.
    """
    started = stopwatch()
    try:
        target = read(url, reach)
        status, error = _post(target, addresses(target, reach), headers, body), ""
    except TargetRefused as refused:
        status, error = None, str(refused)
    except TimeoutError:
        status, error = None, f"no complete response within {SECONDS:.0f} seconds"
    except (OSError, h11.ProtocolError, ValueError) as failure:
        status, error = None, f"{type(failure).__name__}: {failure}"[:200]
    return {"status": status, "error": error, "milliseconds": round((stopwatch() - started) * 1000, 1)}


def _post(target: Target, where: list[str], headers: Mapping[str, str], body: bytes) -> int:
    deadline = _Deadline()
    with _connected(target, where, deadline) as connection:
        talk = h11.Connection(our_role=h11.CLIENT)
        head = talk.send(h11.Request(method="POST", target=target.path, headers=_framed(headers, body)))
        assert head is not None
        message = head + body
        with suppress(ConnectionError):  # the target may respond before it has read everything
            for start in range(0, len(message), _CHUNK):
                connection.settimeout(deadline.left())
                connection.sendall(message[start : start + _CHUNK])
        return _status(talk, connection, deadline)


def _framed(headers: Mapping[str, str], body: bytes) -> list[tuple[str, str]]:
    """Returns the headers with the length of this body and the sandbox's name. A loaded snapshot may have other
    framing headers, which would make a second request of the body, or another name."""
    own = [(name, value) for name, value in headers.items() if name.lower() not in _MADE_HERE]
    framing = [("Content-Length", str(len(body))), ("Connection", "close")]
    return [("User-Agent", USER_AGENT), *own, *framing]


def _status(talk: h11.Connection, connection: socket.socket, deadline: _Deadline) -> int:
    """Returns the final status and skips informational responses. h11 rejects a head that was cut off."""
    while True:
        event = talk.next_event()
        if isinstance(event, h11.Response):
            return event.status_code
        if event is h11.NEED_DATA:
            connection.settimeout(deadline.left())
            talk.receive_data(connection.recv(_CHUNK))
        elif not isinstance(event, h11.InformationalResponse):
            raise h11.RemoteProtocolError("the response has no status")


def _connected(target: Target, where: list[str], deadline: _Deadline) -> socket.socket:
    """Connects to the first address that accepts. Does not ask DNS again, because DNS may have changed."""
    trouble = OSError("no address")
    for address in where:
        try:
            plain = socket.create_connection((address, target.port), deadline.left())
            break
        except TimeoutError:
            raise
        except OSError as failure:
            trouble = failure
    else:
        raise trouble
    if target.scheme == "http":
        return plain
    plain.settimeout(deadline.left())
    return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
