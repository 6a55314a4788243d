"""An HTTP client that makes one call and reports how its connection failed."""

import http.client
from collections.abc import Mapping
from http.client import HTTPResponse
from urllib.parse import urlsplit

from offer_sandbox.publish.player import Seen
from offer_sandbox.world.clock import stopwatch

_MANY_PIECES = 5
_SMALL = 16_384  # in bytes, since a large response arrives in larger pieces
_SLOW_SECONDS = 0.05


def call(url: str, method: str, path: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> Seen:
    """Calls the server at `url` and returns the response or the observed fault. Raises OSError if the server
    cannot be reached, and ValueError for a request that cannot be sent."""
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=timeout)
    connection.connect()
    try:
        connection.request(method, path, body, dict(headers))
        return _seen(connection.getresponse())
    except ConnectionResetError as error:  # RemoteDisconnected is a subclass
        empty = isinstance(error, http.client.RemoteDisconnected)
        return Seen(fault="EMPTY_RESPONSE" if empty else "CONNECTION_RESET_BY_PEER")
    except TimeoutError:
        return Seen(fault="HANG")
    except http.client.InvalidURL as error:  # an HTTPException, but nothing was sent
        raise ValueError(str(error)) from None
    except http.client.HTTPException:
        return Seen(fault="RANDOM_DATA_THEN_CLOSE")
    finally:
        connection.close()


def _seen(response: HTTPResponse) -> Seen:
    headers = {name.lower(): value for name, value in response.getheaders()}
    began = stopwatch()
    try:
        pieces = list(iter(lambda: response.read1(65536), b""))
    except (http.client.IncompleteRead, ValueError):
        cut = "MALFORMED_RESPONSE_CHUNK" if "transfer-encoding" in headers else "TRUNCATED_BODY"
        return Seen(status=response.status, headers=headers, fault=cut)
    body = b"".join(pieces)
    if len(body) < int(headers.get("content-length", 0)) and response.status != 204:
        return Seen(status=response.status, headers=headers, body=body, fault="TRUNCATED_BODY")
    return Seen(
        status=response.status,
        headers=headers,
        body=body,
        fault=_fault(response.status, headers, pieces, stopwatch() - began),
    )


def _fault(status: int, headers: Mapping[str, str], pieces: list[bytes], seconds: float) -> str:
    """Returns the name of a fault that leaves the response complete, or an empty string."""
    if status == 502 and headers.get("content-type", "").startswith("text/html"):
        return "GATEWAY_HTML"
    small = all(len(piece) <= _SMALL for piece in pieces)
    return "DRIBBLE" if len(pieces) > _MANY_PIECES and small and seconds > _SLOW_SECONDS else ""
