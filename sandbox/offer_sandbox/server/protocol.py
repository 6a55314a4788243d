"""HTTP/1.1 on one connection: requests in, answers out in their order, and bounds on a client's silence."""

import asyncio
import select
import socket
from collections import deque
from typing import TYPE_CHECKING, Any

import httptools

from offer_sandbox.server.application import Answer
from offer_sandbox.server.delivery import AnswerSender, NobodyWaits
from offer_sandbox.server.framing import MalformedRequest, RequestFramer
from offer_sandbox.server.incoming import MAX_DRAINED, Headers, Incoming
from offer_sandbox.server.unreadable import Unreadable, incoming_of
from offer_sandbox.server.wire import BrokenHeader, is_bodiless

if TYPE_CHECKING:
    from offer_sandbox.server.server import Listener

PATIENCE_SECONDS = 60.0
_FAREWELL_SECONDS = 1.0
_REFUSAL_SECONDS = 2.0  # for a client that still sends to read why its request was refused
_UNFINISHED_SECONDS = 3.0  # for a client to send the rest of its request when the server ends
_MAX_DISCARDED = 64 * 1024 * 1024
_MAX_PIPELINED = 16
_MAX_AT_ONCE = 16  # answers to one client before others have their turn
_FRAMING = frozenset((b"host", b"content-length", b"transfer-encoding", b"expect"))
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CONNECTED = b"HTTP/1.1 200 Connection Established\r\n\r\n"


class _UnknownCoding(MalformedRequest):
    status = 501


class _TunnelAsked(Exception):
    """CONNECT to the authority."""


class _UnknownVersion(MalformedRequest):
    status = 505


class HttpProtocol(asyncio.Protocol):
    """Reads requests through a `RequestFramer`, at most sixteen ahead of their answers. Refuses a request that
    cannot be read with 400, or with 431 if its head is too long. Closes the connection of a client that is silent
    for a minute in the middle of a request, or for as long as a connection is kept between requests.

    A client that shuts its sending side gets every answer to what it has sent. `lost` is set when the connection
    is gone, `left` also when the client says no more, which ends what waits for something to happen.
    """

    _transport: Any  # asyncio's, whose own type leaves out what one of a socket has
    _parser: Any
    _framer: RequestFramer
    _watch: asyncio.TimerHandle | None = None

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._loop = listener.loop
        self.lost = asyncio.Event()
        self.left = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._queue: deque[Incoming] = deque()
        self._answering: Incoming | None = None
        self._begun = False  # whether any request has been whole
        self._heard = 0.0
        self._unread = 0  # bytes of answers that the client had not taken at the last look that saw some go
        self._unread_since = 0.0
        self._in_request = False  # what the parser believes
        self._reading: Incoming | None = None  # the request whose body is being read
        self._url = b""
        self._headers: Headers = []
        self._refusal: Unreadable | None = None
        self._last = False  # after the request that was read last, the connection ends
        self._ended = False  # the client has sent all that it will
        self._paused = False
        self._discarded = 0

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = transport
        self._framer = RequestFramer()
        self._parser = httptools.HttpRequestParser(self)
        # a request that closes the connection may have others behind it in the same packet
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._client = _address(transport.get_extra_info("peername"), ("", 0))
        self._server = _address(transport.get_extra_info("sockname"), ("127.0.0.1", 0))
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._listener.connections.add(self)
        self._hear()
        self._watch = self._loop.call_later(self._patience(), self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone; what waits for it, or writes to it, is told."""
        self._listener.connections.discard(self)
        self._listener.closed()
        self.lost.set()
        self.left.set()
        self._writable.set()
        self._queue.clear()
        if self._watch is not None:
            self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """Reads the next bytes of the client."""
        self._heard = self._loop.time()
        if self._refusal or self._last:
            self._discard(data)
            return
        self._framer.feed(data)
        self._parse()

    def eof_received(self) -> bool:
        """The client sends no more. What it has sent is answered, as long as the transport can do that (over TLS
        it cannot)."""
        self._ended = True
        self.left.set()
        busy = self._answering is not None or bool(self._queue) or self._framer.waiting
        return busy and bool(self._transport.can_write_eof())

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._writable.set()
        self._go_on()

    # Reading

    def _parse(self) -> None:
        """Parses what has arrived and answers it, until so many requests wait that no other one may, or others
        should have their turn."""
        answered, piece = self._listener.answered, b""
        try:
            while not self._last and len(self._queue) < _MAX_PIPELINED:
                piece = b""
                piece = self._framer.next_piece()
                if not piece:
                    break
                self._parser.feed_data(piece)
                if self._in_request != self._framer.in_body:
                    raise MalformedRequest("the end of the request is ambiguous")
                self._answer_next()
                if self._listener.answered - answered >= _MAX_AT_ONCE and self._framer.waiting:
                    self._loop.call_soon(self._go_on)
                    break
        except MalformedRequest as error:
            self._refuse(error, piece)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            asked = error.__context__
            if isinstance(asked, _TunnelAsked):
                self._tunnel(str(asked))
            else:
                self._refuse(_reason(error), piece)
        self._pace()

    def _pace(self) -> None:
        """Reads no more while requests that were read wait for those before them."""
        hold = (bool(self._queue) or self._framer.waiting) and not (self._refusal or self._last or self._ended)
        if hold == self._paused or self._transport.is_closing():
            return
        self._paused = hold
        if hold:
            self._transport.pause_reading()
        else:
            self._hear()  # it could not say anything meanwhile
            self._transport.resume_reading()

    def _go_on(self) -> None:
        """Takes up again what had to wait."""
        if self._transport.is_closing():
            return
        self._answer_next()
        if not (self._refusal or self._last):
            self._parse()
        self._end_if_done()

    # What the parser calls

    def on_message_begin(self) -> None:
        """A new request."""
        self._in_request = True
        self._reading = None
        self._url = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        """A part of its target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header. Trailers are not merged into the headers (RFC 9110 6.5.1)."""
        if self._reading is None:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole."""
        version = self._parser.get_http_version()
        method = self._parser.get_method().decode("ascii")
        target = self._url
        if method == "CONNECT":
            raise _TunnelAsked(target.decode("latin-1"))
        parts = httptools.parse_url(target)
        if parts.path is None:
            target += b"/"  # RFC 9112 3.2.2: `http://host` alone means its root
            parts = httptools.parse_url(target)
        if self._framer.upgrades:
            self._headers += [(b"upgrade", value) for value in self._framer.upgrades]
        keep_alive = version != "1.0" and self._parser.should_keep_alive()
        request = Incoming(method, target, parts.path, parts.query or b"", version, self._headers, keep_alive)
        request.client, request.server, request.scheme = self._client, self._server, self._scheme
        length = self._check_head(request)
        self._listener.proxies.resolve(request)
        self._reading = request
        if length is None or length:
            self._framer.expect_body(length)
        else:
            request.unframed = True
        if length and length > request.maximum + MAX_DRAINED:  # it is not waited for
            request.length = length
            self._whole(request)
        elif request.expects_continue and self._idle:
            self._transport.write(_CONTINUE)
            request.expects_continue = False

    def on_body(self, body: bytes) -> None:
        """A piece of its body."""
        request = self._reading
        if request is not None and not self._last:
            request.add(body)
            if request.beyond:
                self._whole(request)

    def on_message_complete(self) -> None:
        """It is whole; how long its answer takes is our affair."""
        self._in_request = False
        request = self._reading
        if request is None or self._last:
            return
        if not self._parser.should_keep_alive():  # a trailer may have said so
            request.keep_alive = False
        if request.unframed and self._framer.strays:  # Node sends the body of a GET so, and a refusal of it would
            request.stray, request.keep_alive = True, False  # pass for the answer to the client's next request
            self._listener.strayed(request)
        self._last = not request.keep_alive
        self._whole(request)

    def _whole(self, request: Incoming) -> None:
        """Puts a request among those that are to be answered."""
        if request.beyond or self._listener.ending:
            request.keep_alive, self._last = False, True
        self._begun = True
        self._queue.append(request)

    def _check_head(self, request: Incoming) -> int | None:
        """How long the body is to be, None for one in chunks. Raises MalformedRequest for what the parser lets
        pass."""
        hosts, length, chunked = 0, 0, False
        for raw_name, value in request.headers:
            name = raw_name.lower()
            if name not in _FRAMING:
                continue
            match name:
                case b"host":
                    hosts += 1
                case b"content-length":
                    length = int(value)
                case b"transfer-encoding":
                    chunked = True
                    if value.lower() != b"chunked":
                        raise _UnknownCoding("the only transfer coding that is read is chunked (RFC 9112 6.1)")
                case b"expect":
                    # RFC 9110 10.1.1: ignored in HTTP/1.0
                    request.expects_continue = value.lower() == b"100-continue" and request.version == "1.1"
        if request.version not in ("1.0", "1.1"):
            raise _UnknownVersion(f"version {request.version} of HTTP is not supported, 1.1 is")
        if hosts > 1 or (hosts == 0 and request.version == "1.1"):
            raise MalformedRequest(f"a request has one Host header, not {hosts} (RFC 9112 3.2)")
        return None if chunked else length

    # Answering

    @property
    def _idle(self) -> bool:
        return self._answering is None and not self._queue

    def _answer_next(self) -> None:
        """Answers what is in turn, one after the other, until one takes its time or the client does not read."""
        while self._queue and self._answering is None and self._writable.is_set() and not self.lost.is_set():
            request = self._queue.popleft()
            self._answering = request
            answer = self._listener.answer(request)
            if answer.delivery.at_once:
                self.write_whole(request, answer)
                self._done(request)
            else:
                self._listener.start(self._deliver(request, answer))

    async def _deliver(self, request: Incoming, answer: Answer) -> None:
        """Sends an answer that is not sent at once: after its delay, in pieces, or as a connection that breaks."""
        try:
            await AnswerSender(request, self, self._listener).deliver(answer)
        except NobodyWaits:
            self._transport.abort()
            return
        self._done(request)
        self._go_on()

    def write_whole(self, request: Incoming, answer: Answer) -> None:
        """Writes an answer as it is."""
        bodiless = is_bodiless(request.method, answer.status)
        self.write_head(request, answer.status, answer.headers, b"" if bodiless else answer.payload)

    def write_head(self, request: Incoming, status: int, headers: Headers, body: bytes = b"") -> None:
        """Writes a status line and headers, and what there is of the body in the same packet. What cannot be a
        header becomes 500, and is logged."""
        try:
            self._transport.write(self._listener.head(status, headers, close=not request.keep_alive) + body)
        except BrokenHeader:
            self._listener.failed("an answer has a header that cannot be sent")
            self._transport.write(self._listener.broken_answer)
            request.keep_alive = False

    def write(self, data: bytes) -> None:
        """Writes more of an answer."""
        self._transport.write(data)

    async def drained(self) -> None:
        """Waits until the client has read enough."""
        await self._writable.wait()

    def _done(self, request: Incoming) -> None:
        """An answer has been sent; the next one in turn may be a refusal."""
        self._answering = None
        self._listener.answered += 1
        self._heard = self._loop.time()
        if not request.keep_alive:
            self._close()
            return
        waiting = self._reading
        if waiting is not None and self._in_request and waiting.expects_continue and not self._queue:
            self._transport.write(_CONTINUE)
            waiting.expects_continue = False
        if self._refusal and self._idle:
            self._send_refusal()
        self._end_if_done()

    def _end_if_done(self) -> None:
        """Closes the connection when all is answered that the client, or the server, would have."""
        if self._ended and self._idle and not self._framer.waiting:
            self._close()

    # Tunnels

    def _tunnel(self, authority: str) -> None:
        """Answers CONNECT: what follows is a connection to the sandbox itself, as if the client had just come."""
        try:
            self._listener.tunnels.check(authority, self._scheme == "https")
            if not self._idle or self._framer.waiting:
                raise MalformedRequest(
                    "CONNECT is sent alone: nothing before it is unanswered, nothing follows it"
                )
        except MalformedRequest as error:
            self._refuse(error)
            return
        self._transport.write(_CONNECTED)
        same = self._transport.get_extra_info("socket").dup()
        self._last = True
        self._transport.abort()
        self._listener.admit(same)

    # Refusing

    def _refuse(self, error: MalformedRequest, piece: bytes = b"") -> None:
        """Reads no further request, and answers this one after those before it. `piece` is what was read last: the
        head of the request, where that is what cannot be read."""
        self._listener.refused(self._client[0], error.status, str(error))
        request = self._reading if self._in_request else None
        if request is None and piece and (request := incoming_of(piece)) is not None:
            request.client, request.server, request.scheme = self._client, self._server, self._scheme
        self._refusal = Unreadable(error, request)
        self._in_request = False
        self._reading = None
        if self._idle:
            self._send_refusal()

    def _send_refusal(self) -> None:
        if self._transport.is_closing() or self._refusal is None:
            return
        self._transport.write(self._listener.refusal(self._refusal))
        if not self._transport.can_write_eof() or self._ended:
            self._close()
            return
        self._transport.write_eof()  # closing while the client still sends would lose the refusal
        self._pace()
        self._loop.call_later(_REFUSAL_SECONDS, self._transport.abort)

    def _discard(self, data: bytes) -> None:
        self._discarded += len(data)
        if self._discarded > _MAX_DISCARDED:
            self._transport.abort()

    # Ending

    def abort(self) -> None:
        """Ends the connection at once; what was written may be lost."""
        self._transport.abort()

    def reset(self) -> None:
        """Ends the connection with RST."""
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()

    def close(self) -> None:
        """Ends the connection after what was written."""
        self._close()

    def _close(self) -> None:
        if not self._transport.is_closing():
            self._transport.close()

    def shutdown(self) -> None:
        """The server ends: what is whole is answered. Over TLS a client that says nothing more would be waited
        for, as idle ones do."""
        pending = [*([self._answering] if self._answering else []), *self._queue]
        if pending and not self._in_request:
            pending[-1].keep_alive, self._last = False, True
        elif not pending and not self._in_request:
            self._close()  # closed a second time, asyncio's TLS could not abort it any more
        if self._scheme == "https":
            self._loop.call_later(_FAREWELL_SECONDS, self._part)
        self._loop.call_later(_UNFINISHED_SECONDS, self._give_up_unfinished)

    def _give_up_unfinished(self) -> None:
        if self._in_request or self._framer.in_head:
            self._transport.abort()

    def _part(self) -> None:
        if self._transport.is_closing():
            self._transport.abort()

    # A client's silence

    def _hear(self) -> None:
        """The client's silence begins at this moment."""
        self._heard = self._loop.time()

    def _unfinished(self) -> bool:
        """Whether a request has begun, or the first one has not, which a connection is for."""
        return self._in_request or self._framer.in_head or not self._begun

    def _patience(self) -> float:
        """How long the client may say nothing now."""
        return PATIENCE_SECONDS if self._unfinished() else self._listener.keep_alive_seconds

    def _left_unseen(self) -> bool:
        """Whether the client has closed a connection that is not read, so that its end cannot be read either."""
        ended = getattr(select, "POLLRDHUP", 0)  # Linux
        if not ended:
            return False
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), ended)
        return bool(poll.poll(0))

    def _look(self) -> None:
        """Gives a client up that has begun a request and says no more, that reads no more of an answer, or that is
        idle for too long."""
        if self._paused and self._left_unseen():
            self._transport.abort()
            return
        if self._paused or not self._idle:
            self._hear()  # it cannot say anything, or waits for us
        left = self._heard + self._patience() - self._loop.time()
        if self._reads_no_more():
            self._transport.abort()
            return
        if left <= 0 and (self._unfinished() or self._transport.is_closing()):
            self._transport.abort()
            return
        if left <= 0:
            self._close()
            self._hear()
        self._watch = self._loop.call_later(min(max(left, 0.05), PATIENCE_SECONDS), self._look)

    def _reads_no_more(self) -> bool:
        """Whether the client has taken nothing of its answers for a minute."""
        unread, now = self._transport.get_write_buffer_size(), self._loop.time()
        if not unread or unread < self._unread or not self._unread:
            self._unread, self._unread_since = unread, now
        return unread > 0 and now - self._unread_since >= PATIENCE_SECONDS


_RESET_ON_CLOSE = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # SO_LINGER: on, no time: closing sends RST


def _address(found: Any, otherwise: tuple[str, int]) -> tuple[str, int]:
    """The host and port of a socket's name."""
    return (str(found[0]), int(found[1])) if isinstance(found, tuple) else otherwise


def _reason(error: Exception) -> MalformedRequest:
    """Why a request cannot be read: by our own check where that failed within the parser, else by the parser's."""
    cause = error.__context__
    if isinstance(cause, MalformedRequest):
        return cause
    if isinstance(cause, httptools.HttpParserInvalidURLError):
        return MalformedRequest("the request target is not valid")
    return MalformedRequest(str(error) or "the request is not valid HTTP")
