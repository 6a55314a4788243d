"""A request as it arrives on a connection: its head and its body, up to a limit."""

import zlib

from offer_sandbox.contract.http import MAX_BODY_BYTES

MAX_DRAINED = 64 * 1024 * 1024
_LARGE = 16 * 1024  # bytes of a body that are worth compressing
STRAY = "unannounced bytes were ignored"
Headers = list[tuple[bytes, bytes]]


class Incoming:
    """One request of a connection.

    `target` is the target of the request line, and `path` and `query` are its parts, still encoded. `headers` are
    in the order of the request, and their names are written as in the request. `client` and `server` are
    addresses with ports. `scheme` is the scheme that the client uses. `length` is the number of bytes in the body.
    `body` never contains much more than `maximum` of them. `busy` is true if it may not be large, because the
    server reads too many large bodies. `declined` is true if the body need not come. `unframed` is true if no body
    was announced, and `stray` if bytes followed nevertheless.
    """

    __slots__ = (
        "_chunks",
        "_packed",
        "busy",
        "client",
        "declined",
        "expects_continue",
        "headers",
        "keep_alive",
        "length",
        "maximum",
        "method",
        "path",
        "query",
        "scheme",
        "server",
        "stray",
        "target",
        "unframed",
        "version",
    )

    def __init__(
        self,
        method: str,
        target: bytes,
        path: bytes,
        query: bytes,
        version: str,
        headers: Headers,
        keep_alive: bool,
    ) -> None:
        self.method = method
        self.target = target
        self.path = path
        self.query = query
        self.version = version
        self.headers = headers
        self.keep_alive = keep_alive
        self.expects_continue = False
        self.maximum = MAX_BODY_BYTES
        self.busy = False
        self.declined = False
        self.length = 0
        self.client = ("", 0)
        self.server = ("127.0.0.1", 0)
        self.scheme = "http"
        self.unframed = False
        self.stray = False
        self._chunks: list[bytes] = []
        self._packed = b""

    @property
    def body(self) -> bytes:
        """The part of the body that has been read."""
        if self._packed:
            return zlib.decompress(self._packed)
        if len(self._chunks) > 1:
            self._chunks = [b"".join(self._chunks)]
        return self._chunks[0] if self._chunks else b""

    @property
    def has_records(self) -> bool:
        """Whether the request may write the records of a workspace, so that its body may be large."""
        state = self.path.startswith(b"/__admin/state/") or self.path == b"/__admin/snapshot"
        return state and self.method != "GET"

    @property
    def beyond(self) -> bool:
        """Whether the body is not read to its end, so that the connection ends with the response."""
        return self.declined or self.length > self.maximum + MAX_DRAINED

    def add(self, chunk: bytes) -> None:
        """Adds a piece of the body.

        Bytes beyond the app's limit are read but discarded, because a client that is still writing would not read
        the refusal.
        """
        if self.length <= self.maximum:
            self._chunks.append(chunk)
        self.length += len(chunk)

    def release(self) -> None:
        """Forgets the body, which the response no longer needs."""
        self._chunks, self._packed = [], b""

    def pack(self) -> int:
        """Compresses a large body that is not needed for a while. Returns the number of bytes that it takes."""
        if not self._packed and self.length > _LARGE:
            self._packed, self._chunks = zlib.compress(self.body, level=1), []
        return len(self._packed) or self.length

    def values(self, name: bytes) -> list[bytes]:
        """Returns the values of the headers with this name. `name` is in lower case."""
        return [value for other, value in self.headers if other.lower() == name]
