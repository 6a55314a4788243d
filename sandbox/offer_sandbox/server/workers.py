"""Starts, replaces and ends several processes that serve on the same sockets."""

import contextlib
import logging
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType

from offer_sandbox.world.clock import pause

log = logging.getLogger("offer_sandbox")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOOK_SECONDS = 0.05
_MAX_FAILURES = 6  # consecutive failed starts that lengthen the wait for the next one, to 3.2 seconds
Work = Callable[[Callable[[], None], int], None]


def _leave(_: int, __: FrameType | None) -> None:
    os._exit(0)


class CannotFork(Exception):
    """This machine cannot start a process that shares sockets. The message is one line."""


class Workers:
    """A parent that only watches its processes. It must have no threads, no event loop and no open database.

    `work` is called in each process with two arguments. The first is a function to call once the process serves.
    The second is a file descriptor that becomes readable as soon as the parent is gone. The process ends when
    `work` returns. `started` is called in the parent once all processes serve. `died` is called in the parent with
    the id of each process that has ended. All of them are ended once `is_over` returns True.
    """

    def __init__(
        self,
        number: int,
        work: Work,
        started: Callable[[], None],
        died: Callable[[int], None] = lambda _: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        if not hasattr(os, "fork"):
            raise CannotFork("--workers needs a system that can fork processes, such as Linux or macOS")
        self._number = number
        self._work = work
        self._started = started
        self._died = died
        self._is_over = is_over
        self._pids: set[int] = set()
        self._ending = False
        self._failed = False
        self._serving = os.pipe()  # one byte for each process that serves
        self._leash = os.pipe()  # nobody writes to it: it ends when the parent does

    def run(self) -> int:
        """Serves until SIGINT or SIGTERM and returns the exit code.

        It is 1 if a process ends before all of them serve or fails during shutdown, otherwise 0.
        """
        former = {each: signal.signal(each, self._end) for each in _SIGNALS}
        try:
            for _ in range(self._number):
                self._start()
            if self._all_serve():
                self._started()
                self._watch()
            if not self._ending:
                self._end()
            while self._pids:
                self._dead(0)
            return int(self._failed)
        finally:
            for each, handler in former.items():
                signal.signal(each, handler)

    def _start(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # until parent and child are ready to handle signals
        pid = os.fork()
        if pid == 0:
            os._exit(self._in_child())
        self._pids.add(pid)
        if self._ending:
            os.kill(pid, signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _in_child(self) -> int:
        try:
            for each in _SIGNALS:
                signal.signal(each, _leave)  # for the time before and after the server runs
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            os.close(self._leash[1])
            os.close(self._serving[0])
            self._work(self._say_that_it_serves, self._leash[0])
            sys.stdout.flush()
            sys.stderr.flush()
        except SystemExit as left:
            return int(left.code or 0)
        except BaseException:
            traceback.print_exc()
            return 1
        return 0

    def _say_that_it_serves(self) -> None:
        os.write(self._serving[1], b".")

    def _end(self, _: int = 0, __: FrameType | None = None) -> None:
        self._ending = True
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):  # the process has just been reaped
                os.kill(pid, signal.SIGTERM)

    def _all_serve(self) -> bool:
        """Waits for all processes to serve. Returns False if one ends first or a signal arrives."""
        serving = 0
        while serving < self._number and not self._ending:
            serving += self._newly_serving(_LOOK_SECONDS)
            if self._dead(os.WNOHANG) is not None:
                self._failed = True
                return False
        return not self._ending

    def _watch(self) -> None:
        """Replaces each process that ends. Waits longer each time if processes end before they serve."""
        deaths = 0
        while not (self._ending or self._is_over()):
            died = self._dead(os.WNOHANG)  # a blocking wait could miss a signal that arrives just before it
            if died is None or self._ending:
                pause(_LOOK_SECONDS)
                continue
            deaths = 0 if self._newly_serving(0) else min(deaths + 1, _MAX_FAILURES)
            log.warning("a process of the server has ended and is replaced (%s)", died)
            pause(_LOOK_SECONDS * 2**deaths)
            if not self._ending:
                self._start()

    def _newly_serving(self, seconds: float) -> int:
        readable, _, _ = select.select([self._serving[0]], [], [], seconds)
        return len(os.read(self._serving[0], 4096)) if readable else 0

    def _dead(self, options: int) -> str | None:
        """Reaps an ended process and returns its exit code or signal as text, or None if there is none."""
        pid, status = os.waitpid(-1, options)
        if pid not in self._pids:
            return None
        self._pids.discard(pid)
        self._died(pid)
        code = os.waitstatus_to_exitcode(status)
        self._failed = self._failed or (self._ending and code != 0)
        return f"exit code {code}" if code >= 0 else f"signal {-code}"
