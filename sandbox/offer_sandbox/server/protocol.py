"""uvicorn's HTTP protocol, with bounds on the head of a request and on a client's silence."""

import asyncio
import select
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from offer_sandbox.contract.errors import MEDIA_TYPE, ProblemDetailsError
from offer_sandbox.server.delivery import TRANSPORT_KEY
from offer_sandbox.server.framing import MalformedRequest, RequestFramer
from offer_sandbox.server.waiting import GONE_KEY
from offer_sandbox.world.json_codec import dump

PATIENCE_SECONDS = 60.0
_FAREWELL_SECONDS = 1.0
_REFUSAL_SECONDS = 2.0  # for a client that still sends to read why its request was refused
_UNFINISHED_SECONDS = 3.0  # for a client to send the rest of its request when the server ends
_MAX_DISCARDED = 64 * 1024 * 1024
_MAX_PIPELINED = 16
_PROBLEMS = {
    400: (b"Bad Request", "malformed-request", "Malformed request"),
    431: (b"Request Header Fields Too Large", "head-too-large", "Request header fields too large"),
    501: (b"Not Implemented", "not-implemented", "Not implemented"),
    505: (b"HTTP Version Not Supported", "version-not-supported", "HTTP version not supported"),
}


class _UnknownCoding(MalformedRequest):
    status = 501


class _UnknownVersion(MalformedRequest):
    status = 505


def _refusal(status: int, reason: str) -> bytes:
    """A whole answer: a problem document (RFC 9457), after which the connection ends."""
    phrase, kind, title = _PROBLEMS[status]
    body = dump(ProblemDetailsError(status, kind, title, reason).document())
    return (
        b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\nx-sandbox-reason: %s\r\ncontent-length: %d\r\n"
        b"connection: close\r\n\r\n%s"
    ) % (status, phrase, MEDIA_TYPE.encode(), reason.encode(), len(body), body)


class _Flow(FlowControl):
    """uvicorn's flow control. While `held`, no request resumes reading. `resumed` is called when reading
    resumes."""

    held = False

    def __init__(self, transport: asyncio.Transport, resumed: Callable[[], None]) -> None:
        super().__init__(transport)
        self._resumed = resumed

    def resume_reading(self) -> None:
        if self.read_paused and not self.held:
            self._resumed()
            super().resume_reading()


class BoundedProtocol(HttpToolsProtocol):
    """Reads requests through a `RequestFramer`, at most sixteen ahead of their answers. Rejects a request that
    cannot be read with 400, or with 431 if its head is too long. Closes the connection of a client that is silent
    for a minute in the middle of a request."""

    _unfinished = True  # a request that has begun, or the first one, which a connection is for
    _heard = 0.0
    _unread = 0  # bytes of answers that the client had not taken a minute ago
    _watch: asyncio.TimerHandle | None = None
    _gone: asyncio.Event
    _cycles: weakref.WeakSet[RequestResponseCycle]
    _framer: RequestFramer
    _flow: _Flow
    _in_request = False  # what the parser believes
    _current: RequestResponseCycle | None = None  # of the request that is being read, once its head is known
    _refusal = b""
    _last = False  # after the request that was read last, the connection ends
    _discarded = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """A client has connected."""
        self._gone = asyncio.Event()
        self._cycles = weakref.WeakSet()
        self._framer = RequestFramer()
        super().connection_made(transport)
        self.flow = self._flow = _Flow(transport, self._hear)
        self._hear()
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
        if not self.transport.is_closing():  # closed a second time, asyncio's TLS could not abort it any more
            super().shutdown()
        if self.scheme == "https":
            self.loop.call_later(_FAREWELL_SECONDS, self._part)
        self.loop.call_later(_UNFINISHED_SECONDS, self._give_up_unfinished)

    def data_received(self, data: bytes) -> None:
        """Reads the next bytes of the client."""
        self._hear()
        if self._refusal or self._last:
            self._discard(data)
            return
        self._framer.feed(data)
        self._parse()

    def _parse(self) -> None:
        """Parses what has arrived, until so many requests wait for those before them that no other one may."""
        try:
            while not self._last and len(self.pipeline) < _MAX_PIPELINED and (piece := self._framer.next_piece()):
                self.parser.feed_data(piece)
                if self._in_request != self._framer.in_body:
                    raise MalformedRequest("the end of the request is ambiguous")
        except MalformedRequest as error:
            self._refuse(error)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._refuse(_reason(error))
        answering = self.cycle is not None and not self.cycle.response_complete
        self._unfinished = self._in_request or self._framer.in_head or self.cycle is None
        if self._unfinished or answering:  # else it was an empty line between requests, and the connection is idle
            self._unset_keepalive_if_required()
        self._flow.held = self._framer.waiting and not (self._refusal or self._last)
        if self._flow.held:
            self._flow.pause_reading()

    def on_message_begin(self) -> None:
        """A new request on the connection, which a plan may want to break."""
        self._in_request = True
        self._current = None
        super().on_message_begin()
        own = cast("dict[str, Any]", self.scope)  # these are not ASGI's
        own[TRANSPORT_KEY], own[GONE_KEY] = self.transport, self._gone

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header. Trailers are not merged into the headers (RFC 9110 6.5.1)."""
        if self._current is None:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A request is known; it may have to wait for those before it."""
        self._check_head()
        if not self.url.startswith(b"/") and httptools.parse_url(self.url).path is None:
            self.url += b"/"  # RFC 9112 3.2.2: `http://host` alone means its root
        self.headers += [(b"upgrade", value) for value in self._framer.upgrades]
        super().on_headers_complete()
        self._current = self.cycle
        self._cycles.add(self.cycle)
        lengths = self._values(b"content-length")
        if self._values(b"transfer-encoding"):
            self._framer.expect_body(None)
        elif lengths and int(lengths[0]):
            self._framer.expect_body(int(lengths[0]))

    def on_message_complete(self) -> None:
        """The request is whole; how long its answer takes is our affair."""
        self._in_request = False
        if not self.parser.should_keep_alive() and self._current is not None:  # a trailer may have said so
            self._current.keep_alive = False
            self._last = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer has been sent; the next one in turn may be a refusal."""
        super().on_response_complete()
        if self._refusal:
            self._send_refusal()
        elif self._framer.waiting and not self.transport.is_closing():
            self._flow.held = False
            self._flow.resume_reading()
            self._parse()

    def _check_head(self) -> None:
        """Raises MalformedRequest for what the parser lets pass."""
        version, hosts = self.parser.get_http_version(), len(self._values(b"host"))
        if version not in ("1.0", "1.1"):
            raise _UnknownVersion(f"version {version} of HTTP is not supported, 1.1 is")
        if hosts > 1 or (hosts == 0 and version == "1.1"):
            raise MalformedRequest(f"a request has one Host header, not {hosts} (RFC 9112 3.2)")
        if self.parser.get_method() == b"CONNECT":
            raise MalformedRequest("the server is no proxy: CONNECT is not supported")
        codings = [value.lower() for value in self._values(b"transfer-encoding")]
        if codings not in ([], [b"chunked"]):
            raise _UnknownCoding("the only transfer coding that is read is chunked (RFC 9112 6.1)")
        if version == "1.0":
            self.expect_100_continue = False  # RFC 9110 10.1.1: ignored

    def _values(self, name: bytes) -> list[bytes]:
        return [value for other, value in self.headers if other == name]

    def _refuse(self, error: MalformedRequest) -> None:
        """Reads no further request, and answers this one after those before it."""
        self.logger.warning("refused a request with %d: %s", error.status, error)
        self._refusal = _refusal(error.status, str(error))
        broken = self._current if self._in_request else None
        if broken is not None:
            broken.disconnected = True  # so that nothing is done for it
            broken.message_event.set()
            self.pipeline = deque(each for each in self.pipeline if each[0] is not broken)
            if broken.response_started:
                self._close()
                return
        self._send_refusal()

    def _send_refusal(self) -> None:
        if self.transport.is_closing() or any(
            not (cycle.response_complete or cycle.disconnected) for cycle in self._cycles
        ):
            return
        self.transport.write(self._refusal)
        if not self.transport.can_write_eof():
            self._close()
            return
        self.transport.write_eof()  # closing while the client still sends would lose the refusal
        self.flow.resume_reading()
        self.loop.call_later(_REFUSAL_SECONDS, self.transport.abort)

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _give_up_unfinished(self) -> None:
        if self._in_request:
            self.transport.abort()

    def _discard(self, data: bytes) -> None:
        self._discarded += len(data)
        if self._discarded > _MAX_DISCARDED:
            self.transport.abort()

    def _hear(self) -> None:
        """The client's silence begins at this moment."""
        self._heard = self.loop.time()

    def _left_unseen(self) -> bool:
        """Whether the client has closed a connection that is not read, so that its end cannot be read either."""
        ended = getattr(select, "POLLRDHUP", 0)  # Linux
        if not ended:
            return False
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), ended)
        return bool(poll.poll(0))

    def _look(self) -> None:
        """Gives a client up that has begun a request and says no more, or reads no more of an answer; uvicorn
        watches those between requests."""
        if self.flow.read_paused:
            if self._left_unseen():
                self.transport.abort()
                return
            self._hear()  # it cannot say anything
        left = self._heard + PATIENCE_SECONDS - self.loop.time()
        unread = self.transport.get_write_buffer_size()
        if 0 < self._unread <= unread or (self._unfinished and left <= 0):
            self.transport.abort()
            return
        wait = max(left, 1.0) if self._unfinished and left > 0 else PATIENCE_SECONDS
        self._unread = unread if wait >= PATIENCE_SECONDS else 0
        self._watch = self.loop.call_later(wait, self._look)

    def _part(self) -> None:
        if self.transport.is_closing():
            self.transport.abort()


def _reason(error: Exception) -> MalformedRequest:
    """Why a request cannot be read: by our own check where that failed within the parser, else by the parser's."""
    cause = error.__context__
    if isinstance(cause, MalformedRequest):
        return cause
    if isinstance(cause, httptools.HttpParserInvalidURLError):
        return MalformedRequest("the request target is not valid")
    return MalformedRequest(str(error) or "the request is not valid HTTP")
