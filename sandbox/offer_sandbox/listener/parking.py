"""Where requests wait without a thread: for a time, the bell, the client to leave, the server to close."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any

from offer_sandbox.world.bell import Bell

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class Parking:
    """All parked requests of a server; `close` ends every wait at once, so that a shutdown keeps nobody."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._closing = asyncio.Event()

    @property
    def closed(self) -> bool:
        """Whether the server is about to end."""
        return self._closing.is_set()

    def close(self) -> None:
        """Ends every wait, and those to come."""
        self._closing.set()

    async def wait(self, seconds: float, receive: Receive, *, attentive: bool = False) -> bool:
        """Waits that long; less when the server closes, the client leaves or, where attentive, the bell rings.
        False where the client has left."""
        if self.closed:
            return True
        gone = asyncio.ensure_future(departure(receive))
        others: list[Coroutine[Any, Any, Any]] = [self._closing.wait()]
        if attentive:
            others.append(self._ring())
        waiting = [gone, *map(asyncio.ensure_future, others)]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return not gone.done()
        finally:
            for each in waiting:
                each.cancel()

    async def _ring(self) -> None:
        rung = asyncio.Event()
        loop = asyncio.get_running_loop()

        def listener() -> None:
            loop.call_soon_threadsafe(rung.set)

        self._bell.listen(listener)
        try:
            await rung.wait()
        finally:
            self._bell.unlisten(listener)


async def departure(receive: Receive) -> None:
    """Returns when the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
