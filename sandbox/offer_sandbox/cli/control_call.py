"""One call of a verb to the control API of a running sandbox."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from offer_sandbox import cli
from offer_sandbox.cli.failed_call import cause

_SECONDS = 600.0


def control_request(
    url: str, method: str, path: str, *, token: str | None, workspace: str = "default", body: bytes | None = None
) -> urllib.request.Request:
    """Returns the request of a call below `/__admin` of the sandbox at `url`. Raises Failure for a wrong URL."""
    headers = {"X-Sandbox-Workspace": workspace, "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        return urllib.request.Request(  # noqa: S310 - http only
            f"{url.rstrip('/')}/__admin{path}", body, headers, method=method
        )
    except ValueError as error:
        raise cli.Failure(f"the request to {url} failed: {error}") from None


@contextmanager
def opened(
    request: urllib.request.Request, seconds: float | None = _SECONDS
) -> Iterator[http.client.HTTPResponse]:
    """Yields the response to a request. Without a number of seconds it may take any time. Raises Failure if the
    call fails, with the problem's detail if any."""
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 - http only
            yield answer
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise cli.Failure(_detail(refusal)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        at, why = f"{request.type}://{request.host}", cause(error)
        hint = " (is a sandbox running there?)" if isinstance(why, ConnectionRefusedError) else ""
        raise cli.Failure(f"the request to {at} failed: {why}{hint}") from None


def control_call(
    url: str, method: str, path: str, *, token: str | None, workspace: str = "default", body: bytes | None = None
) -> bytes:
    """Returns the response body of a call below `/__admin` of the sandbox at `url`. Raises Failure if the call
    fails, with the problem's detail if any."""
    with opened(control_request(url, method, path, token=token, workspace=workspace, body=body)) as answer:
        return bytes(answer.read())


def _detail(refusal: urllib.error.HTTPError) -> str:
    """Returns the detail of a problem document, or else the status, as a message."""
    try:
        return f"the sandbox returned {refusal.code}: {json.loads(refusal.read())['detail']}"
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return f"the server returned {refusal.code} {refusal.reason}"
