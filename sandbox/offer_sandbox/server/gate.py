"""Accepts HTTP and HTTPS connections on one port, and pauses while there is no room for more."""

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

from offer_sandbox.server.descriptors import lowest_reserved

_log = logging.getLogger("offer_sandbox.server")
_HELLO = b"\x16"  # the first byte of a TLS handshake, which no HTTP request begins with
_PATIENCE_SECONDS = 30.0  # limit for the first byte, and then for the handshake
_FAREWELL_SECONDS = 120.0  # limit for a closing TLS connection to send its data and get the client's close
_AT_ONCE = 100
_PAUSE_SECONDS = 1.0
_QUIET_SECONDS = 60.0  # each shortage is logged once: again only after a minute without one
_FEW_LEFT = "only a few file descriptors are left"


def _lowest_free(descriptor: int) -> int:
    """Returns the number that the next descriptor will have. Raises OSError if none is free."""
    copy = os.dup(descriptor)
    os.close(copy)
    return copy


class Gate:
    """Accepts the connections of one listening socket, and is closed like a server of asyncio.

    With a `context`, it looks at the first byte of each connection and uses TLS if that begins a handshake. Other
    processes may accept from the same socket. `full` returns why no more connections may be open, or an empty
    string if they may. The gate accepts none while it is full. Call `resume` after a connection has closed.
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
        """Stops accepting. With TLS, also drops clients that have not begun to send a request."""
        self._loop.remove_reader(self._listening)
        self._held = False
        if self._pause is not None:
            self._pause.cancel()
        if self._context is not None:
            for each in self.arriving:
                each.cancel()

    def resume(self) -> None:
        """Accepts again if the gate was full and no longer is."""
        if self._held and not self._full():
            self._held = False
            self._open()

    def admit(self, connection: socket.socket, protocol: Callable[[], asyncio.Protocol] | None = None) -> None:
        """Starts a task that connects the connection to its protocol, by default that of the gate."""
        arriving = self._loop.create_task(self._hand_on(connection, protocol or self._protocol))
        self.arriving.add(arriving)
        arriving.add_done_callback(self._arrived)

    async def wait_closed(self) -> None:
        """Waits until no connection is on its way to its protocol."""
        if self.arriving:
            await asyncio.wait(self.arriving)

    def _open(self) -> None:
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        """Accepts the waiting connections.

        There may be none, because a client has given up or another process was faster.
        """
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
            except OSError as error:  # without a pause, the socket would be ready again immediately
                self._wait(error.strerror or str(error))
                return
            self.admit(connection)
            if self._beyond_limit(connection.fileno()):
                self._wait(_FEW_LEFT)
                return

    def _arrived(self, arriving: asyncio.Task[None]) -> None:
        self.arriving.discard(arriving)
        self.resume()  # the connection may have failed before it reached its protocol

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
        """Accepts again if the lowest free descriptor, which a connection would get, is within the limit."""
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

    async def _hand_on(self, connection: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Connects the connection to its protocol, with or without TLS.

        If this fails, the connection is dropped without a response, since TLS itself has already sent any alert.
        """
        secured = False
        if self._context is not None:
            first = await self._first_byte_in_time(connection)
            if not first:
                return
            secured = first == _HELLO
        with suppress(OSError):  # every TLS error is an OSError
            await self._loop.connect_accepted_socket(
                protocol,
                connection,
                ssl=self._context if secured else None,
                ssl_handshake_timeout=_PATIENCE_SECONDS if secured else None,
                ssl_shutdown_timeout=_FAREWELL_SECONDS if secured else None,
            )

    async def _first_byte_in_time(self, connection: socket.socket) -> bytes:
        """Returns the first byte.

        Closes the connection and returns empty bytes if the client ends it or sends nothing for too long.
        """
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
        """Returns the first byte without consuming it, or empty bytes if the client ends the connection first."""
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
