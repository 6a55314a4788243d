"""CONNECT: for which hosts a client that takes the server for its proxy reaches the sandbox instead."""

from collections import Counter
from collections.abc import Callable

from offer_sandbox.contract.http import host_name
from offer_sandbox.server.framing import MalformedRequest

_MOST_REMEMBERED = 1_000
_MOST_SHOWN = 100


class HostRefused(MalformedRequest):
    """The sandbox does not stand in for that host."""

    status = 403


class TunnelImpossible(MalformedRequest):
    """No TLS can be spoken in the tunnel."""

    status = 501


class Tunnels:
    """`stands_for` says whether the sandbox stands in for a host, `secure` whether it speaks TLS. `refused` has
    the other hosts that clients asked for, a thousand of them, each with how often."""

    def __init__(self, stands_for: Callable[[str], bool], secure: bool) -> None:
        self.refused: Counter[str] = Counter()
        self._stands_for = stands_for
        self._secure = secure

    def check(self, authority: str, over_tls: bool) -> None:
        """Raises HostRefused or TunnelImpossible for a tunnel that cannot be had. `over_tls` tells that CONNECT
        itself came over TLS."""
        host = host_name(authority)
        if not self._stands_for(host):
            if host in self.refused or len(self.refused) < _MOST_REMEMBERED:
                self.refused[host] += 1
            shown = host[:_MOST_SHOWN]
            raise HostRefused(
                f"the sandbox is a proxy for the providers' documented hosts alone, not for {shown!r}"
            )
        if not self._secure:
            raise TunnelImpossible(f"CONNECT to {host} needs TLS: start the server with --tls")
        if over_tls:
            raise TunnelImpossible(f"CONNECT to {host} is to be sent without TLS, to http://")
