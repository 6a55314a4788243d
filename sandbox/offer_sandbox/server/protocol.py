"""HTTP/1.1 on one connection: requests, responses in the same order, and time limits for silent clients."""

import asyncio
import select
import socket
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

import httptools

from offer_sandbox.contract.http import MAX_BODY_BYTES
from offer_sandbox.server.application import Answer
from offer_sandbox.server.delivery import AnswerSender, NobodyWaits
from offer_sandbox.server.framing import MalformedRequest, RequestFramer
from offer_sandbox.server.incoming import MAX_DRAINED, Headers, Incoming
from offer_sandbox.server.tunnels import workspace_of_proxy
from offer_sandbox.server.unreadable import Unreadable, incoming_of
from offer_sandbox.server.wire import BrokenHeader, is_bodiless

if TYPE_CHECKING:
    from offer_sandbox.server.server import Listener

PATIENCE_SECONDS = 60.0
_FAREWELL_SECONDS = 1.0
_REFUSAL_SECONDS = 2.0  # for a client that is still sending to read why its request was refused
_UNFINISHED_SECONDS = 3.0  # for a client to send the rest of its request when the server shuts down
_MAX_DISCARDED = 64 * 1024 * 1024
_MAX_PIPELINED = 16
_MAX_AT_ONCE = 16  # responses to one client before other clients get their turn
_FRAMING = frozenset((b"host", b"content-length", b"transfer-encoding", b"expect"))
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CONNECTED = b"HTTP/1.1 200 Connection Established\r\n\r\n"
_WORKSPACE = b"x-sandbox-workspace"


class _UnknownCoding(MalformedRequest):
    status = 501


class _TunnelAsked(Exception):
    """A CONNECT request. The message is its authority."""


class _UnknownVersion(MalformedRequest):
    status = 505


class HttpProtocol(asyncio.Protocol):
    """Reads requests through a `RequestFramer`, at most sixteen ahead of their responses.

    Rejects an unreadable request with the status of its error: 400 by default, 431 if its head is too long. Closes
    the connection if the client is silent for a minute in the middle of a request, or for the keep-alive time
    between requests.

    With a `workspace`, requests that name none in `X-Sandbox-Workspace` belong to it, whatever their credential.

    A client that shuts down its sending side still gets its responses. `lost` is set when the connection is
    closed. `left` is also set when the client stops sending, which ends waits for an event.
    """

    _transport: Any  # asyncio's declared type lacks the methods of a socket transport
    _parser: Any
    _framer: RequestFramer
    _watch: asyncio.TimerHandle | None = None

    def __init__(self, listener: "Listener", workspace: bytes = b"") -> None:
        self._listener = listener
        self._workspace = workspace
        self._loop = listener.loop
        self.lost = asyncio.Event()
        self.left = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._queue: deque[Incoming] = deque()
        self._answering: Incoming | None = None
        self._begun = False  # whether any request has been complete
        self._heard = 0.0
        self._unread = 0  # size of the write buffer at the last check that saw it shrink
        self._unread_since = 0.0
        self._in_request = False  # whether the parser is inside a request
        self._reading: Incoming | None = None  # the request whose body is being read
        self._url = b""
        self._headers: Headers = []
        self._refusal: Unreadable | None = None
        self._refusing = False  # whether the refusal is being made
        self._last = False  # the connection ends after the request that was read last
        self._ended = False  # the client has stopped sending
        self._paused = False
        self._discarded = 0

    # Callbacks of asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Creates the parser of a new connection and starts to measure the client's silence."""
        self._transport = transport
        self._framer = RequestFramer()
        self._parser = httptools.HttpRequestParser(self)
        # a request that closes the connection may be followed by others in the same packet
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._client = _address(transport.get_extra_info("peername"), ("", 0))
        self._server = _address(transport.get_extra_info("sockname"), ("127.0.0.1", 0))
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._listener.connections.add(self)
        self._hear()
        self._watch = self._loop.call_later(self._patience(), self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Removes the connection and wakes everything that waits for it or writes to it."""
        self._listener.connections.discard(self)
        self._listener.closed()
        self.lost.set()
        self.left.set()
        self._writable.set()
        for request in (*self._queue, *([self._reading] if self._in_request and self._reading else [])):
            self._listener.release(request)
        self._queue.clear()
        if self._watch is not None:
            self._watch.cancel()

    def data_received(self, data: bytes) -> None:
        """Reads the next bytes from the client."""
        self._heard = self._loop.time()
        if self._refusal or self._last:
            self._discard(data)
            return
        self._framer.feed(data)
        self._parse()

    def eof_received(self) -> bool:
        """Notes that the client has stopped sending.

        Keeps the connection open until every request has its response, if the transport supports that. A TLS
        transport does not.
        """
        self._ended = True
        self.left.set()
        busy = not self._idle or self._framer.waiting or self._refusing
        return busy and bool(self._transport.can_write_eof())

    def pause_writing(self) -> None:
        """Pauses responses because the client reads more slowly than the server writes."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Continues once the client has caught up."""
        self._writable.set()
        self._go_on()

    # Reading

    def _parse(self) -> None:
        """Parses the bytes that have arrived and answers their requests.

        Stops when the queue is full or when other clients should get their turn.
        """
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
        """Pauses reading while requests that were read wait for earlier ones, and resumes it afterwards."""
        hold = (bool(self._queue) or self._framer.waiting) and not (self._refusal or self._last or self._ended)
        if hold == self._paused or self._transport.is_closing():
            return
        self._paused = hold
        if hold:
            self._transport.pause_reading()
        else:
            self._hear()  # the client could not send anything in the meantime
            self._transport.resume_reading()

    def _go_on(self) -> None:
        """Continues with the requests that had to wait."""
        if self._transport.is_closing():
            return
        self._answer_next()
        if not (self._refusal or self._last):
            self._parse()
        self._end_if_done()

    # Callbacks of the parser

    def on_message_begin(self) -> None:
        """Starts a new request."""
        self._in_request = True
        self._reading = None
        self._url = b""
        self._headers = []

    def on_url(self, url: bytes) -> None:
        """Adds a part of the request target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Adds a header. Trailers are not merged into the headers (RFC 9110 6.5.1)."""
        if self._reading is None:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Creates and checks a request once its head is complete."""
        version = self._parser.get_http_version()
        method = self._parser.get_method().decode("ascii")
        target = self._url
        if method == "CONNECT":
            raise _TunnelAsked(target.decode("latin-1"))
        parts = httptools.parse_url(target)
        if parts.path is None:
            target += b"/"  # RFC 9112 3.2.2: `http://host` without a path means its root
            parts = httptools.parse_url(target)
        if self._framer.upgrades:
            self._headers += [(b"upgrade", value) for value in self._framer.upgrades]
        if self._workspace and not any(name.lower() == _WORKSPACE for name, _ in self._headers):
            self._headers.append((_WORKSPACE, self._workspace))
        keep_alive = version != "1.0" and self._parser.should_keep_alive()
        request = Incoming(method, target, parts.path, parts.query or b"", version, self._headers, keep_alive)
        request.client, request.server, request.scheme = self._client, self._server, self._scheme
        length = self._check_head(request)
        self._listener.proxies.resolve(request)
        self._reading = request
        self._expect_body(request, length)

    def _expect_body(self, request: Incoming, length: int | None) -> None:
        """Prepares for the body, whose announced length is None if it is chunked. Asks the client for it if it
        waits for that, or answers the request without it."""
        large = bool(length and length > request.maximum and request.has_records)
        refused = large and not self._listener.admit_large(request) and request.expects_continue
        if length is None or length:
            self._framer.expect_body(length)
        else:
            request.unframed = True
        if length and (refused or length > request.maximum + MAX_DRAINED):  # do not wait for such a body
            request.length, request.declined = length, True
            self._whole(request)
        elif request.expects_continue and self._idle:
            self._transport.write(_CONTINUE)
            request.expects_continue = False

    def on_body(self, body: bytes) -> None:
        """Adds a piece of the request body."""
        request = self._reading
        if request is not None and not self._last:
            if request.length <= MAX_BODY_BYTES < request.length + len(body) and request.has_records:
                self._listener.admit_large(request)
            request.add(body)
            if request.beyond:
                self._whole(request)

    def on_message_complete(self) -> None:
        """Queues the complete request. The client may be silent while it waits for the response."""
        self._in_request = False
        request = self._reading
        if request is None or self._last:
            return
        if not self._parser.should_keep_alive():  # a trailer may have turned this off
            request.keep_alive = False
        # Node sends the body of a GET without announcing it. The client would take a refusal of that body for the
        # response to its next request.
        if request.unframed and self._framer.strays:
            request.stray, request.keep_alive = True, False
            self._listener.strayed(request)
        self._last = not request.keep_alive
        self._whole(request)

    def _whole(self, request: Incoming) -> None:
        """Adds a request to the queue of requests to answer."""
        if request.beyond or self._listener.ending:
            request.keep_alive, self._last = False, True
        self._begun = True
        self._queue.append(request)

    def _check_head(self, request: Incoming) -> int | None:
        """Returns the announced length of the body, or None for a chunked body.

        Raises MalformedRequest for errors that the parser does not detect.
        """
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
                        raise _UnknownCoding("Transfer-Encoding must be chunked (RFC 9112 6.1)")
                case b"expect":
                    # RFC 9110 10.1.1: ignored in HTTP/1.0
                    request.expects_continue = value.lower() == b"100-continue" and request.version == "1.1"
        if request.version not in ("1.0", "1.1"):
            raise _UnknownVersion(f"HTTP version {request.version} is not supported (use 1.1)")
        if hosts > 1 or (hosts == 0 and request.version == "1.1"):
            raise MalformedRequest(f"a request must have one Host header, not {hosts} (RFC 9112 3.2)")
        return None if chunked else length

    # Responses

    @property
    def _idle(self) -> bool:
        return self._answering is None and not self._queue

    def _answer_next(self) -> None:
        """Answers the queued requests in order, until a response takes time or the client does not read."""
        while self._queue and self._answering is None and self._writable.is_set() and not self.lost.is_set():
            request = self._queue.popleft()
            self._answering = request
            if self._listener.waits(request):
                self._listener.start(self._respond(request))
                return
            answer = self._listener.answer(request)
            if answer.delivery.at_once:
                self.write_whole(request, answer)
                self._done(request)
            else:
                self._listener.start(self._deliver(request, answer))

    async def _respond(self, request: Incoming) -> None:
        """Sends a response that may have to wait for the store."""
        answer = await self._listener.respond(request)
        if not answer.delivery.at_once:
            await self._deliver(request, answer)
        elif self.lost.is_set():
            self._listener.release(request)
        else:
            self.write_whole(request, answer)
            self._done(request)
            self._go_on()

    async def _deliver(self, request: Incoming, answer: Answer) -> None:
        """Sends a response that takes time: after its delay, in pieces, or with a broken connection."""
        try:
            await AnswerSender(request, self, self._listener).deliver(answer)
        except NobodyWaits:
            self._listener.release(request)
            self._transport.abort()
            return
        self._done(request)
        self._go_on()

    def write_whole(self, request: Incoming, answer: Answer) -> None:
        """Writes a complete response."""
        bodiless = is_bodiless(request.method, answer.status)
        self.write_head(request, answer.status, answer.headers, b"" if bodiless else answer.payload)

    def write_head(self, request: Incoming, status: int, headers: Headers, body: bytes = b"") -> None:
        """Writes a status line and headers, with `body` in the same packet.

        If a header cannot be sent, logs that and writes a 500 response instead.
        """
        try:
            self._transport.write(self._listener.head(status, headers, close=not request.keep_alive) + body)
        except BrokenHeader:
            self._listener.failed("a response has a header that cannot be sent")
            self._transport.write(self._listener.broken_answer)
            request.keep_alive = False

    def write(self, data: bytes) -> None:
        """Writes more of a response."""
        self._transport.write(data)

    async def drained(self) -> None:
        """Waits until the client has read enough for more to be written."""
        await self._writable.wait()

    def _done(self, request: Incoming) -> None:
        """Finishes a response. Sends the pending refusal if that is next."""
        self._answering = None
        self._listener.release(request)
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
        """Closes the connection if the client has stopped sending and every request has its response."""
        if self._ended and self._idle and not (self._framer.waiting or self._refusing):
            self._close()

    # Tunnels

    def _tunnel(self, authority: str) -> None:
        """Answers a CONNECT request and treats its socket as a new connection to the sandbox itself."""
        try:
            self._listener.tunnels.check(authority, self._scheme == "https")
            if not self._idle or self._framer.waiting:
                raise MalformedRequest("CONNECT must be the only pending request, with no bytes after it")
        except MalformedRequest as error:
            self._refuse(error)
            return
        self._transport.write(_CONNECTED)
        same = self._transport.get_extra_info("socket").dup()
        self._last = True
        self._transport.abort()
        self._listener.admit(same, workspace_of_proxy(self._headers))

    # Refusals

    def _refuse(self, error: MalformedRequest, piece: bytes = b"") -> None:
        """Stops reading requests and refuses this one after the responses to earlier ones.

        `piece` is the last piece that was read. If the head is unreadable, it is that head.
        """
        self._listener.refused(self._client[0], error.status, str(error))
        request = self._reading if self._in_request else None
        if request is not None and request.has_records:
            self._listener.release(request)
        if request is None and piece and (request := incoming_of(piece)) is not None:
            request.client, request.server, request.scheme = self._client, self._server, self._scheme
        self._refusal = Unreadable(error, request)
        self._in_request = False
        self._reading = None
        if self._idle:
            self._send_refusal()

    def _send_refusal(self) -> None:
        if self._transport.is_closing() or self._refusal is None or self._refusing:
            return
        if self._listener.parking.threads is None:
            self._write_refusal(self._listener.refusal(self._refusal))
        else:
            self._refusing = True
            self._listener.start(self._refuse_later(self._refusal))

    async def _refuse_later(self, refusal: Unreadable) -> None:
        refused = await self._listener.parking.done(partial(self._listener.refusal, refusal))
        if not self._transport.is_closing():
            self._write_refusal(refused)

    def _write_refusal(self, refusal: bytes) -> None:
        self._transport.write(refusal)
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
        """Closes the connection immediately. Data that was already written may be lost."""
        self._transport.abort()

    def reset(self) -> None:
        """Closes the connection with RST."""
        raw = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()

    def close(self) -> None:
        """Closes the connection after sending the data that was already written."""
        self._close()

    def _close(self) -> None:
        if not self._transport.is_closing():
            self._transport.close()

    def shutdown(self) -> None:
        """Closes the connection when the server shuts down. Complete requests still get their responses.

        Over TLS, closing would wait for a reply that idle clients do not send. A connection that is still closing
        after a second is therefore aborted.
        """
        pending = [*([self._answering] if self._answering else []), *self._queue]
        if pending and not self._in_request:
            pending[-1].keep_alive, self._last = False, True
        elif not pending and not self._in_request:
            self._close()  # asyncio's TLS cannot abort a connection that was closed twice
        if self._scheme == "https":
            self._loop.call_later(_FAREWELL_SECONDS, self._part)
        self._loop.call_later(_UNFINISHED_SECONDS, self._give_up_unfinished)

    def _give_up_unfinished(self) -> None:
        if self._in_request or self._framer.in_head:
            self._transport.abort()

    def _part(self) -> None:
        if self._transport.is_closing():
            self._transport.abort()

    # Silence of the client

    def _hear(self) -> None:
        """Restarts the measurement of the client's silence."""
        self._heard = self._loop.time()

    def _unfinished(self) -> bool:
        """Returns whether a request is incomplete.

        A new connection counts as incomplete, because the client opened it to send a request.
        """
        return self._in_request or self._framer.in_head or not self._begun

    def _patience(self) -> float:
        """Returns for how many seconds the client may be silent now."""
        return PATIENCE_SECONDS if self._unfinished() else self._listener.keep_alive_seconds

    def _left_unseen(self) -> bool:
        """Returns whether the client has closed the connection while reading is paused, which hides its end."""
        ended = getattr(select, "POLLRDHUP", 0)  # Linux only
        if not ended:
            return False
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), ended)
        return bool(poll.poll(0))

    def _look(self) -> None:
        """Closes the connection if the client has been inactive for too long.

        A client is inactive if it is silent in the middle of a request, does not read its response, or is idle
        between requests.
        """
        if self._paused and self._left_unseen():
            self._transport.abort()
            return
        if self._paused or not self._idle:
            self._hear()  # the client cannot send, or waits for a response
        left = self._heard + self._patience() - self._loop.time()
        if self._reads_no_more():
            self._listener.given_up(self._client[0])
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
        """Returns whether the client has read nothing of its responses for a minute."""
        unread, now = self._transport.get_write_buffer_size(), self._loop.time()
        if not unread or unread < self._unread or not self._unread:
            self._unread, self._unread_since = unread, now
        return unread > 0 and now - self._unread_since >= PATIENCE_SECONDS


_RESET_ON_CLOSE = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # SO_LINGER on with zero seconds: closing sends RST


def _address(found: Any, otherwise: tuple[str, int]) -> tuple[str, int]:
    """Returns the host and port of a socket's name, or `otherwise` if it has none."""
    return (str(found[0]), int(found[1])) if isinstance(found, tuple) else otherwise


def _reason(error: Exception) -> MalformedRequest:
    """Returns the error of our own check if that failed inside the parser, otherwise the error of the parser."""
    cause = error.__context__
    if isinstance(cause, MalformedRequest):
        return cause
    if isinstance(cause, httptools.HttpParserInvalidURLError):
        return MalformedRequest("the request target is not valid")
    return MalformedRequest(str(error) or "the request is not valid HTTP")
