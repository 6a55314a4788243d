"""The bytes of responses that are broken on purpose."""

from offer_sandbox.contract.delivery import Fault
from offer_sandbox.server.incoming import Headers
from offer_sandbox.server.wire import head, is_bodiless

_PROMISED = 64  # bytes that are announced but never sent, if the body is too short to cut


def broken(fault: Fault, method: str, status: int, headers: Headers, payload: bytes) -> bytes:
    """Returns the bytes to send before the connection is closed. They are empty for faults that send nothing."""
    match fault.type:
        case "TRUNCATED_BODY":
            return _truncated(method, status, headers, payload)
        case "MALFORMED_RESPONSE_CHUNK":
            return _bad_chunk(method, status, headers, payload) + fault.noise
        case "RANDOM_DATA_THEN_CLOSE":
            return fault.noise
    return b""


def pieces(payload: bytes, maximum: int) -> list[bytes]:
    """Splits a body into at most `maximum` pieces of about the same length."""
    length = max(1, -(-len(payload) // maximum))
    return [payload[start : start + length] for start in range(0, len(payload), length)]


def _truncated(method: str, status: int, headers: Headers, payload: bytes) -> bytes:
    """Returns a response with half of its body but the Content-Length of the whole body.

    A response that may have no body is cut before the end of its head.
    """
    if is_bodiless(method, status):
        return head(status, headers)[:-4]
    announced = len(payload) if len(payload) > 1 else len(payload) + _PROMISED
    stored = payload[: len(payload) // 2] if len(payload) > 1 else payload
    return head(status, [*_without(headers), (b"content-length", b"%d" % announced)]) + stored


def _bad_chunk(method: str, status: int, headers: Headers, payload: bytes) -> bytes:
    """Returns a response with one valid chunk followed by an invalid one.

    A response that may have no body is cut before the end of its head.
    """
    if is_bodiless(method, status):
        return head(status, headers)[:-4] + b"\r\n"
    first = payload[: len(payload) // 2]
    chunk = b"%x\r\n%s\r\n" % (len(first), first) if first else b""
    return head(status, [*_without(headers), (b"transfer-encoding", b"chunked")]) + chunk + b"no chunk size\r\n"


def _without(headers: Headers) -> Headers:
    """Returns the headers without those that announce the length of the body."""
    return [pair for pair in headers if pair[0] not in (b"content-length", b"transfer-encoding")]
