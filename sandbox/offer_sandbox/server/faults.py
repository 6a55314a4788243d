"""The bytes of answers that are broken on purpose; sends none."""

from offer_sandbox.contract.delivery import Fault
from offer_sandbox.server.incoming import Headers
from offer_sandbox.server.wire import head, is_bodiless

_PROMISED = 64  # bytes that are announced and never come, where there is no body to cut


def broken(fault: Fault, method: str, status: int, headers: Headers, payload: bytes) -> bytes:
    """What is sent before the connection is closed; nothing for faults that send nothing."""
    match fault.type:
        case "TRUNCATED_BODY":
            return _truncated(method, status, headers, payload)
        case "MALFORMED_RESPONSE_CHUNK":
            return _bad_chunk(method, status, headers, payload) + fault.noise
        case "RANDOM_DATA_THEN_CLOSE":
            return fault.noise
    return b""


def pieces(payload: bytes, maximum: int) -> list[bytes]:
    """A body in at most that many pieces of about the same length."""
    length = max(1, -(-len(payload) // maximum))
    return [payload[start : start + length] for start in range(0, len(payload), length)]


def _truncated(method: str, status: int, headers: Headers, payload: bytes) -> bytes:
    """Half a body under the length of the whole. What may have no body is cut in the middle of its head."""
    if is_bodiless(method, status):
        return head(status, headers)[:-4]
    announced = len(payload) if len(payload) > 1 else len(payload) + _PROMISED
    stored = payload[: len(payload) // 2] if len(payload) > 1 else payload
    return head(status, [*_without(headers), (b"content-length", b"%d" % announced)]) + stored


def _bad_chunk(method: str, status: int, headers: Headers, payload: bytes) -> bytes:
    """A first chunk that is right, and then no chunk. What may have no body is cut in the middle of its head."""
    if is_bodiless(method, status):
        return head(status, headers)[:-4] + b"\r\n"
    first = payload[: len(payload) // 2]
    chunk = b"%x\r\n%s\r\n" % (len(first), first) if first else b""
    return head(status, [*_without(headers), (b"transfer-encoding", b"chunked")]) + chunk + b"no chunk size\r\n"


def _without(headers: Headers) -> Headers:
    """The headers less those that say how long the body is."""
    return [pair for pair in headers if pair[0] not in (b"content-length", b"transfer-encoding")]
