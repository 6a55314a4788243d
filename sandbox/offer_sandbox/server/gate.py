"""Accepts connections, on one port HTTP and HTTPS alike, and pauses while there is no room for others."""

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

from offer_sandbox.server.descriptors import lowest_reserved

_log = logging.getLogger("offer_sandbox.server")
_HELLO = b"\x16"  # the first byte of a TLS handshake, and of no HTTP request
_PATIENCE_SECONDS = 30.0  # for the first byte, and then for the handshake
_FAREWELL_SECONDS = 120.0  # to send what is left and hear the client's own end, when a connection is closed
_AT_ONCE = 100
_PAUSE_SECONDS = 1.0
_QUIET_SECONDS = 60.0  # an operator reads of one shortage once
_FEW_LEFT = "only a few file descriptors are left"


def _lowest_free(descriptor: int) -> int:
    """The number that the next descriptor will have. Raises OSError where there is none."""
    copy = os.dup(descriptor)
    os.close(copy)
    return copy


class Gate:
    """Accepts the connections of one listening socket; ends as a server of asyncio's does.

    With a `context` it looks at the first byte of each connection and speaks TLS to those that begin with a
    handshake. Other processes may accept from the same socket. While `full` says why no other connection may be
    open it accepts none; whoever closes one calls `resume`.
    """

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        context: ssl.SSLContext | None = None,
        full: Callable[[], str] = lambda: "",
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._protocol = protocol
        self._context = context
        self._full = full
        self._held = False
        self._limit = lowest_reserved(_lowest_free(listening.fileno()))
        self.arriving: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._short_at = -_QUIET_SECONDS
        self._open()

    def close(self) -> None:
        """Accepts no more, and lets go of who has not begun to send a request."""
        self._loop.remove_reader(self._listening)
        self._held = False
        if self._pause is not None:
            self._pause.cancel()
        if self._context is not None:
            for each in self.arriving:
                each.cancel()

    def resume(self) -> None:
        """Accepts again if it was full and is no more."""
        if self._held and not self._full():
            self._held = False
            self._open()

    def admit(self, connection: socket.socket) -> None:
        """Hands a connection on to its protocol, in its time."""
        arriving = self._loop.create_task(self._hand_on(connection))
        self.arriving.add(arriving)
        arriving.add_done_callback(self._arrived)

    async def wait_closed(self) -> None:
        """Returns once nobody is on the threshold."""
        if self.arriving:
            await asyncio.wait(self.arriving)

    def _open(self) -> None:
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        """Takes the connections that are there: none when a client has given up, or another process was faster."""
        for _ in range(_AT_ONCE):
            if why := self._full():
                self._loop.remove_reader(self._listening)
                self._held = True
                self._tell(why)
                return
            try:
                connection, _ = self._listening.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # the socket would be ready again at once
                self._wait(error.strerror or str(error))
                return
            self.admit(connection)
            if self._beyond_limit(connection.fileno()):
                self._wait(_FEW_LEFT)
                return

    def _arrived(self, arriving: asyncio.Task[None]) -> None:
        self.arriving.discard(arriving)
        self.resume()  # it may have failed at the threshold

    def _tell(self, why: str) -> None:
        now = self._loop.time()
        if now - self._short_at >= _QUIET_SECONDS:
            _log.warning("cannot accept connections for now: %s", why)
        self._short_at = now

    def _wait(self, why: str) -> None:
        """Stops accepting until descriptors are free again."""
        self._tell(why)
        self._loop.remove_reader(self._listening)
        self._pause = self._loop.call_later(_PAUSE_SECONDS, self._look)

    def _look(self) -> None:
        """Accepts again if the lowest free descriptor, which a connection would have, is within the limit."""
        try:
            short = self._beyond_limit(_lowest_free(self._listening.fileno()))
        except OSError as error:
            self._wait(error.strerror or str(error))
            return
        if short:
            self._wait(_FEW_LEFT)
        else:
            self._open()

    def _beyond_limit(self, descriptor: int) -> bool:
        return descriptor >= self._limit

    async def _hand_on(self, connection: socket.socket) -> None:
        """Gives the connection its protocol, behind TLS or not; a client that fails at either is let go without a
        word, as TLS itself has said what there is to say."""
        secured = False
        if self._context is not None:
            first = await self._first_byte_in_time(connection)
            if not first:
                return
            secured = first == _HELLO
        with suppress(OSError):  # as every mistake in TLS is one
            await self._loop.connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._context if secured else None,
                ssl_handshake_timeout=_PATIENCE_SECONDS if secured else None,
                ssl_shutdown_timeout=_FAREWELL_SECONDS if secured else None,
            )

    async def _first_byte_in_time(self, connection: socket.socket) -> bytes:
        """The first byte; nothing, and the connection closed, when the client ends or sends nothing for long."""
        first = b""
        try:
            with suppress(OSError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    first = await self._first_byte(connection)
        finally:
            if not first:
                connection.close()
        return first

    async def _first_byte(self, connection: socket.socket) -> bytes:
        """The first byte, which is left where it is; nothing when the client ends before it."""
        connection.setblocking(False)
        readable = asyncio.Event()
        self._loop.add_reader(connection, readable.set)
        try:
            while True:
                with suppress(BlockingIOError):
                    return connection.recv(1, socket.MSG_PEEK)
                readable.clear()
                await readable.wait()
        finally:
            self._loop.remove_reader(connection)
