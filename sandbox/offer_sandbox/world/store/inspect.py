"""Checks a folder's databases without changing a byte there, even while other processes have them open."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path

from offer_sandbox.world.collection import Collection
from offer_sandbox.world.store import journal, sqlite
from offer_sandbox.world.store.base import StoreError

Judge = Callable[[sqlite3.Connection], int]
_COPY = "restore a copy of the file, or choose another folder"


class Unseen(Exception):
    """A database cannot be checked without changing something. The message is one sentence for the operator."""


def databases(folder: Path, collections: Iterable[Collection]) -> dict[Path, Judge]:
    """Returns the database files of a store's folder, whether they exist or not, each with its validator."""
    return {
        folder / sqlite.FILE_NAME: partial(sqlite.check_version, collections=tuple(collections)),
        folder / journal.FILE_NAME: journal.check_version,
    }


def look(path: Path, validator: Judge) -> int:
    """Returns the version of an intact database that this program can use, or 0 for one without tables.

    Takes as long as reading the whole file. Raises StoreError for any other database, and Unseen if it cannot be
    checked without a change.
    """
    how = _how(path)
    try:
        return _seen(path, how, validator)
    except StoreError:
        again = _how(path)
        if again == how:
            raise
        return _seen(path, again, validator)  # a server has started or ended meanwhile


def _how(path: Path) -> str:
    """Returns the URI parameter with which SQLite reads the file without writing to any file or creating one.

    SQLite also reads the log and its index, which a running server has and a crashed one leaves behind. Without a
    log it reads the file alone. Raises Unseen for a log without an index.
    """
    log, index = (path.with_name(f"{path.name}-{part}") for part in ("wal", "shm"))
    if not log.exists():
        return "immutable=1"
    if index.exists():
        return "readonly_shm=1"
    if log.stat().st_size:
        raise Unseen(f"{log.name} cannot be read without changing {path.parent}; start a server there to read it")
    return "immutable=1"


def _seen(path: Path, how: str, validator: Judge) -> int:
    where = f"{path.absolute().as_uri()}?mode=ro&{how}"
    try:
        with closing(sqlite3.connect(where, uri=True)) as connection:
            version = validator(connection)
            [found] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"it cannot be read: {error}; {_COPY}") from error
    if found != "ok":
        raise StoreError(f"it is damaged: {' '.join(str(found).split())}; {_COPY}")
    return version
