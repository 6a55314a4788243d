"""Where a webhook may go: the loopback, and hosts that the operator named; calls nobody."""

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
]  # IPv4 at the end
_LOOPBACK, _UNSPECIFIED = ipaddress.IPv6Address("::1"), ipaddress.IPv6Address("::")
_METADATA = ipaddress.IPv6Address("fd00:ec2::254")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TargetRefused(Exception):
    """The sandbox does not call that address; the message is one sentence for the user."""


@dataclass(frozen=True)
class Allowlist:
    """Where webhooks may go: the hosts that the operator `named`, and the `loopback`, unless strangers use the
    server: what listens there trusts whoever gets that far."""

    named: frozenset[str] = frozenset()
    loopback: bool = True


@dataclass(frozen=True)
class Target:
    """A URL in pieces; `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str


def read(url: str, reach: Allowlist) -> Target:
    """The target of a URL; Refused for what is no http(s) URL, and for a host out of reach."""
    try:
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        raise TargetRefused(f"{url[:100]!r} is no URL") from None
    host = (parts.hostname or "").removesuffix(".")
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > _MAX_LENGTH:
        raise TargetRefused("a URL is printable ASCII without blanks, at most 2048 characters")
    if parts.scheme not in _PORTS or not host or not port or parts.username is not None:
        raise TargetRefused(f"{url[:100]!r} is not of the form http://host:port/path or https://host:port/path")
    if host not in reach.named and not (reach.loopback and _on_loopback(host)):
        where = "not on the loopback" if reach.loopback else "none of those that webhooks may go to"
        raise TargetRefused(f"the host {host[:100]!r} is {where}; --allow-webhook-host names others")
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, port, f"{parts.path or '/'}{query}")


def addresses(target: Target, reach: Allowlist) -> list[str]:
    """The addresses to connect to, by DNS as it answers now; Refused where none of them may be called.

    A named host may have a private address, since the operator named it, but none of the link, nor the one
    in private IPv6 where cloud machines keep their secrets too.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TargetRefused(f"the host {target.host} cannot be found: {error.strerror or error}") from None
    every = list(dict.fromkeys(str(each[4][0]) for each in found))
    allowed = [each for each in every if _may(_plain(each), target.host, reach)]
    if not allowed:
        raise TargetRefused(f"the host {target.host} leads to {every[0]}, where webhooks may not go")
    return allowed


def host_header(target: Target) -> str:
    """The Host of a call to a target: without the port where it is the scheme's own."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == _PORTS[target.scheme] else f"{host}:{target.port}"


def hosts(names: Iterable[str]) -> frozenset[str]:
    """The hosts that an operator named; ValueError for what is no host name or address."""
    found = set()
    for name in names:
        host = name.strip().lower().removesuffix(".").removeprefix("[").removesuffix("]")
        if not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", host) and not _is_address(host):
            raise ValueError(f"{name!r} is no host name or address (no port, no scheme, no pattern)")
        found.add(host)
    return frozenset(found)


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _plain(text: str) -> _Address:
    """The address, without a zone, and as IPv4 where it is one in disguise."""
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
