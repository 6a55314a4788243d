"""Checks that the address can be bound, in the same way as `serve` binds it."""

import errno
from collections.abc import Iterator

from offer_sandbox.cli.checks import Check, ok, warning, wrong
from offer_sandbox.server.sockets import CannotListen, listen


def checks(host: str | None, port: int) -> Iterator[Check]:
    """Checks one host, or the IPv4 and IPv6 loopback if it is None. Closes the sockets immediately."""
    try:
        bound = listen(host, port)
    except CannotListen as error:
        yield wrong("port", str(error), _remedy(error))
        return
    addresses = " and ".join(each.getsockname()[0] for each in bound)
    for each in bound:
        each.close()
    yield ok("port", f"{f'{port} is free' if port else 'a free port is available'} on {addresses}")
    if host is None and len(bound) == 1:
        remedy = "use 127.0.0.1 in URLs, because a client that resolves localhost to ::1 cannot connect"
        yield warning("ipv6", "this machine has no IPv6 loopback (::1)", remedy)


def _remedy(error: CannotListen) -> str:
    if isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE:
        return "choose another --port, or stop the process that uses it (if it is a sandbox, check it with --url)"
    return "choose another address with --host or --port"
