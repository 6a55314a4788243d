"""Checks the versions of Python and its SQLite, and the open-file limit of the process."""

import math
import platform
import sqlite3
import sys
from collections.abc import Iterator

from offer_sandbox.cli.checks import Check, ok, warning, wrong
from offer_sandbox.server.descriptors import limits

_PYTHON = (3, 11)
_SQLITE = (3, 35, 0)  # the first version with RETURNING
_FILES = 1024


def checks() -> Iterator[Check]:
    """Checks this interpreter and this process."""
    yield python(tuple(sys.version_info[:3]))
    yield sqlite(sqlite3.sqlite_version_info, sqlite3.threadsafety)
    yield from _open_files()


def python(version: tuple[int, ...]) -> Check:
    """Checks the version of the interpreter."""
    found = f"{_dotted(version)} ({platform.python_implementation()})"
    if version < _PYTHON:
        return wrong("python", found, f"use Python {_dotted(_PYTHON)} or newer")
    return ok("python", found)


def sqlite(version: tuple[int, ...], safety: int) -> Check:
    """Checks the SQLite that Python was built with. A `safety` of 0 means it was built for a single thread."""
    if version < _SQLITE:
        return wrong("sqlite", _dotted(version), f"use a Python with SQLite {_dotted(_SQLITE)} or newer")
    if safety == 0:
        return wrong("sqlite", f"{_dotted(version)}, not threadsafe", "use a Python with a threadsafe SQLite")
    return ok("sqlite", f"{_dotted(version)}, threadsafe")


def _open_files() -> Iterator[Check]:
    """Checks how many files a process may have open. Connections count as files.

    Yields nothing on systems that report no limit.
    """
    found = limits()
    if found is None:
        return
    _, limit = found  # a server raises its own limit up to this one
    if limit == math.inf:
        yield ok("open files", "no limit")
    elif limit < _FILES:
        remedy = f"raise the limit in the shell that starts the server (ulimit -n {_FILES})"
        yield warning("open files", f"at most {limit}, and each connection uses one", remedy)
    else:
        yield ok("open files", f"at most {limit}")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
