"""The server in the background: its record, which `start`, `status` and `stop` share."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from offer_sandbox import cli
from offer_sandbox.environment import PREFIX, variable
from offer_sandbox.world.clock import pause, real_now, stopwatch

_FILE, _LOG, _LOCK = "server.json", "server.log", "starting"
_STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.05
FOLDER = "STATE"  # OFFER_SANDBOX_STATE names the folder of the record


@dataclass(frozen=True)
class Server:
    """A server in the background: its process, URL, token, log file and time of the start. `birth` identifies the
    process beside its id."""

    pid: int
    url: str
    admin_token: str | None
    log: str
    since: str
    birth: str = ""

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended. A later process can have the same id, but not the same birth."""
        from offer_sandbox.server.owner import Owner

        return not Owner(self.pid).is_gone() and _birth(self.pid) == self.birth


def _birth(pid: int) -> str:
    """Returns when a process has started, in ticks of the machine. Empty where the system does not say so."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def folder() -> Path:
    """Returns the folder of the record and the log: OFFER_SANDBOX_STATE, else the user's folder for state."""
    named = variable(FOLDER)
    if named:
        return Path(named)
    base = os.environ.get("XDG_STATE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    return (Path(base) if base else Path.home() / ".local" / "state") / "offer-sandbox"


def running() -> Server | None:
    """Returns the server in the background, or None. The record of one that has ended is removed."""
    try:
        found = Server(**json.loads((folder() / _FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    if found.is_running:
        return found
    forget()
    return None


def forget() -> None:
    """Removes the record."""
    (folder() / _FILE).unlink(missing_ok=True)


def started(flags: list[str], admin_token: str | None) -> Server:
    """Starts a server with these flags of `serve`, and records it. The token is not among the flags, which other
    users can see. Raises Failure if one is running already, or if it does not start."""
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(place):
            if (former := running()) is not None:
                raise cli.Failure(
                    f"a server is running already at {former.url} (stop it with: offer-sandbox stop)"
                )
            return _begun(place, flags, admin_token)
    except OSError as error:
        raise cli.Failure(f"cannot use the folder {place}: {error.strerror or error}") from None


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Keeps other processes from starting a server meanwhile. Raises Failure if one of them does so now."""
    from offer_sandbox.server.owner import Owner

    lock, own = place / _LOCK, place / f"{_LOCK}.{os.getpid()}"
    with suppress(OSError, ValueError):
        if Owner(int(lock.read_text())).is_gone():
            lock.unlink(missing_ok=True)
    own.write_text(str(os.getpid()))
    try:
        os.link(own, lock)  # it exists with its content, or not at all
    except FileExistsError:
        raise cli.Failure("another process is starting a server at this moment") from None
    finally:
        own.unlink()
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _begun(place: Path, flags: list[str], admin_token: str | None) -> Server:
    log = (place / _LOG).open("wb")
    token = {f"{PREFIX}ADMIN_TOKEN": admin_token} if admin_token else {}
    with log:
        process = subprocess.Popen(  # noqa: S603 - this program, with the flags of the caller
            [sys.executable, "-m", "offer_sandbox", "serve", *flags, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # it outlives this terminal
            env={**os.environ, **token},
        )
        assert process.stdout is not None
        with process.stdout:
            line = process.stdout.readline()
    if not line:
        process.wait()
        told = (place / _LOG).read_text(errors="replace").strip().rpartition("\n")[2]
        raise cli.Failure(
            f"the server did not start: {told.removeprefix('offer-sandbox: ') or 'no reason logged'}"
        )
    told = json.loads(line)
    since = real_now().isoformat(timespec="seconds")
    server = Server(process.pid, told["url"], told["admin_token"], str(place / _LOG), since, _birth(process.pid))
    _record(place / _FILE, server)
    return server


def _record(path: Path, server: Server) -> None:
    """Writes the record, which has the token, for this user alone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(server), file)


def stopped(server: Server) -> None:
    """Stops a server, and waits until it has ended. Raises Failure if it does not end."""
    import signal

    try:
        os.kill(server.pid, signal.SIGTERM)
    except PermissionError:
        raise cli.Failure(f"the server {server.pid} belongs to another user") from None
    end = stopwatch() + _STOP_SECONDS
    while server.is_running:
        if stopwatch() > end:
            raise cli.Failure(f"the server {server.pid} has not stopped after {_STOP_SECONDS:g} seconds")
        pause(_LOOK_SECONDS)
    forget()
