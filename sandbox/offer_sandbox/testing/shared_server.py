"""One server for all processes of a test run: the first that needs it starts it, the others find it."""

import json
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from offer_sandbox.environment import variable
from offer_sandbox.testing.server_process import RunningServer, ServerFailed, ServerProcess, log_tail

_TOLD = "server.json"  # in the folder, once the server runs or has failed
_LOCK = "starting"
ANNOUNCEMENT = "OFFER_SANDBOX_SERVER"  # the variable with the server of `exec`
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_own: dict[Path, ServerProcess] = {}  # the servers that this process has started


@dataclass(frozen=True)
class SharedServer:
    """A server that another process of the test run has started. See RunningServer. `keeps` is true if workspaces
    remain after their tests, for somebody who reads their calls."""

    url: str
    tls_url: str
    ca: str
    pid: int
    log: str
    keeps: bool = False

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        from offer_sandbox.server.owner import Owner

        return not Owner(self.pid).is_gone()

    def check(self) -> None:
        """Raises ServerFailed with the end of the log if the server has ended."""
        if not self.is_running:
            raise ServerFailed(f"the sandbox server has ended. The end of its log:\n{log_tail(Path(self.log))}")


def attach(folder: Path, flags: Sequence[str], owner: int) -> RunningServer:
    """Returns the server of this folder. Starts it with these flags of `serve` if there is none. It ends with the
    process `owner`. Without flags, the server that `exec` has announced is used instead. Raises ServerFailed."""
    if folder in _own:
        return _own[folder]
    announced = _announced() if not flags else None
    if announced is not None:
        return announced
    try:
        os.close(os.open(folder / _LOCK, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return _found(folder)
    try:
        server = _own[folder] = ServerProcess(flags, owner, folder)
    except ServerFailed as error:
        _tell(folder, {"failed": str(error)})
        raise
    shared = SharedServer(server.url, server.tls_url, server.ca, server.pid, server.log)
    _tell(folder, asdict(shared))
    return server


def running(folder: Path) -> RunningServer | None:
    """Returns the server of this folder if one runs, whoever has started it."""
    if folder in _own:
        return _own[folder]
    announced = _announced()
    if announced is not None:
        return announced
    try:
        server = SharedServer(**json.loads((folder / _TOLD).read_text()))
    except (OSError, TypeError):
        return None
    return server if server.is_running else None


def stop(folder: Path) -> None:
    """Stops the server of this folder, if there is one, whoever has started it."""
    if folder in _own:
        _own.pop(folder).stop()
        return
    with suppress(OSError, ServerFailed, TypeError):
        server = SharedServer(**json.loads((folder / _TOLD).read_text()))
        os.kill(server.pid, signal.SIGTERM)
        _wait(lambda: not server.is_running, _STOP_SECONDS)


def announcement(server: ServerProcess, keeps: bool) -> str:
    """Returns the value of the variable ANNOUNCEMENT for the server of a command."""
    shared = SharedServer(server.url, server.tls_url, server.ca, server.pid, server.log, keeps)
    return json.dumps(asdict(shared))


def _announced() -> SharedServer | None:
    """Returns the server that `exec` has announced to the command, if it runs."""
    try:
        server = SharedServer(**json.loads(variable("SERVER") or ""))
    except (ValueError, TypeError):
        return None
    return server if server.is_running else None


def _found(folder: Path) -> SharedServer:
    told = folder / _TOLD
    if not _wait(told.exists, _START_SECONDS):
        raise ServerFailed("another process of the test run has not started the sandbox server within a minute")
    content = json.loads(told.read_text())
    if "failed" in content:
        raise ServerFailed(content["failed"])
    return SharedServer(**content)


def _tell(folder: Path, content: dict[str, object]) -> None:
    """Writes the file for the other processes, whole or not at all."""
    partly = folder / f"{_TOLD}.part"
    partly.write_text(json.dumps(content))
    partly.rename(folder / _TOLD)


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    """Waits for a condition, and returns whether it came."""
    from offer_sandbox.world.clock import pause, stopwatch

    end = stopwatch() + seconds
    while not condition():
        if stopwatch() > end:
            return False
        pause(0.02)
    return True
