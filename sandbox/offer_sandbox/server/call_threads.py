"""Threads that answer requests, for a server whose store is behind a network."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
_CALLS = 16
_OTHERS = 4


class CallThreads:
    """Runs the calls to providers and all other work in separate threads, so that neither waits for the other, and
    the event loop for none of them. Work that finds no free thread waits for one."""

    def __init__(self) -> None:
        self._calls = ThreadPoolExecutor(_CALLS, "call")
        self._others = ThreadPoolExecutor(_OTHERS, "control")

    async def run(self, work: Callable[[], Result], *, call: bool = False) -> Result:
        """Returns the result of some work. `call` is true for a call to a provider."""
        pool = self._calls if call else self._others
        return await asyncio.get_running_loop().run_in_executor(pool, work)
