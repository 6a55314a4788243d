"""uvicorn's HTTP protocol with bounds on the head of a request and on a client's silence; reads no body."""

import asyncio
import weakref
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from offer_sandbox.listener.delivery import TRANSPORT_KEY
from offer_sandbox.listener.parking import GONE_KEY

LONGEST_HEAD = 64 * 1024
PATIENCE_SECONDS = 60.0
_FAREWELL_SECONDS = 1.0
_REASON = b"the request line and headers have more than 64 KiB"
_PROBLEM = (
    b'{"type":"urn:offer-sandbox:problem:head-too-large","title":"Request header fields too large","status":431,'
    b'"detail":"' + _REASON + b'"}'
)
_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"x-sandbox-reason: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
) % (_REASON, len(_PROBLEM), _PROBLEM)


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a request line and headers of more than 64 KiB together with 431 and closes the connection;
    closes it too when a client says nothing for a minute in the middle of a request."""

    _head = 0
    _unfinished = True  # a request that has begun, or the first one, which a connection is for
    _heard = 0.0
    _unread = 0  # bytes of answers that the client had not taken a minute ago
    _watch: asyncio.TimerHandle | None = None
    _gone: asyncio.Event
    _cycles: weakref.WeakSet[RequestResponseCycle]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """A client has connected."""
        self._gone = asyncio.Event()
        self._cycles = weakref.WeakSet()
        super().connection_made(transport)
        self._heard = self.loop.time()
        self._watch = self.loop.call_later(PATIENCE_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has left, whatever it had sent: uvicorn itself tells only the newest of its requests."""
        self._gone.set()
        if self._watch is not None:
            self._watch.cancel()
        for cycle in self._cycles:
            cycle.disconnected = True
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server ends. Over TLS a client that says nothing more would be waited for, as idle ones do."""
        super().shutdown()
        if self.scheme == "https":
            self.loop.call_later(_FAREWELL_SECONDS, self._part)

    def data_received(self, data: bytes) -> None:
        """Something has come from the client."""
        self._heard = self.loop.time()
        super().data_received(data)

    def on_message_complete(self) -> None:
        """The request is whole; how long its answer takes is our affair."""
        self._unfinished = False
        super().on_message_complete()

    def _look(self) -> None:
        """Gives a client up that has begun a request and says no more, or reads no more of an answer; uvicorn
        watches those between requests."""
        left = self._heard + PATIENCE_SECONDS - self.loop.time()
        unread = self.transport.get_write_buffer_size()
        if 0 < self._unread <= unread or (self._unfinished and left <= 0):
            self.transport.abort()
            return
        wait = max(left, 1.0) if self._unfinished and left > 0 else PATIENCE_SECONDS
        self._unread = unread if wait >= PATIENCE_SECONDS else 0
        self._watch = self.loop.call_later(wait, self._look)

    def on_headers_complete(self) -> None:
        """A request is known; it may have to wait for those before it."""
        super().on_headers_complete()
        if self.cycle is not None:  # None for a request to change the protocol
            self._cycles.add(self.cycle)

    def on_message_begin(self) -> None:
        """A new request on the connection, which a plan may want to break."""
        self._head = 0
        self._unfinished = True
        super().on_message_begin()
        own = cast("dict[str, Any]", self.scope)  # these are not ASGI's
        own[TRANSPORT_KEY], own[GONE_KEY] = self.transport, self._gone

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

    def _part(self) -> None:
        if self.transport.is_closing():
            self.transport.abort()

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > LONGEST_HEAD:
            raise httptools.HttpParserError("the head of the request is too long")
