"""`doctor --data`: whether the folder can be used and what lies there is whole; and that it changes nothing."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from doctor_runs import NOBODY, ask, isolated, lying, without_privilege
from offer_sandbox.world.store import journal, sqlite
from running_server import Client, Server

FILES = (sqlite.FILE_NAME, journal.FILE_NAME)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a server that has worked and ended; nothing stands in a log any more."""
    server = served(tmp_path / "data")
    assert server.stop() == 0
    for name in FILES:
        change(tmp_path / "data" / name, "PRAGMA wal_checkpoint(TRUNCATE)")
    return tmp_path / "data"


def served(folder: Path) -> Server:
    """A server that has worked on that folder."""
    server = Server("--data", str(folder))
    with requests.Session() as session:
        assert Client(server.url, "w", session).send().status_code == 200
        assert len(Client(server.url, "w", session).admin("GET", "/requests")["requests"]) == 1
    return server


def change(path: Path, *statements: str) -> None:
    """Runs statements in a database that nobody has open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement).fetchall()


def spoil(path: Path) -> None:
    """Overwrites the pages behind the first."""
    octets = bytearray(path.read_bytes())
    assert len(octets) > 8192
    octets[4096:] = b"\xa5" * (len(octets) - 4096)
    path.write_bytes(octets)


def statuses(found) -> list[str]:
    """Those of both databases."""
    return [found[name]["status"] for name in FILES]


def test_a_sound_folder_stays_as_it_is(folder: Path):
    before = lying(folder)
    code, found = ask("--data", str(folder))
    assert (code, statuses(found)) == (0, ["ok", "ok"])
    assert found[sqlite.FILE_NAME]["found"] == f"intact, version {sqlite.schema.VERSION}"
    assert found["data"]["found"].startswith(f"{folder} can be used, ")
    assert lying(folder) == before


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path):
    before = lying(tmp_path)
    code, found = ask("--data", str(tmp_path / "a" / "b"))
    assert code == 0
    assert found["data"]["found"].startswith(f"{tmp_path}/a/b will be created, ")
    assert not set(FILES) & set(found)
    assert lying(tmp_path) == before


def test_files_that_hold_nothing_yet(tmp_path: Path):
    for name in FILES:
        (tmp_path / name).touch()
    before = lying(tmp_path)
    code, found = ask("--data", str(tmp_path))
    assert (code, [found[name]["found"] for name in FILES]) == (0, ["empty", "empty"])
    assert lying(tmp_path) == before


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_database(folder: Path, name: str):
    spoil(folder / name)
    before = lying(folder)
    code, found = ask("--data", str(folder))
    other = next(each for each in FILES if each != name)
    assert (code, found[name]["status"], found[other]["status"]) == (1, "wrong", "ok")
    assert found[name]["remedy"] == "restore a copy of the file, or choose another folder"
    assert lying(folder) == before


def test_damage_that_only_a_whole_reading_shows(folder: Path):
    """Each table can be read; an index does not agree with its table."""
    change(
        folder / sqlite.FILE_NAME,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET sql = replace(sql, '(used)', '(made + 1)') WHERE name = 'workspaces_used'",
    )
    code, found = ask("--data", str(folder))
    assert (code, found[sqlite.FILE_NAME]["status"]) == (1, "wrong")
    assert found[sqlite.FILE_NAME]["found"].startswith("it is damaged: ")
    assert "workspaces_used" in found[sqlite.FILE_NAME]["found"]


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_database(folder: Path, name: str):
    (folder / name).write_text("something else entirely, and long enough to be read as a header of it" * 9)
    code, found = ask("--data", str(folder))
    assert (code, found[name]["status"]) == (1, "wrong")
    assert found[name]["found"] == "it cannot be read: file is not a database"
    (folder / name).unlink()
    (folder / name).mkdir()
    assert ask("--data", str(folder))[0] == 1


@pytest.mark.parametrize(
    ("name", "words", "remedy"),
    [
        (
            sqlite.FILE_NAME,
            f"it has schema version 99, but this program reads version {sqlite.schema.VERSION}",
            "save a snapshot with the program that wrote it",
        ),
        (journal.FILE_NAME, "it has journal version 99, but this program reads version 1", "move it away"),
    ],
)
def test_another_version_is_told_in_the_store_s_own_words(folder: Path, name: str, words: str, remedy: str):
    change(
        folder / name,
        "PRAGMA user_version = 99",
    )
    code, found = ask("--data", str(folder))
    assert (code, found[name]["status"], found[name]["found"]) == (1, "wrong", words)
    assert found[name]["remedy"].startswith(remedy)


def test_a_table_of_other_columns(folder: Path):
    change(
        folder / sqlite.FILE_NAME,
        "ALTER TABLE ebay_offers ADD COLUMN colour",
    )
    code, found = ask("--data", str(folder))
    assert (code, found[sqlite.FILE_NAME]["status"]) == (1, "wrong")
    assert found[sqlite.FILE_NAME]["found"] == "its table ebay_offers has other columns than this program expects"


@pytest.mark.parametrize("table", sqlite.schema.COMMON_TABLES)
def test_a_missing_table_is_told_in_one_line_by_doctor_and_by_serve(folder: Path, table: str):
    change(folder / sqlite.FILE_NAME, f"DROP TABLE {table}")
    code, found = ask("--data", str(folder))
    assert (code, found[sqlite.FILE_NAME]["found"]) == (1, f"its table {table} is missing")
    with pytest.raises(RuntimeError) as refused:
        Server("--data", str(folder))
    assert f"its table {table} is missing" in str(refused.value)
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize("below", ["", "/below", "/below/that"])
def test_a_file_in_the_way(tmp_path: Path, below: str):
    (tmp_path / "data").write_text("a file")
    code, found = ask("--data", f"{tmp_path}/data{below}")
    assert (code, found["data"]["status"]) == (1, "wrong")
    assert found["data"]["found"] == f"{tmp_path}/data is not a folder"
    assert "--data" in found["data"]["remedy"]


@pytest.fixture
def anybody() -> Iterator[Path]:
    """A folder that every user reaches, unlike those of a test."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def test_what_may_not_be_written(folder: Path, anybody: Path):
    """By a user who is not root, whom everything obeys."""
    data = Path(shutil.copytree(folder, anybody / "data"))
    through = without_privilege()
    for path in (data, data / journal.FILE_NAME):
        if not os.geteuid():
            os.chown(path, NOBODY, NOBODY)
    (data / sqlite.FILE_NAME).chmod(0o444)
    code, found = ask("--data", str(data), through=through)
    assert (code, statuses(found)) == (1, ["wrong", "ok"])
    assert found[sqlite.FILE_NAME]["found"] == "this user needs read and write access to the file"
    data.chmod(0o555)
    for name in ("", "/below"):
        code, found = ask("--data", f"{data}{name}", through=through)
        assert (code, found["data"]["status"]) == (1, "wrong")
        assert found["data"]["found"] == f"this user needs read and write access to the folder {data}"
    data.chmod(0o755)


@pytest.mark.parametrize(("size", "status"), [("8m", "warning"), ("200m", "ok")])
def test_little_room(tmp_path: Path, size: str, status: str):
    through = isolated("-m", f"mount -t tmpfs -o size={size} none {tmp_path}")
    code, found = ask("--data", str(tmp_path / "data"), through=through)
    assert (code, found["data"]["status"]) == (0, status)
    assert f"{size.rstrip('m')[0]}" in found["data"]["found"]


def test_a_live_server_is_not_disturbed(tmp_path: Path):
    server = served(tmp_path)
    before = lying(tmp_path)
    assert f"{tmp_path}/{sqlite.FILE_NAME}-wal" in before
    code, found = ask("--data", str(tmp_path))
    assert (code, statuses(found)) == (0, ["ok", "ok"])
    assert lying(tmp_path) == before
    with requests.Session() as session:
        assert Client(server.url, "w", session).send().status_code != 503
    assert server.stop() == 0


def test_what_a_killed_server_left_is_read_and_stays_as_it_is(tmp_path: Path):
    """What is new stands in the log beside the file, the version too."""
    served(tmp_path).kill()
    before = lying(tmp_path)
    code, found = ask("--data", str(tmp_path))
    assert (code, found[sqlite.FILE_NAME]["found"]) == (0, f"intact, version {sqlite.schema.VERSION}")
    assert lying(tmp_path) == before
    for name in FILES:
        (tmp_path / f"{name}-shm").unlink()
    before = lying(tmp_path)
    code, found = ask("--data", str(tmp_path))
    assert (code, statuses(found)) == (0, ["warning", "warning"])
    assert "start a server" in found[sqlite.FILE_NAME]["remedy"]
    assert lying(tmp_path) == before
    again = Server("--data", str(tmp_path))
    with requests.Session() as session:
        assert Client(again.url, "w", session).state("ebay/offers")
    assert again.stop() == 0
    assert statuses(ask("--data", str(tmp_path))[1]) == ["ok", "ok"]


def test_what_stands_in_the_log_alone_is_heeded(folder: Path, tmp_path: Path):
    """Another program was at work there, and has died."""
    with closing(sqlite3.connect(folder / sqlite.FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 99")
        left = Path(shutil.copytree(folder, tmp_path / "left"))
    before = lying(left)
    code, found = ask("--data", str(left))
    assert (code, found[sqlite.FILE_NAME]["status"]) == (1, "wrong")
    assert "schema version 99" in found[sqlite.FILE_NAME]["found"]
    assert lying(left) == before
