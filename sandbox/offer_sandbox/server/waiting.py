"""Lets requests wait without a thread: for a time, a change, the client to leave or the server to close."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from offer_sandbox.world.limits import Limits
from offer_sandbox.world.notifier import ChangeNotifier


class Parking:
    """All parked requests of a server. `close` ends every wait immediately, so that a shutdown is not delayed.

    `waiting` is the current number of parked requests, and `maximum` the most there may be. `parked` is called
    with every change of that number. `streams` counts the open streams of each client's address.
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
        """Whether the maximum number of calls is waiting."""
        return self.waiting >= self._most

    @contextmanager
    def streaming(self, client: str) -> Iterator[None]:
        """Counts a stream of the client's address while the block runs."""
        self.streams[client] += 1
        try:
            yield
        finally:
            self.streams[client] -= 1
            if not self.streams[client]:
                del self.streams[client]

    @property
    def closed(self) -> bool:
        """Whether the server is shutting down."""
        return self._closing.is_set()

    def close(self) -> None:
        """Ends all current and future waits."""
        self._closing.set()

    async def wait(self, seconds: float, gone: asyncio.Event, *, heeding: "Subscription | None" = None) -> bool:
        """Waits for `seconds`. Returns False if the client is gone.

        The wait ends earlier if the server closes, if the client is `gone`, or if the subscription in `heeding` is
        notified.
        """
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
        """Returns a context manager that listens for changes in a workspace.

        It listens during the whole block, so that no change between a check and a wait is missed.
        """
        return Subscription(self._notifier, workspace)


class Subscription:
    """Sets `notified` when the workspace changes. The caller clears it before each new check."""

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
