"""The client and scheme of requests that a trusted proxy has forwarded."""

import ipaddress
from collections.abc import Iterable

from offer_sandbox.server.incoming import Incoming

_SCHEMES = ("http", "https")


class TrustedProxies:
    """The addresses and networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted.

    `*` trusts all addresses.
    """

    def __init__(self, names: Iterable[str]) -> None:
        names = [*names]
        self._all = "*" in names
        self._networks = [ipaddress.ip_network(name, strict=False) for name in names if name != "*"]

    def __contains__(self, address: str) -> bool:
        if self._all:
            return True
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def resolve(self, request: Incoming) -> None:
        """Sets the client and scheme of a request from the headers of the trusted proxy that forwarded it."""
        if not (self._all or self._networks) or request.client[0] not in self:
            return
        schemes = request.values(b"x-forwarded-proto")
        if schemes and (scheme := schemes[-1].decode("latin-1").strip()) in _SCHEMES:
            request.scheme = scheme
        told = b",".join(request.values(b"x-forwarded-for")).decode("latin-1")
        addresses = [address for part in told.split(",") if (address := _address(part.strip()))]
        if addresses:
            strangers = [address for address in addresses if address not in self]
            request.client = (strangers[-1] if strangers else addresses[0], 0)


def _address(text: str) -> str:
    """Returns an address without the port that may follow it."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
