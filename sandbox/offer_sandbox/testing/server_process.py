"""A server process for a test suite: started on a free port, and ended with the process that needs it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Protocol

_STOP_SECONDS = 10.0
_TAIL_LINES = 20


class ServerFailed(Exception):
    """The server did not start, or it ended while it was needed. The message has the end of its log, and `log` is
    that alone."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class RunningServer(Protocol):
    """A server that tests use, whoever has started it."""

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:54321`."""

    @property
    def tls_url(self) -> str:
        """The URL for HTTPS."""

    @property
    def ca(self) -> str:
        """The file of the CA that signed the server's certificate."""

    @property
    def keeps(self) -> bool:
        """Whether workspaces remain after their tests, for somebody who reads their calls."""

    @property
    def is_running(self) -> bool:
        """Whether the server has not ended."""

    def check(self) -> None:
        """Raises ServerFailed with the end of the log if the server has ended."""


class ServerProcess:
    """A running `offer-sandbox serve`, see RunningServer. `pid` is the id of its process. `admin_token` is the
    token of its control API, None if it requires none."""

    keeps = False

    def __init__(self, flags: Sequence[str] = (), owner: int | None = None, folder: Path | None = None) -> None:
        """Starts the server with these flags of `serve`. It ends with the process `owner` (default: this one). Its
        log is in the folder, or in a temporary file. Raises ServerFailed."""
        self._log: IO[Any] = (
            tempfile.NamedTemporaryFile(prefix="offer-sandbox-", suffix=".log")  # noqa: SIM115 - until stop
            if folder is None
            else (folder / "server.log").open("wb")
        )
        self._process = subprocess.Popen(  # noqa: S603 - this program, with the flags of the caller
            [
                *(sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json", "--tls"),
                *("--end-with", str(owner or os.getpid()), "--log", "text", *flags),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,  # Ctrl-C of the terminal reaches the tests, which then stop the server
        )
        assert self._process.stdout is not None
        started = self._process.stdout.readline()
        if not started:
            self._process.wait()
            tail = log_tail(Path(self._log.name))
            self._close()
            told = tail or "it has logged nothing"
            raise ServerFailed(f"the sandbox server did not start: {told}", tail)
        told = json.loads(started)
        self.url: str = told["url"]
        self.tls_url: str = told["tls_url"]
        self.ca: str = told["ca"]
        self.admin_token: str | None = told["admin_token"]
        self.pid = self._process.pid
        self.log = self._log.name

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def check(self) -> None:
        """Raises ServerFailed if the server has ended."""
        if not self.is_running:
            raise ServerFailed(
                f"the sandbox server has ended with exit code {self._process.returncode}. The end of its log:\n"
                + self.tail()
            )

    def tail(self) -> str:
        """Returns the last twenty lines of the server's log."""
        return log_tail(Path(self.log))

    def stop(self) -> None:
        """Stops the server. Kills it if it has not stopped after ten seconds."""
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
        if self.is_running:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()


def log_tail(path: Path) -> str:
    """Returns the last twenty lines of a server's log, or an empty string if it is gone."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
    except OSError:
        return ""
