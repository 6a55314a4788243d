"""uvicorn's HTTP protocol with a bound on the head of a request; reads no body."""

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from offer_sandbox.listener.delivery import TRANSPORT_KEY

LONGEST_HEAD = 64 * 1024
_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a request line and headers of more than 64 KiB together with 431 and closes the connection."""

    _head = 0

    def on_message_begin(self) -> None:
        """A new request on the connection, which a plan may want to break."""
        self._head = 0
        super().on_message_begin()
        self.scope[TRANSPORT_KEY] = self.transport  # type: ignore[literal-required]  # not one of ASGI's own

    def on_url(self, url: bytes) -> None:
        """A piece of the request line."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One whole header."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:
        """What uvicorn answers to a request that it cannot read."""
        if self._head <= LONGEST_HEAD:
            super().send_400_response(msg)
            return
        self.transport.write(_TOO_LONG)
        self.transport.close()

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > LONGEST_HEAD:
            raise httptools.HttpParserError("the head of the request is too long")
