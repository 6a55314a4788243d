"""A command that runs until it ends, and is ended with this process."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import IO

from offer_sandbox import cli

_LOOK_SECONDS = 0.05
_GRACE_SECONDS = 3.0


class ChildCommand:
    """The command. In the foreground of a terminal it shares the process group of this process, so that Ctrl-C and
    Ctrl-Z reach both. Otherwise it has one of its own, which is ended as a whole.

    `was_interrupted` is true after this process has received SIGINT or SIGTERM while the command ran.
    """

    def __init__(
        self,
        command: list[str],
        variables: Mapping[str, str],
        guard: "Guard",
        output: IO[bytes] | None = None,
    ) -> None:
        """Takes the command with the path of its program, and its environment. `output` is the file that it prints
        to, by default the streams of this process."""
        self._output = output
        self._command = command
        self._variables = dict(variables)
        self._guard = guard
        self._own_group = os.name == "posix" and not _in_foreground()
        self._heard: list[int] = []
        self.was_interrupted = False
        self._ending = False

    def run(self) -> int:
        """Runs the command, and returns its exit code as a shell reports it. Ends it if the parent of this process
        has gone, or on SIGTERM."""
        from offer_sandbox.server.owner import Owner

        parent = Owner(os.getppid())
        # Before the command starts: it may be ready, and its user may press Ctrl-C, before Popen returns.
        former = {each: signal.signal(each, self._hear) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            process = self._start()
            self._wait(process, parent.is_gone)
            if process.poll() is None or self._ending:
                _end(process.pid, self._own_group, process.poll)
            code = process.wait()
        finally:
            for each, handler in former.items():
                signal.signal(each, handler)
        return code if code >= 0 else 128 - code

    def _start(self) -> "subprocess.Popen[bytes]":
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own command
                self._command,
                env=self._variables,
                process_group=0 if self._own_group else None,
                stdout=self._output,
                stderr=self._output,
            )
        except OSError as error:
            raise cli.Misuse(f"cannot run {self._command[0]}: {error.strerror or error}") from None
        self._guard.watch(process.pid, self._own_group)
        return process

    def _hear(self, number: int, _: FrameType | None) -> None:
        self._heard.append(number)
        self.was_interrupted = True

    def _wait(self, process: "subprocess.Popen[bytes]", is_gone: Callable[[], bool]) -> None:
        """Waits until the command has ended or is to be ended, and passes on the signals heard meanwhile."""
        while process.poll() is None and not (self._ending or is_gone()):
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)
            while self._heard:
                self._pass_on(self._heard.pop(0), process)

    def _pass_on(self, number: int, process: "subprocess.Popen[bytes]") -> None:
        """In a terminal the command has got Ctrl-C already."""
        self._ending = self._ending or number == signal.SIGTERM
        if self._own_group:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        elif number == signal.SIGTERM or os.name != "posix":
            process.send_signal(number)


def _in_foreground() -> bool:
    """Returns whether this process has a terminal and is in its foreground group."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


class Guard:
    """A small process that ends the command if this process is killed. On systems without fork there is none."""

    def __init__(self) -> None:
        """Starts the guard. Do it before this process has threads."""
        self._pipe: int | None = None
        if not hasattr(os, "fork"):
            return
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.close(writing)
            os.setsid()
            _keep_guard(reading)
        os.close(reading)
        self._pipe = writing

    def watch(self, pid: int, group: bool) -> None:
        """Names the process to end, or the group that it leads."""
        if self._pipe is not None:
            os.write(self._pipe, f"{pid} {int(group)}\n".encode())

    def release(self) -> None:
        """Ends the guard."""
        if self._pipe is not None:
            os.write(self._pipe, b"done\n")
            os.close(self._pipe)
            self._pipe = None


def _keep_guard(reading: int) -> None:
    """Waits until the other end of the pipe is closed. Never returns."""
    told = b""
    while piece := os.read(reading, 4096):
        told += piece
    lines = told.split()
    if lines and lines[-1] != b"done":
        _end(int(lines[-2]), lines[-1] == b"1", lambda: None)
    os._exit(0)


def _end(pid: int, group: bool, reap: Callable[[], object]) -> None:
    """Ends a process, or what is left of the group that it leads: SIGTERM, and SIGKILL after three seconds. `reap`
    collects the exit code of a child."""
    from offer_sandbox.world.clock import pause

    send = os.killpg if group else os.kill
    waited = 0.0
    with suppress(ProcessLookupError, PermissionError):
        send(pid, signal.SIGTERM)
        while waited < _GRACE_SECONDS:
            pause(0.05)
            waited += 0.05
            reap()
            send(pid, 0)
        send(pid, signal.SIGKILL)
