"""Lets requests wait without a thread: for a time, a change, the client to leave or the server to close."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from offer_sandbox.server.call_threads import CallThreads
from offer_sandbox.world.limits import Limits
from offer_sandbox.world.notifier import ChangeNotifier

_LOOK_SECONDS = 0.25  # between looks for changes of other processes
_LOOK_AFAR_SECONDS = 2.0  # the same where they send notices, which a process may fail to send before it ends
_MAX_HELD = 256 * 1024 * 1024  # bytes of the bodies of waiting calls
Result = TypeVar("Result")
_WORK_SECONDS, _REST_SECONDS = 0.005, 0.01


class Parking:
    """All parked requests of a server. `close` ends every wait immediately, so that a shutdown is not delayed.

    `waiting` is the current number of parked requests, and `maximum` the most there may be. `parked` is called
    with every change of that number. `streams` counts the open streams of each client's address.

    Requests that wait for a change of their workspace are woken one after the other, so that others are answered
    in between. `changed` returns whether another process has changed anything since its last call, and is None if
    there is no other process. With `threads`, all work is done in them. `watched` is called every `watch_seconds`
    with each workspace for which a request waits, if that is set.
    """

    def __init__(
        self,
        notifier: ChangeNotifier,
        parked: Callable[[int], None] = lambda _: None,
        maximum: int = Limits().parked,
        *,
        changed: Callable[[], bool] | None = None,
        watched: Callable[[str], None] = lambda _: None,
        watch_seconds: float | None = None,
        threads: CallThreads | None = None,
    ) -> None:
        notifier.listener = self._notified
        self._parked = parked
        self._most = maximum
        self._changed = changed
        self._watched = watched
        self._watch_seconds = watch_seconds
        self.threads = threads
        self._look_seconds = _LOOK_AFAR_SECONDS if threads else _LOOK_SECONDS
        self._closing = asyncio.Event()
        self._turn = asyncio.Lock()
        self._held = 0
        self._subscriptions: dict[str, set[Subscription]] = {}
        self._to_wake: deque[Subscription] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking = self._reporting = False
        self.waiting = 0
        self.streams: Counter[str] = Counter()

    @property
    def full(self) -> bool:
        """Whether the maximum number of calls is waiting, or calls with many bytes."""
        return self.waiting >= self._most or self._held >= _MAX_HELD

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Counts the bytes that a waiting call keeps while the block runs."""
        self._held += size
        try:
            yield
        finally:
            self._held -= size

    async def in_turn(self, work: Callable[[], Result]) -> Result:
        """Returns the result of some work. Of all such work one piece is done at a time, and other requests are
        answered in between, unless there are threads for it."""
        if self.threads is not None:
            return await self.threads.run(work)
        async with self._turn:
            result = work()
            await asyncio.sleep(0)
            return result

    async def done(self, work: Callable[[], Result]) -> Result:
        """Returns the result of some work, which is done immediately, unless there are threads for it."""
        return work() if self.threads is None else await self.threads.run(work)

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

    @contextmanager
    def subscribe(self, workspace: str) -> Iterator["Subscription"]:
        """Listens for changes in a workspace during the block, so that no change between a check and a wait is
        missed."""
        subscription = Subscription()
        self._loop = asyncio.get_running_loop()
        self._subscriptions.setdefault(workspace, set()).add(subscription)
        self._watch()
        try:
            yield subscription
        finally:
            self._subscriptions[workspace].discard(subscription)
            if not self._subscriptions[workspace]:
                del self._subscriptions[workspace]

    def _notified(self, workspace: str | None) -> None:
        """Wakes the requests that wait for a change of a workspace, or all of them (None). Called from any
        thread."""
        if self._loop is None or self._loop.is_closed():
            return
        if workspace is None:
            self._loop.call_soon_threadsafe(self._wake_everyone)
        elif workspace in self._subscriptions:
            self._loop.call_soon_threadsafe(self._wake, workspace)

    def _wake_everyone(self) -> None:
        self._wake(*self._subscriptions)

    def _wake(self, *workspaces: str) -> None:
        """Lets the requests of these workspaces look again, one after the other."""
        idle = not self._to_wake
        for workspace in workspaces:
            for each in self._subscriptions.get(workspace, ()):
                if not each.queued:
                    each.queued = True
                    self._to_wake.append(each)
        if idle and self._to_wake:
            self._start(self._wake_all)

    async def _wake_all(self) -> None:
        assert self._loop is not None
        while self._to_wake:
            end = self._loop.time() + _WORK_SECONDS
            while self._to_wake and self._loop.time() < end:
                each = self._to_wake.popleft()
                each.queued = False
                each.notified.set()
                await asyncio.sleep(0)  # the request ends its wait
                await asyncio.sleep(0)  # and looks
            if self._to_wake:
                await asyncio.sleep(_REST_SECONDS)

    def _watch(self) -> None:
        """Starts the regular work that requests need while they wait."""
        if self._changed is not None and not self._looking:
            self._looking = True
            self._start(self._look)
        if self._watch_seconds is not None and not self._reporting:
            self._reporting = True
            self._start(self._report)

    async def _look(self) -> None:
        """Looks for changes of other processes."""
        assert self._changed is not None
        await self.done(self._changed)
        while self._subscriptions and not self.closed:
            await asyncio.sleep(self._look_seconds)
            if await self.done(self._changed):
                self._wake(*self._subscriptions)
        self._looking = False

    async def _report(self) -> None:
        """Reports the workspaces for which requests wait."""
        assert self._watch_seconds is not None
        while self._subscriptions and not self.closed:
            for workspace in [*self._subscriptions]:
                await self.done(partial(self._watched, workspace))
            await asyncio.sleep(self._watch_seconds)
        self._reporting = False

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        assert self._loop is not None
        task = self._loop.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Subscription:
    """Sets `notified` when the workspace has changed. The owner clears it before each new check. `queued` is set
    while others are woken first."""

    def __init__(self) -> None:
        self.notified = asyncio.Event()
        self.queued = False
