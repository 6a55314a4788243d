"""Where a webhook may go: the loopback, and hosts that the operator named; calls nobody."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from offer_sandbox.contract.http import is_loopback

_LONGEST = 2_048
_PORTS = {"http": 80, "https": 443}
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """The sandbox does not call that address; the message is one sentence for the user."""


@dataclass(frozen=True)
class Target:
    """A URL in pieces; `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str


def read(url: str, named: frozenset[str]) -> Target:
    """The target of a URL; Refused for what is no http(s) URL, and for a host that is neither on the loopback nor
    one of the `named`."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise Refused(f"{url[:100]!r} is no URL") from None
    host = parts.hostname or ""
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > _LONGEST:
        raise Refused("a URL is printable ASCII without blanks, at most 2048 characters")
    if parts.scheme not in _PORTS or not host or parts.username is not None:
        raise Refused(f"{url[:100]!r} is not of the form http://host:port/path or https://host:port/path")
    if host not in named and not is_loopback(host) and not host.endswith(".localhost"):
        raise Refused(f"the host {host[:100]!r} is not on the loopback; --allow-webhook-host names others")
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, port, f"{parts.path or '/'}{query}")


def address(target: Target, named: frozenset[str]) -> str:
    """The address to connect to, by DNS as it answers now; Refused where it leads elsewhere than it may.

    A named host may have a private address, since the operator named it, but none of the link (where cloud
    machines keep their secrets).
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused(f"the host {target.host} cannot be found: {error.strerror or error}") from None
    addresses = [str(each[4][0]) for each in found]
    allowed = [each for each in addresses if _may(_plain(each), target.host in named)]
    if not allowed:
        raise Refused(f"the host {target.host} leads to {addresses[0]}, where webhooks may not go")
    return allowed[0]


def _plain(text: str) -> _Address:
    """The address, without a zone, and as IPv4 where it is one in disguise."""
    found = ipaddress.ip_address(text.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def _may(found: _Address, named: bool) -> bool:
    if not named:
        return found.is_loopback
    return not (found.is_link_local or found.is_multicast or found.is_unspecified)
