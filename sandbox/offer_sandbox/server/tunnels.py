"""CONNECT tunnels, through which clients that use the server as a proxy reach the sandbox instead of a host."""

from collections import Counter
from collections.abc import Callable

from offer_sandbox.contract import from_base64
from offer_sandbox.contract.http import host_name
from offer_sandbox.server.framing import MalformedRequest
from offer_sandbox.server.incoming import Headers
from offer_sandbox.world.keys import workspace_of

_MOST_REMEMBERED = 1_000
_MOST_SHOWN = 100


class HostRefused(MalformedRequest):
    """The sandbox does not mock that host."""

    status = 403


class TunnelImpossible(MalformedRequest):
    """The tunnel cannot use TLS."""

    status = 501


class Tunnels:
    """Decides which CONNECT requests get a tunnel.

    `stands_for` returns whether the sandbox mocks a host. `secure` is whether the server uses TLS. `refused` maps
    each other host to the number of requests for it, for up to a thousand hosts.
    """

    def __init__(self, stands_for: Callable[[str], bool], secure: bool) -> None:
        self.refused: Counter[str] = Counter()
        self._stands_for = stands_for
        self._secure = secure

    def check(self, authority: str, over_tls: bool) -> None:
        """Raises HostRefused or TunnelImpossible if the tunnel is not possible.

        `over_tls` is whether the CONNECT request itself was sent over TLS.
        """
        host = host_name(authority)
        if not self._stands_for(host):
            if host in self.refused or len(self.refused) < _MOST_REMEMBERED:
                self.refused[host] += 1
            shown = host[:_MOST_SHOWN]
            raise HostRefused(
                f"the sandbox is a proxy only for the providers' documented hosts, not for {shown!r}"
            )
        if not self._secure:
            raise TunnelImpossible(f"CONNECT to {host} needs TLS (start the server with --tls)")
        if over_tls:
            raise TunnelImpossible(
                f"CONNECT to {host} must be sent without TLS (use an http:// URL for the proxy)"
            )


def workspace_of_proxy(headers: Headers) -> bytes:
    """Returns the workspace of all requests in a tunnel: the one that the user name of the proxy's URL names, such
    as `sbx_team1` in `http://sbx_team1:x@127.0.0.1:4242`. Empty without one."""
    for name, value in headers:
        scheme, _, pair = value.decode("latin-1").partition(" ")
        if name.lower() == b"proxy-authorization" and scheme.lower() == "basic":
            return (workspace_of(from_base64(pair.strip()).partition(":")[0]) or "").encode()
    return b""
