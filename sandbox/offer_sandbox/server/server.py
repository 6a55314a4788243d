"""Runs the server until a signal ends it: connections, responses that take time, and the shutdown of both."""

import asyncio
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import formatdate
from functools import partial
from types import FrameType
from typing import Any

from offer_sandbox.contract import Response
from offer_sandbox.contract.errors import MEDIA_TYPE, ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES
from offer_sandbox.server.application import Answer, Application, answer_of
from offer_sandbox.server.descriptors import most_connections, raise_limit
from offer_sandbox.server.garbage import Garbage
from offer_sandbox.server.gate import Gate
from offer_sandbox.server.incoming import STRAY, Headers, Incoming
from offer_sandbox.server.owner import LOOK_SECONDS, Owner
from offer_sandbox.server.protocol import HttpProtocol
from offer_sandbox.server.proxies import TrustedProxies
from offer_sandbox.server.tunnels import Tunnels
from offer_sandbox.server.unreadable import Unreadable
from offer_sandbox.server.waiting import Parking
from offer_sandbox.server.wire import head
from offer_sandbox.world.clock import real_ms

_log = logging.getLogger("offer_sandbox.server")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_WARM_UP_AFTER = 0.5
_KEEP_ALIVE_SECONDS = 75.0
_MAX_LARGE = 8  # large bodies at the same time
_GRACE_SECONDS = 5.0  # for clients that have begun to send a request. Parked responses do not need it.


def run(
    application: Application,
    parking: Parking,
    sockets: list[socket.socket],
    started: Callable[[], None],
    warm_up: Callable[[], None],
    tls: ssl.SSLContext | None = None,
    leash: int | None = None,
    trusted_proxies: Sequence[str] = (),
    max_connections: int | None = None,
    owner: Owner | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM. Requests that are in flight then still get their responses.

    Calls wait in `parking`. `started` is called once connections are accepted. `warm_up` is called half a second
    later in a thread, to import the modules that the first calls would otherwise wait for. With `tls`, HTTPS is
    served in addition to HTTP. A `leash` is a file descriptor that also ends the server when it becomes readable.
    `trusted_proxies` are addresses and networks whose `X-Forwarded-For` and `X-Forwarded-Proto` replace a client's
    address and scheme. At most `max_connections` are open at a time. The default is as many as the file
    descriptors allow, up to 10,000. The server also ends when the process `owner` has ended.
    """

    async def serve() -> None:
        raise_limit()
        connections = max_connections or most_connections()
        tunnels = Tunnels(application.stands_for, tls is not None)
        listener = Listener(application, parking, TrustedProxies(trusted_proxies), tunnels, connections)
        listener.loop.call_later(_WARM_UP_AFTER, listener.warm_up, warm_up)
        if owner is not None:
            listener.end_with(owner)
        await listener.serve(sockets, started, tls, leash)

    # the default event loop of Windows cannot watch a socket
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(serve())


class Listener:
    """The state that the connections of a server share. `answered` is the number of requests answered."""

    def __init__(
        self,
        application: Application,
        parking: Parking,
        proxies: TrustedProxies,
        tunnels: Tunnels,
        max_connections: int,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.parking = parking
        self.proxies = proxies
        self.tunnels = tunnels
        self.connections: set[HttpProtocol] = set()
        self.answered = 0
        self.ending = False
        self._application = application
        self._max_connections = max_connections
        self._gates: list[Gate] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._end = asyncio.Event()
        self._idle = asyncio.Event()
        self._forced = asyncio.Event()
        self._date = b""
        self._date_of = -1
        self._garbage = Garbage()
        self._large: set[Incoming] = set()

    @property
    def keep_alive_seconds(self) -> float:
        """How long a connection stays open between requests, in seconds."""
        return _KEEP_ALIVE_SECONDS

    # Responses

    def answer(self, request: Incoming, resume: Any = None) -> Answer:
        """Returns the response to a request. After an unexpected exception it is a 500 response."""
        try:
            return self._application.answer(request, resume)
        except Exception:
            _log.exception("internal error in the sandbox")
            return _BROKEN
        finally:
            if self._garbage.add(request.length):
                self.loop.call_soon_threadsafe(self._garbage.collect)

    def waits(self, request: Incoming) -> bool:
        """Returns whether the response may have to wait for the store, so that `respond` must be used."""
        return self.parking.threads is not None and not self._application.is_light(request)

    async def respond(self, request: Incoming, resume: Any = None, *, in_turn: bool = False) -> Answer:
        """Returns the response to a request, from a thread if the store is behind a network. Otherwise the loop
        makes it at once, or `in_turn` after other such work."""
        work = partial(self.answer, request, resume)
        if self.parking.threads is not None:
            return await self.parking.threads.answer(request, work)
        return await self.parking.in_turn(work) if in_turn else work()

    def admit_large(self, request: Incoming) -> bool:
        """Lets a request have a large body, if its caller may make the call. Returns whether it may. Otherwise the
        server reads the body but does not keep it, and the response refuses the call."""
        if request in self._large:
            return True
        if self.parking.threads is not None:  # meanwhile the body may come, because a call's own check follows
            self.start(self._check_admission(request))
        elif not self._application.admits(request):
            return False
        request.busy = len(self._large) >= _MAX_LARGE
        if not request.busy:
            self._large.add(request)
            request.maximum = self._application.max_state_body
        return not request.busy

    async def _check_admission(self, request: Incoming) -> None:
        if not await self.parking.done(partial(self._application.admits, request)):
            self._large.discard(request)
            request.maximum = MAX_BODY_BYTES

    def release(self, request: Incoming) -> None:
        """Forgets the body of a request that has its response, or that will get none."""
        request.release()
        self._large.discard(request)

    def head(self, status: int, headers: Headers, close: bool) -> bytes:
        """Returns the head of a response. `close` marks the last one of a connection. Raises BrokenHeader."""
        dated = self.with_date(headers)
        if close:
            dated.append((b"connection", b"close"))
        return head(status, dated)

    def with_date(self, headers: Headers) -> Headers:
        """Returns the headers with the current date in front, to the second."""
        now = real_ms() // 1000
        if now != self._date_of:
            self._date_of, self._date = now, formatdate(now, usegmt=True).encode()
        return [(b"date", self._date), *headers]

    @property
    def broken_answer(self) -> bytes:
        """A complete response to send if another one cannot be sent."""
        return self.head(_BROKEN.status, _BROKEN.headers, close=True) + _BROKEN.payload

    def failed(self, what: str) -> None:
        """Logs an error of the sandbox."""
        _log.error("internal error in the sandbox: %s", what)

    def refused(self, client: str, status: int, reason: str) -> None:
        """Logs a request that could not be read."""
        _log.warning("rejected a request from %s with %d: %s", client or "an unknown client", status, reason)

    def given_up(self, client: str) -> None:
        """Logs a connection that is closed because its client does not read."""
        _log.warning("closed a connection of %s, which did not read its response", client or "an unknown client")

    def refusal(self, unreadable: Unreadable) -> bytes:
        """Returns the response to a request that could not be read, which ends its connection.

        The journal records it.
        """
        try:
            answer = self._application.refuse(unreadable)
            return self.head(answer.status, answer.headers, close=True) + answer.payload
        except Exception:
            _log.exception("internal error in the sandbox")
            return self.broken_answer

    def strayed(self, request: Incoming) -> None:
        """Logs a request that was followed by unannounced bytes."""
        _log.warning("%s after a %s request without a body", STRAY, request.method)

    def start(self, sending: Coroutine[Any, Any, None]) -> None:
        """Starts a task that sends a response that takes time."""
        task = self.loop.create_task(_sent(sending))
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.closed()

    # Lifetime

    async def serve(
        self,
        sockets: list[socket.socket],
        started: Callable[[], None],
        tls: ssl.SSLContext | None,
        leash: int | None,
    ) -> None:
        """Serves these sockets until a signal arrives or the leash ends."""
        with self._signals_heard():
            if leash is not None:
                self.loop.add_reader(leash, self._end_of, leash)
            # asyncio's own server spins when descriptors run out, and serves either HTTP or HTTPS
            self._gates += [Gate(each, self._connection, tls, self._full) for each in sockets]
            self._garbage.collect()
            started()
            await self._end.wait()
            await self._shut_down(self._gates, sockets)

    def end_with(self, owner: Owner) -> None:
        """Ends the server when the owner has ended. Looks every second."""
        if owner.is_gone():
            self._told_to_end(signal.SIGTERM)
        else:
            self.loop.call_later(LOOK_SECONDS, self.end_with, owner)

    def warm_up(self, work: Callable[[], None]) -> None:
        """Runs `work` in a thread. The objects that it leaves are permanent, so later collections skip them."""
        self.loop.run_in_executor(None, work).add_done_callback(lambda _: self._garbage.collect())

    def admit(self, connection: socket.socket, workspace: bytes) -> None:
        """Accepts the socket of an existing connection as a new connection, whose requests belong to a workspace
        (empty: to the one that each request names)."""
        self._gates[0].admit(connection, partial(HttpProtocol, self, workspace))

    def _full(self) -> str:
        """Returns why no more connections may be open, or an empty string if they may."""
        number = len(self.connections) + sum(len(gate.arriving) for gate in self._gates)
        return (
            f"{number} are open, which is the maximum (--max-connections)"
            if number >= self._max_connections
            else ""
        )

    def closed(self) -> None:
        """Resumes accepting and checks whether the server is idle, after a connection or a response has ended."""
        for gate in self._gates:
            gate.resume()
        if not self.connections and not self._tasks:
            self._idle.set()

    def _connection(self) -> HttpProtocol:
        return HttpProtocol(self)

    async def _shut_down(self, gates: list[Gate], sockets: list[socket.socket]) -> None:
        """Answers the requests in flight and closes all connections."""
        self.ending = True
        for gate in gates:
            gate.close()
        for each in sockets:
            each.close()
        for connection in [*self.connections]:
            connection.shutdown()
        self._idle.clear()
        self.closed()
        waiting = [self.loop.create_task(event.wait()) for event in (self._idle, self._forced)]
        await asyncio.wait(waiting, timeout=_GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in (*waiting, *self._tasks):
            task.cancel()
        for connection in [*self.connections]:
            connection.abort()
        for gate in gates:
            await gate.wait_closed()

    def _end_of(self, leash: int) -> None:
        self.loop.remove_reader(leash)
        self._told_to_end(signal.SIGTERM)

    def _told_to_end(self, number: int) -> None:
        if self._end.is_set() and number == signal.SIGINT:
            self._forced.set()
        self._end.set()
        self.parking.close()

    @contextmanager
    def _signals_heard(self) -> Iterator[None]:
        """Lets signals end the server while the block runs.

        Unlike in other servers, a signal that ended this one gracefully is not raised again, so that the exit code
        is 0. The loop is woken by a byte on its own socket, because a signal that arrives just before the loop
        waits, or in another thread, would be noticed only with the next request.
        """

        def hear(number: int, _: FrameType | None) -> None:
            self.loop.call_soon_threadsafe(self._told_to_end, number)

        former: dict[int, Any] = {each: signal.getsignal(each) for each in _SIGNALS}
        for each in _SIGNALS:
            try:
                self.loop.add_signal_handler(each, self._told_to_end, each)
            except NotImplementedError:  # on Windows
                signal.signal(each, hear)
        try:
            yield
        finally:
            for number, handler in former.items():
                with suppress(NotImplementedError):
                    self.loop.remove_signal_handler(number)
                signal.signal(number, handler)


async def _sent(sending: Coroutine[Any, Any, None]) -> None:
    """Sends a response and logs any exception."""
    try:
        await sending
    except Exception:
        _log.exception("a response could not be sent")


_MISTAKE = ProblemDetailsError(500, "internal-error", "Internal error", "see the server's log")
_BROKEN = answer_of(Response(status=_MISTAKE.status, body=_MISTAKE.document(), media_type=MEDIA_TYPE))
