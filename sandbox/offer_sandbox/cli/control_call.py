"""One call of a verb to the control API of a running sandbox."""

import http.client
import json
import urllib.error
import urllib.request

from offer_sandbox import cli
from offer_sandbox.cli.failed_call import cause

_SECONDS = 600.0


def control_call(
    url: str, method: str, path: str, *, token: str | None, workspace: str = "default", body: bytes | None = None
) -> bytes:
    """Returns the response body of a call below `/__admin` of the sandbox at `url`. Raises Failure if the call
    fails, with the problem's detail if any."""
    headers = {"X-Sandbox-Workspace": workspace, "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        request = urllib.request.Request(  # noqa: S310 - http only
            f"{url.rstrip('/')}/__admin{path}", body, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - http only
            return bytes(answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise cli.Failure(_detail(refusal)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise cli.Failure(f"the request to {url} failed: {cause(error)}") from None


def _detail(refusal: urllib.error.HTTPError) -> str:
    """Returns the detail of a problem document, or else the status, as a message."""
    try:
        return f"the sandbox returned {refusal.code}: {json.loads(refusal.read())['detail']}"
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return f"the server returned {refusal.code} {refusal.reason}"
