"""Whether the address can be bound, as `serve` binds it; lets it go at once."""

import errno
from collections.abc import Iterator

from offer_sandbox.cli.checks import Check, ok, warning, wrong
from offer_sandbox.server.sockets import CannotListen, listen


def checks(host: str | None, port: int) -> Iterator[Check]:
    """One host, or the loopback in both families where it is None."""
    try:
        bound = listen(host, port)
    except CannotListen as error:
        yield wrong("port", str(error), _remedy(error))
        return
    addresses = " and ".join(each.getsockname()[0] for each in bound)
    for each in bound:
        each.close()
    yield ok("port", f"{f'{port} is free' if port else 'there are free ones'} on {addresses}")
    if host is None and len(bound) == 1:
        remedy = "call 127.0.0.1: a client that turns localhost into ::1 finds nobody"
        yield warning("ipv6", "there is no IPv6 loopback (::1)", remedy)


def _remedy(error: CannotListen) -> str:
    if isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE:
        return "name another with --port, or end what listens there; if it is a sandbox, look at it with --url"
    return "name another with --host or --port"
