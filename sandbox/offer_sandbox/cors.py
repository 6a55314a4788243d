"""Lets pages of chosen origins call providers' paths (CORS); never the control API."""

from collections.abc import Callable, Sequence

from flask import Response, request

_SHOWN = (
    "X-Sandbox-Request-Id, X-Sandbox-Workspace, X-Sandbox-Outcome, X-Sandbox-Trigger, X-Sandbox-Reason, Link,"
    " Preference-Applied, Retry-After, Allow, Location"
)
PROVIDERS_KEY = "offer_sandbox.providers"  # in a request's environment: it was a provider's to answer
_SECONDS = "600"  # for which a browser may remember a permission


def shared_with(origins: Sequence[str]) -> Callable[[Response], Response]:
    """What is to be done with a provider's answer, so that pages of these origins (`*`: of all) may read it. A
    permission that a browser asks for in advance is given for whatever it asks."""

    def share(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if not origins or PROVIDERS_KEY not in request.environ:
            return response
        response.vary.add("Origin")
        if origin is None or not ("*" in origins or origin in origins):
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _SHOWN
        if request.method == "OPTIONS":
            _permit(response)
        return response

    return share


def _permit(response: Response) -> None:
    asked = request.headers.get("Access-Control-Request-Headers", "")
    response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
    response.headers["Access-Control-Allow-Headers"] = asked
    response.headers["Access-Control-Max-Age"] = _SECONDS
