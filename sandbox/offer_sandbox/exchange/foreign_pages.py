"""Recognizes calls to providers that a web page makes without its visitor's intention."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from offer_sandbox.contract import Request
from offer_sandbox.contract.http import is_loopback

_LOCALHOST = ".localhost"


@dataclass(frozen=True, kw_only=True)
class ForeignPages:
    """Recognizes calls from pages of other sites, and from pages whose host name an attacker has pointed to this
    server (DNS rebinding).

    `allowed` returns whether an origin may call. `documented` returns whether a host is a provider's own, and
    `names` are the names of the providers. `others` are further names of the server. `exposed` means that others
    can reach the server by any name, so that no name is foreign.
    """

    allowed: Callable[[str], bool] = lambda _: False
    documented: Callable[[str], bool] = lambda _: True
    names: Sequence[str] = ()
    others: Sequence[str] = ()
    exposed: bool = False

    def knows_host(self, name: str) -> bool:
        """Returns whether a host name is one of the server's own: the loopback, a provider's name below
        `localhost`, a provider's documented host or another declared name."""
        below = name.endswith(_LOCALHOST) and name.removesuffix(_LOCALHOST) in self.names
        return is_loopback(name) or below or self.documented(name) or name in self.others

    def is_embedded(self, request: Request) -> bool:
        """Returns whether a page of another site makes the call in the background, for example for an image. A
        link that the visitor opens is no such call."""
        headers = request.headers
        if headers.get("sec-fetch-site") != "cross-site" or self.allowed(headers.get("origin", "")):
            return False
        opened = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
        return opened != ("navigate", "document")

    def is_rebound(self, request: Request) -> bool:
        """Returns whether a browser makes the call under a name that is not the server's own. Over plain HTTP a
        browser can send neither `Sec-Fetch-Site` nor `Origin`, so that its `User-Agent` counts too."""
        headers = request.headers
        if self.exposed or not request.host:
            return False
        browser = "sec-fetch-site" in headers or "origin" in headers
        return (browser or headers.get("user-agent", "").startswith("Mozilla/")) and not self.knows_host(
            request.host
        )
