"""A store in trouble: a full disk, a folder that may not be written, a file that is gone or replaced. Every call gets
503 in its dialect, the log tells, nothing acknowledged is lost, and all goes on when the trouble is over."""

import contextlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from offer_sandbox.world.store import journal, sqlite
from provider_calls import send
from running_server import Server, until
from store_trouble import in_trouble, used, well_again


@contextlib.contextmanager
def logging_server(folder: Path, *flags: str) -> Iterator[tuple[Server, list[str]]]:
    """A server on the folder that must end well, and what it has logged beside the exchanges by then."""
    server, logged = Server("--data", str(folder), "--log", "json", *flags), []
    try:
        yield server, logged
    finally:
        server.process.terminate()
        lines = map(json.loads, server.process.communicate(timeout=60)[1].splitlines())
        logged += [line["event"] for line in lines if line["event"] != "exchange"]
    assert server.process.returncode == 0


def sound(folder: Path) -> None:
    """Both files are as SQLite wants them."""
    for name in (sqlite.FILE_NAME, journal.FILE_NAME):
        connection = sqlite3.connect(folder / name)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """A file system of that size in the folder, where one may be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_without_room(tmp_path):
    """The files may grow by nothing: what a full disk says, for one process."""
    with logging_server(tmp_path) as (server, logged):
        before = used(server)
        requests.get(f"{server.url}/__admin/requests?workspace=w", timeout=30)
        room = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, room[1]))
        in_trouble(server)
        assert send(server.url, "covent", "sbx_w").status_code == 200, "what only reads needs no room"
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, room)
        well_again(server, before)
        told = requests.get(f"{server.url}/metrics", timeout=30).text
        assert "offer_sandbox_store_errors_total 0.0" not in told
    assert any("the store failed" in line for line in logged)
    sound(tmp_path)


def test_a_file_system_without_room(tmp_path):
    with mounted(tmp_path, "3m"):
        with logging_server(tmp_path) as (server, logged):
            before = used(server)
            ballast = tmp_path / "ballast"
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            in_trouble_at_last(server)
            in_trouble(server)
            before = {**before, "covent": before["covent"] + server.made}
            ballast.unlink()
            well_again(server, before)
        assert any("disk is full" in line or "disk I/O" in line for line in logged)
        sound(tmp_path)


def in_trouble_at_last(server: Server) -> None:
    """Writes until there is no room: the log of the store has some left at first. `made` is how many it took."""
    server.made = 0
    while send(server.url, "covent", "sbx_w", "write").status_code == 200:
        server.made += 1


@contextlib.contextmanager
def immutable(folder: Path) -> Iterator[None]:
    """Nobody may write the folder or its files, as after a disk has failed: `chattr +i`, where there is one."""
    targets = [str(folder), *map(str, folder.iterdir())]
    if (
        shutil.which("chattr") is None
        or subprocess.run(["chattr", "+i", *targets], capture_output=True).returncode
    ):
        pytest.skip("no file can be made immutable here")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *targets], check=True)


def test_a_read_only_file_system_object(tmp_path):
    with logging_server(tmp_path) as (server, logged):
        before = used(server)
        with immutable(tmp_path):
            in_trouble(server)
        well_again(server, before)
    assert any("read-only" in line for line in logged)
    sound(tmp_path)


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder(tmp_path):
    with logging_server(tmp_path) as (server, logged):
        before = used(server)
        tmp_path.chmod(0o555)
        try:
            in_trouble(server)
        finally:
            tmp_path.chmod(0o755)
        well_again(server, before)
    assert any("read-only" in line for line in logged)


def test_a_folder_that_was_moved_away_and_back(tmp_path):
    folder, away = tmp_path / "data", tmp_path / "away"
    with logging_server(folder) as (server, logged):
        before = used(server)
        folder.rename(away)
        in_trouble(server)
        assert not folder.exists(), "no empty store takes the place of the full one"
        away.rename(folder)
        well_again(server, before)
    assert any("gone" in line for line in logged)
    sound(folder)


def test_a_copy_that_was_put_back(tmp_path):
    """A backup that somebody restores under a running server is what it goes on with."""
    folder, backup = tmp_path / "data", tmp_path / "backup"
    with logging_server(folder) as (server, _):
        before = used(server)
        assert server.stop() == 0
    shutil.copytree(folder, backup)
    with logging_server(folder) as (server, logged):
        send(server.url, "covent", "sbx_w", "write")
        folder.rename(tmp_path / "former")
        backup.rename(folder)
        well_again(server, before)
    assert any("was replaced" in line for line in logged)


def test_a_database_that_is_none_any_more(tmp_path):
    with logging_server(tmp_path) as (server, logged):
        used(server)
        kept = (tmp_path / sqlite.FILE_NAME).read_bytes()
        other = tmp_path / "other"
        other.write_bytes(b"nothing of a database" * 1000)
        other.replace(tmp_path / sqlite.FILE_NAME)
        for suffix in ("-wal", "-shm"):
            (tmp_path / f"{sqlite.FILE_NAME}{suffix}").unlink()
        in_trouble(server)
        other.write_bytes(kept)
        other.replace(tmp_path / sqlite.FILE_NAME)
        assert requests.get(f"{server.url}/health/ready", timeout=30).status_code == 200
    assert any("not a database" in line for line in logged)


def refused_at_the_start(folder: Path, *flags: str) -> str:
    """The one line with which a server refuses to begin."""
    with pytest.raises(RuntimeError) as refused:
        Server("--data", str(folder), *flags)
    (line,) = str(refused.value).splitlines()
    return line


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_store_that_cannot_be_written_at_the_start(tmp_path, workers):
    assert Server("--data", str(tmp_path)).stop() == 0
    with immutable(tmp_path):
        assert "read-only" in refused_at_the_start(tmp_path, "--workers", workers)
    assert Server("--data", str(tmp_path)).stop() == 0


def test_a_store_without_a_version_or_of_other_bytes_is_refused_with_the_way_out(tmp_path):
    assert Server("--data", str(tmp_path)).stop() == 0
    connection = sqlite3.connect(tmp_path / sqlite.FILE_NAME)
    connection.execute("PRAGMA user_version = 0")
    connection.commit()
    connection.close()
    assert "snapshot" in refused_at_the_start(tmp_path)
    (tmp_path / sqlite.FILE_NAME).write_bytes(b"nothing of a database" * 1000)
    assert "copy" in refused_at_the_start(tmp_path)


@pytest.mark.parametrize("file", [sqlite.FILE_NAME, journal.FILE_NAME])
def test_a_store_of_another_version_is_refused_with_the_way_out(tmp_path, file):
    assert Server("--data", str(tmp_path)).stop() == 0
    connection = sqlite3.connect(tmp_path / file)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    for workers in ("1", "2"):
        with pytest.raises(RuntimeError) as refused:
            Server("--data", str(tmp_path), "--workers", workers)
        (line,) = str(refused.value).splitlines()
        assert "99" in line
        assert ("snapshot" if file == sqlite.FILE_NAME else "move it away") in line
    connection = sqlite3.connect(tmp_path / file)
    assert connection.execute("PRAGMA user_version").fetchone() == (99,), "and left as it is"
    connection.close()


@pytest.mark.parametrize("file", [sqlite.FILE_NAME, journal.FILE_NAME])
def test_a_file_that_a_newer_program_upgrades_meanwhile_is_not_written(tmp_path, file):
    with logging_server(tmp_path) as (server, logged):
        before = used(server)

        def set_version(version: int) -> int:
            with contextlib.closing(sqlite3.connect(tmp_path / file)) as connection:
                (former,) = connection.execute("PRAGMA user_version").fetchone()
                connection.execute(f"PRAGMA user_version = {version}")
                connection.commit()
            return int(former)

        version = set_version(99)
        if file == sqlite.FILE_NAME:
            in_trouble(server)
        else:
            assert requests.get(f"{server.url}/__admin/requests?workspace=w", timeout=30).status_code == 503
        set_version(version)
        if file == sqlite.FILE_NAME:
            well_again(server, before)
        until(lambda: requests.get(f"{server.url}/__admin/requests?workspace=w", timeout=30).ok)
    assert any("the file now has version 99, and this program uses version" in line for line in logged)
    sound(tmp_path)


def test_readiness_writes_as_much_as_a_call_may(tmp_path):
    server = Server("--data", str(tmp_path))
    log = tmp_path / f"{sqlite.FILE_NAME}-wal"
    requests.get(f"{server.url}/health/ready", timeout=30)
    before = log.stat().st_size
    requests.get(f"{server.url}/health/ready", timeout=30)
    assert log.stat().st_size - before > 64 * 1024, "one number would find room in the files of a full disk"
    assert server.stop() == 0
