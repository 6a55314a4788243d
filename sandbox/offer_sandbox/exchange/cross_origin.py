"""What the headers of a provider's answer say, so that pages of other origins may read it (CORS)."""

from collections.abc import Sequence
from dataclasses import dataclass

from offer_sandbox.contract import Request, Response

_EXPOSED = (
    "X-Sandbox-Request-Id, X-Sandbox-Workspace, X-Sandbox-Outcome, X-Sandbox-Trigger, X-Sandbox-Reason, Link,"
    " Preference-Applied, Retry-After, Allow, Location"
)
_PREFLIGHT_SECONDS = "600"  # for which a browser may remember a permission
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CrossOrigin:
    """Whose pages may read answers: those of these origins (`*`: of all). A permission that a browser asks for in
    advance is given for whatever it asks."""

    origins: Sequence[str] = ()

    def headers(self, request: Request, response: Response) -> Headers:
        """The headers that the answer to a request has besides its own."""
        if not self.origins:
            return ()
        origin = request.headers.get("origin")
        if origin is None or not ("*" in self.origins or origin in self.origins):
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
