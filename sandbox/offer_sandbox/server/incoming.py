"""A request as it arrives on a connection: its head, and its body within bounds."""

from offer_sandbox.contract.http import MAX_BODY_BYTES, MAX_STATE_BODY_BYTES

MAX_DRAINED = 64 * 1024 * 1024
STRAY = "something that is no request was ignored"
Headers = list[tuple[bytes, bytes]]


class Incoming:
    """One request of a connection.

    `target` is what stood in the request line, `path` and `query` are its parts, still encoded. `headers` are in
    the order in which they came, their names as they were written. `client` and `server` are addresses with ports,
    `scheme` is what the client speaks. `length` is how many bytes the body has; no more than `maximum` and a
    little of them are in `body`. `unframed` tells that no body was announced, `stray` that something came
    nevertheless.
    """

    __slots__ = (
        "_chunks",
        "client",
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
        self.maximum = _maximum(method, path)
        self.length = 0
        self.client = ("", 0)
        self.server = ("127.0.0.1", 0)
        self.scheme = "http"
        self.unframed = False
        self.stray = False
        self._chunks: list[bytes] = []

    @property
    def body(self) -> bytes:
        """The body as far as it is read."""
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    @property
    def beyond(self) -> bool:
        """Whether the body is so long that no more of it is read, so that the connection ends with the answer."""
        return self.length > self.maximum + MAX_DRAINED

    def add(self, chunk: bytes) -> None:
        """Takes a piece of the body. What is more than the app reads is thrown away: a client that still writes
        does not read the refusal."""
        if self.length <= self.maximum:
            self._chunks.append(chunk)
        self.length += len(chunk)

    def values(self, name: bytes) -> list[bytes]:
        """What the headers of that name, in lower case, say."""
        return [value for other, value in self.headers if other.lower() == name]


def _maximum(method: str, path: bytes) -> int:
    """How many bytes of a body the app may read: a whole world where records are put in, else 1 MiB."""
    whole = method != "GET" and (path.startswith(b"/__admin/state/") or path == b"/__admin/snapshot")
    return MAX_STATE_BODY_BYTES if whole else MAX_BODY_BYTES
