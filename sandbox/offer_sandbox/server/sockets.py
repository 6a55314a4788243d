"""Binds the listening sockets to one address, or to the loopback in both address families."""

import errno
import socket

_TRIES = 20


class CannotListen(Exception):
    """The address cannot be bound. The message is one line for the operator."""


def listen(host: str | None, port: int) -> list[socket.socket]:
    """Returns bound sockets for `host`, or for 127.0.0.1 and ::1 if it is None. Port 0 chooses a free port.

    Raises CannotListen if the port is taken, the name is unknown, or the address is not this machine's.
    """
    if host is not None:
        return [_bind(host, port)]
    for _ in range(_TRIES):
        first = _bind("127.0.0.1", port)
        try:
            return [first, *_second(first.getsockname()[1])]
        except CannotListen:
            first.close()
            if port:
                raise
    raise CannotListen("no port is free on both 127.0.0.1 and ::1")


def url(sockets: list[socket.socket]) -> str:
    """Returns the URL that a client uses, such as `http://127.0.0.1:4242`."""
    host, port = sockets[0].getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compares, does not bind
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _second(port: int) -> list[socket.socket]:
    """Binds the IPv6 loopback to the same port. Returns an empty list on a machine without IPv6."""
    try:
        return [_bind("::1", port)]
    except CannotListen as error:
        taken = isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE
        if taken:
            raise
        return []


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # If the protocol is set, asyncio turns Nagle's algorithm off. Otherwise every response waits 40 ms.
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(f"cannot listen on {host}: {error.strerror or error}") from error
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(2048)
        bound.setblocking(False)
    except OSError as error:
        bound.close()
        reason = "the port is in use" if error.errno == errno.EADDRINUSE else error.strerror
        raise CannotListen(f"cannot listen on {host} port {port}: {reason}") from error
    return bound
