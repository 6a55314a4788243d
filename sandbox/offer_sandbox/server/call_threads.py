"""Threads that answer requests, for a server whose store is behind a network."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from offer_sandbox.server.incoming import Incoming

Result = TypeVar("Result")
_CALLS = 16
_AT_ONCE = 4  # calls with the same credential: those of one workspace wait for each other anyway
_OTHERS = 4
_READY = b"/health/ready"
_CONTROL = b"/__admin"
_NAMES = (b"x-sandbox-workspace", b"authorization")


class CallThreads:
    """Runs work in threads, so that the event loop never waits for the store.

    Calls to providers, readiness checks and all other work have threads of their own, so that none of them waits
    for the others. Calls with the same credential use a quarter of the threads at most: if their workspace is
    locked for long, calls to other workspaces do not wait for it.
    """

    def __init__(self) -> None:
        self._calls = ThreadPoolExecutor(_CALLS, "call")
        self._others = ThreadPoolExecutor(_OTHERS, "control")
        self._ready = ThreadPoolExecutor(1, "ready")
        self._lanes: dict[tuple[bytes, ...], _Lane] = {}

    async def run(self, work: Callable[[], Result]) -> Result:
        """Returns the result of work that answers no call to a provider."""
        return await _run(self._others, work)

    async def answer(self, request: Incoming, work: Callable[[], Result]) -> Result:
        """Returns the result of work that answers a request."""
        if request.path == _READY:
            return await _run(self._ready, work)
        if request.path.startswith(_CONTROL):
            return await _run(self._others, work)
        with self._lane(request) as lane:
            async with lane.turn:
                return await _run(self._calls, work)

    @contextmanager
    def _lane(self, request: Incoming) -> Iterator["_Lane"]:
        """Yields the lane of the requests with this credential, which is forgotten when none is left."""
        name = tuple(value for each in _NAMES for value in request.values(each))
        lane = self._lanes.setdefault(name, _Lane())
        lane.requests += 1
        try:
            yield lane
        finally:
            lane.requests -= 1
            if not lane.requests:
                del self._lanes[name]


class _Lane:
    """The requests with one credential, and their number."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(_AT_ONCE)
        self.requests = 0


async def _run(threads: Executor, work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(threads, work)
