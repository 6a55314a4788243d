"""A proxy in the test's process that carries calls to the providers' hosts into one workspace of the sandbox."""

import asyncio
import base64
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_PIECE = 65_536
_MAX_HEAD = 65_536
_QUIET_TURNS = 5  # of the loop in which nothing runs any more: then everything has ended
_SECONDS = 30.0  # for the server to open a tunnel
_REFUSAL = (
    "HTTP/1.1 403 Not a documented host of a provider\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n"
    "Connection: close\r\n\r\n{text}"
)


class Relay:
    """Listens on a free port of the loopback while it is entered. It accepts CONNECT, as a proxy does, and
    connections that were meant for a provider's host itself.

    `stands_for` returns whether a host is a provider's. `workspace` is the one of all calls, or empty: then each
    credential selects its own. `refused` counts the CONNECT requests for other hosts by their names.
    """

    def __init__(self, server_url: str, stands_for: Callable[[str], bool], any_host: str, workspace: str) -> None:
        address = urlsplit(server_url)
        self._server = (address.hostname or "", address.port or 0)
        self._stands_for = stands_for
        self._any_host = any_host
        self._workspace = workspace
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="offer-sandbox relay", daemon=True)
        self._listening: asyncio.Server | None = None
        self.port = 0
        self.refused: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result()
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        assert self._listening is not None
        self._listening.close()
        quiet = 0
        # connections that were just accepted begin, and closed sockets end, in later turns
        while quiet < _QUIET_TURNS:
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            quiet = 0 if others else quiet + 1
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                first = await reader.read(_PIECE)
                if first.startswith(b"CONNECT ") or b" http://" in first.partition(b"\r\n")[0]:
                    await self._proxy(first, reader, writer)
                elif first:
                    await self._carry(self._any_host, first, b"", reader, writer)
        except asyncio.CancelledError:
            pass  # the relay is closed
        finally:
            writer.close()

    async def _proxy(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers a CONNECT request, or one for an absolute http:// URL, which is then the only one of its
        connection."""
        while b"\r\n\r\n" not in head and len(head) < _MAX_HEAD:
            more = await reader.read(_PIECE)
            if not more:
                return
            head += more
        target = head.split(b" ", 2)[1].decode("latin-1")
        plain = target.startswith("http://")
        host = (urlsplit(target if plain else f"//{target}").hostname or "").lower()
        if self._stands_for(host) and plain:
            first, _, rest = head.partition(b"\r\n")
            alone = first + b"\r\nConnection: close\r\n" + rest
            await self._carry(f"{host}:80", alone, b"", reader, writer)
            return
        if self._stands_for(host):
            rest = head.partition(b"\r\n\r\n")[2]
            await self._carry(target, rest, b"HTTP/1.1 200 Connection Established\r\n\r\n", reader, writer)
            return
        self.refused[host] += 1
        text = refusal(host)
        writer.write(_REFUSAL.format(length=len(text), text=text).encode())
        await writer.drain()

    async def _carry(
        self,
        authority: str,
        first: bytes,
        granted: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Opens a tunnel of the sandbox, and carries everything in both directions until both sides have ended."""
        async with asyncio.timeout(_SECONDS):
            back, forth = await self._tunnel(authority)
        try:
            writer.write(granted)
            forth.write(first)
            await asyncio.gather(_copy(reader, forth), _copy(back, writer))
        finally:
            forth.close()

    async def _tunnel(self, authority: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self._server)
        head = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n"
        if self._workspace:
            pair = base64.b64encode(f"sbx_{self._workspace}:x".encode()).decode()
            head += f"Proxy-Authorization: Basic {pair}\r\n"
        writer.write(f"{head}\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in answer.partition(b"\r\n")[0]:
            writer.close()
            raise OSError(f"the sandbox opened no tunnel: {answer!r}")
        return reader, writer


def refusal(host: str) -> str:
    """Returns why a host is not reached."""
    return f"offer-sandbox: {host!r} is no documented host of a provider, and calls to other hosts are refused\n"


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies what a side sends, and then its end."""
    with suppress(OSError):
        while data := await reader.read(_PIECE):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        if writer.can_write_eof():
            writer.write_eof()
