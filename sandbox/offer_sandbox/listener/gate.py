"""HTTP and HTTPS on one port: looks at the first byte of each connection and hands it on; reads nothing itself."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

_log = logging.getLogger(__name__)
_HELLO = b"\x16"  # the first byte of a TLS handshake, and of no HTTP request
_PATIENCE_SECONDS = 30.0  # for the first byte, and then for the handshake
_FAREWELL_SECONDS = 120.0  # to send what is left and hear the client's own end, when a connection is closed
_AT_ONCE = 100
_PAUSE_SECONDS = 1.0


class Gate:
    """Accepts the connections of one listening socket; ends as a server of asyncio's does.

    Other processes may accept from the same socket.
    """

    def __init__(
        self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol], context: ssl.SSLContext
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._protocol = protocol
        self._context = context
        self._arriving: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._open()

    def close(self) -> None:
        """Accepts no more, and lets go of who has not begun to send a request."""
        self._loop.remove_reader(self._listening)
        if self._pause is not None:
            self._pause.cancel()
        for each in self._arriving:
            each.cancel()

    async def wait_closed(self) -> None:
        """Returns once nobody is on the threshold."""
        if self._arriving:
            await asyncio.wait(self._arriving)

    def _open(self) -> None:
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        """Takes the connections that are there: none when a client has given up, or another process was faster."""
        for _ in range(_AT_ONCE):
            try:
                connection, _ = self._listening.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # too many open files, say: the socket would be ready again at once
                _log.warning("cannot accept connections for now: %s", error.strerror or error)
                self._loop.remove_reader(self._listening)
                self._pause = self._loop.call_later(_PAUSE_SECONDS, self._open)
                return
            arriving = self._loop.create_task(self._hand_on(connection))
            self._arriving.add(arriving)
            arriving.add_done_callback(self._arriving.discard)

    async def _hand_on(self, connection: socket.socket) -> None:
        """Gives the connection its protocol, behind TLS or not; a client that fails at either is let go without a
        word, as TLS itself has said what there is to say."""
        first = b""
        try:
            with suppress(OSError):  # the client has gone, or has sent nothing in time
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    first = await self._first_byte(connection)
        finally:
            if not first:
                connection.close()
        if first:
            secured = first == _HELLO
            with suppress(OSError):  # as every mistake in TLS is one
                await self._loop.connect_accepted_socket(
                    self._protocol,
                    connection,
                    ssl=self._context if secured else None,
                    ssl_handshake_timeout=_PATIENCE_SECONDS if secured else None,
                    ssl_shutdown_timeout=_FAREWELL_SECONDS if secured else None,
                )

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
