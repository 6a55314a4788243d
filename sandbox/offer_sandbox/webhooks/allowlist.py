"""The allowlist of webhook targets: the loopback, and the hosts that the operator named."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from offer_sandbox.contract.http import is_loopback

_MAX_LENGTH = 2_048
_PORTS = {"http": 80, "https": 443}
_EMBEDDING = [
    ipaddress.IPv6Network(each) for each in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48")
]  # networks whose addresses end in an IPv4 address
_LOOPBACK, _UNSPECIFIED = ipaddress.IPv6Address("::1"), ipaddress.IPv6Address("::")
_METADATA = ipaddress.IPv6Address("fd00:ec2::254")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TargetRefused(Exception):
    """A target that the sandbox does not call. The message is one sentence for the user."""


@dataclass(frozen=True)
class Allowlist:
    """The allowed targets: the hosts that the operator `named`, and the `loopback`. A server that strangers use
    does not allow the loopback, because services there trust every client that reaches them."""

    named: frozenset[str] = frozenset()
    loopback: bool = True


@dataclass(frozen=True)
class Target:
    """A parsed URL. `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str


def read(url: str, reach: Allowlist) -> Target:
    """Parses a URL into a target. Raises TargetRefused if it is not an HTTP(S) URL or its host is not allowed."""
    try:
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        raise TargetRefused(f"{url[:100]!r} is not a valid URL") from None
    host = (parts.hostname or "").removesuffix(".")
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > _MAX_LENGTH:
        raise TargetRefused("a URL must be printable ASCII without spaces, at most 2048 characters long")
    if parts.scheme not in _PORTS or not host or not port or parts.username is not None:
        raise TargetRefused(
            f"{url[:100]!r} is not an HTTP URL (expected http://host:port/path or https://host:port/path)"
        )
    if host not in reach.named and not (reach.loopback and _on_loopback(host)):
        where = "not on the loopback" if reach.loopback else "not an allowed host for webhooks"
        raise TargetRefused(f"the host {host[:100]!r} is {where} (allow it with --allow-webhook-host)")
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, port, f"{parts.path or '/'}{query}")


def addresses(target: Target, reach: Allowlist) -> list[str]:
    """Looks the host up in DNS and returns the addresses to connect to. Raises TargetRefused if the host is not
    found or has no allowed address.

    A named host may have a private address, because the operator named it. A link-local address is not allowed,
    nor is the private IPv6 address where cloud machines keep their secrets too.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TargetRefused(f"the host {target.host} cannot be resolved: {error.strerror or error}") from None
    every = list(dict.fromkeys(str(each[4][0]) for each in found))
    allowed = [each for each in every if _may(_plain(each), target.host, reach)]
    if not allowed:
        raise TargetRefused(f"the host {target.host} resolves to {every[0]}, where webhooks are not allowed")
    return allowed


def host_header(target: Target) -> str:
    """Returns the Host header for a target, without the port if it is the default of the scheme."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == _PORTS[target.scheme] else f"{host}:{target.port}"


def hosts(names: Iterable[str]) -> frozenset[str]:
    """Normalizes the hosts that an operator named. Raises ValueError for an invalid host name or address."""
    found = set()
    for name in names:
        host = name.strip().lower().removesuffix(".").removeprefix("[").removesuffix("]")
        if not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", host) and not _is_address(host):
            raise ValueError(f"{name!r} is not a host name or address (without a port, scheme or wildcard)")
        found.add(host)
    return frozenset(found)


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _plain(text: str) -> _Address:
    """Parses an address, without its zone. Returns an IPv4 address if the IPv6 address contains one."""
    found = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(found, ipaddress.IPv4Address):
        return found
    if found.ipv4_mapped or found.sixtofour:
        return found.ipv4_mapped or found.sixtofour or found
    if any(found in network for network in _EMBEDDING) and found not in (_LOOPBACK, _UNSPECIFIED):
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    return found


def _on_loopback(host: str) -> bool:
    return is_loopback(host) or host.endswith(".localhost")


def _may(found: _Address, host: str, reach: Allowlist) -> bool:
    if host not in reach.named:
        return reach.loopback and found.is_loopback
    return not (found.is_link_local or found.is_multicast or found.is_unspecified or found == _METADATA)
