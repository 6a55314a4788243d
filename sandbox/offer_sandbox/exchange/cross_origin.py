"""The CORS headers that allow pages of other origins to read a provider's responses."""

from collections.abc import Sequence
from dataclasses import dataclass

from offer_sandbox.contract import Request, Response

_EXPOSED = (
    "X-Sandbox-Request-Id, X-Sandbox-Workspace, X-Sandbox-Outcome, X-Sandbox-Trigger, X-Sandbox-Reason,"
    " X-Sandbox-Notice, Link, Preference-Applied, Retry-After, Allow, Location"
)
_PREFLIGHT_SECONDS = "600"  # how long a browser may cache a preflight response
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CrossOrigin:
    """The origins that may read responses (`*` allows every origin). A preflight request from such an origin is
    granted the path's methods, and all headers and private network access that it asks for."""

    origins: Sequence[str] = ()

    def allows(self, origin: str) -> bool:
        """Returns whether pages of an origin may read responses."""
        return bool(origin) and ("*" in self.origins or origin in self.origins)

    def headers(self, request: Request, response: Response) -> Headers:
        """Returns the CORS headers to add to a response."""
        if not self.origins:
            return ()
        origin = request.headers.get("origin")
        if origin is None or not self.allows(origin):
            return (("Vary", "Origin"),)
        allowed: Headers = (
            ("Vary", "Origin"),
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", _EXPOSED),
        )
        return allowed + _permission(request, response) if request.method == "OPTIONS" else allowed


def _permission(request: Request, response: Response) -> Headers:
    methods = next((value for name, value in response.headers if name == "Allow"), "")
    network = request.headers.get("access-control-request-private-network")
    return (
        *((("Access-Control-Allow-Private-Network", "true"),) if network == "true" else ()),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", request.headers.get("access-control-request-headers", "")),
        ("Access-Control-Max-Age", _PREFLIGHT_SECONDS),
    )
