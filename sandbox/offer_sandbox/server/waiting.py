"""Where requests wait without a thread: for a time, the bell, the client to leave, the server to close."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from offer_sandbox.world.limits import Limits
from offer_sandbox.world.notifier import ChangeNotifier


class Parking:
    """All parked requests of a server; `close` ends every wait at once, so that a shutdown keeps nobody.

    `waiting` is how many there are now, of which there may be `maximum`; `parked` is told of every change of it.
    `streams` are those that each client's address has open.
    """

    def __init__(
        self,
        notifier: ChangeNotifier,
        parked: Callable[[int], None] = lambda _: None,
        maximum: int = Limits().parked,
    ) -> None:
        self._notifier = notifier
        self._parked = parked
        self._most = maximum
        self._closing = asyncio.Event()
        self.waiting = 0
        self.streams: Counter[str] = Counter()

    @property
    def full(self) -> bool:
        """Whether as many calls wait as may."""
        return self.waiting >= self._most

    @contextmanager
    def streaming(self, client: str) -> Iterator[None]:
        """Counts a stream of the client, by its address, while the block runs."""
        self.streams[client] += 1
        try:
            yield
        finally:
            self.streams[client] -= 1
            if not self.streams[client]:
                del self.streams[client]

    @property
    def closed(self) -> bool:
        """Whether the server is about to end."""
        return self._closing.is_set()

    def close(self) -> None:
        """Ends every wait, and those to come."""
        self._closing.set()

    async def wait(self, seconds: float, gone: asyncio.Event, *, heeding: "Subscription | None" = None) -> bool:
        """Waits that long; less when the server closes, the client is `gone` or, where it is heeded, the bell
        rings. False where the client is gone."""
        events = [gone, self._closing, *([heeding.notified] if heeding else [])]
        if any(event.is_set() for event in events):
            return not gone.is_set()
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        self._count(1)
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._count(-1)
            for each in waiting:
                each.cancel()
        return not gone.is_set()

    def _count(self, change: int) -> None:
        self.waiting += change
        self._parked(change)

    def subscribe(self, workspace: str) -> "Subscription":
        """Listens to the bell of a workspace from this moment on, so that nothing between a look and a wait is
        missed; a context manager."""
        return Subscription(self._notifier, workspace)


class Subscription:
    """`rung` is set when the bell rings; whoever looks again clears it first."""

    def __init__(self, notifier: ChangeNotifier, workspace: str) -> None:
        self.notified = asyncio.Event()
        self._notifier = notifier
        self._workspace = workspace
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> "Subscription":
        self._notifier.subscribe(self._listener)
        return self

    def __exit__(self, *_: object) -> None:
        self._notifier.unsubscribe(self._listener)

    def _listener(self, workspace: str) -> None:
        if workspace == self._workspace:
            self._loop.call_soon_threadsafe(self.notified.set)
