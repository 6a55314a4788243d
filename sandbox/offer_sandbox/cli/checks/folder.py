"""Checks the `--data` folder and the integrity of its databases, without changing anything there."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from offer_sandbox.cli.checks import Check, halved, ok, warning, wrong
from offer_sandbox.world.collection import Collection
from offer_sandbox.world.store import StoreError
from offer_sandbox.world.store.inspect import Judge, Unseen, databases, look

_LITTLE = 100 * 1000 * 1000
_ANOTHER = "choose another folder with --data (OFFER_SANDBOX_DATA)"


def checks(data: Path | None, collections: Iterable[Collection]) -> Iterator[Check]:
    """Checks the folder, then each database in it. This takes as long as reading the whole database."""
    if data is None:
        yield ok("data", "no folder, the state is kept in memory")
        return
    folder = data
    why = obstacle(folder)
    if why is not None:
        yield wrong("data", why, _ANOTHER)
        return
    yield _room(folder)
    for path, validator in databases(folder, collections).items():
        if os.path.lexists(path):
            yield _database(path, validator)


def obstacle(folder: Path) -> str | None:
    """Returns why the folder cannot be used or created, or None if it can."""
    there = _nearest(folder)
    if not there.is_dir():
        return f"{there} is not a folder"
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return f"this user needs read and write access to the folder {there}"
    return None


def _nearest(folder: Path) -> Path:
    """Returns the folder, or the nearest parent of it that exists."""
    whole = folder.absolute()
    return next(each for each in (whole, *whole.parents) if os.path.lexists(each))


def _room(folder: Path) -> Check:
    usage = shutil.disk_usage(_nearest(folder))
    state = "can be used" if folder.exists() else "will be created"
    if usage.total == 0:  # a file system that does not report its size
        return ok("data", f"{folder} {state}")
    found = f"{folder} {state}, {_amount(usage.free)} free"
    if usage.free < _LITTLE:
        return warning("data", found, f"free some space, because writes fail on a full disk, or {_ANOTHER}")
    return ok("data", found)


def _database(path: Path, validator: Judge) -> Check:
    if not os.access(path, os.R_OK | os.W_OK):
        return wrong(path.name, "this user needs read and write access to the file", f"grant it, or {_ANOTHER}")
    try:
        version = look(path, validator)
    except StoreError as error:
        return wrong(path.name, *halved(str(error), _ANOTHER))
    except Unseen as error:
        return warning(path.name, *halved(str(error), _ANOTHER))
    return ok(path.name, f"intact, version {version}" if version else "empty")


def _amount(octets: int) -> str:
    return f"{octets / 1e9:.1f} GB" if octets >= 1e9 else f"{octets / 1e6:.1f} MB"
