"""The trace files of failed tests, for the pytest plugin."""

import hashlib
import os
import re
import shlex
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from _pytest._code.code import ExceptionChainRepr  # the report of every exception, which has no public name

from offer_sandbox.exchange.secret_names import REDACTED, secret_name
from offer_sandbox.publish.trace import SUFFIX, packed
from offer_sandbox.testing.control import ControlError
from offer_sandbox.testing.sandbox import Sandbox

_WRITTEN = pytest.StashKey[bool]()
_LONGEST = 100  # characters of a test's id in the name of its file


class TraceFiles:
    """The folder with one file for each test that has failed in its last run."""

    def __init__(self, folder: Path) -> None:
        """Raises UsageError if the folder cannot be one."""
        if folder.exists() and not folder.is_dir():
            raise pytest.UsageError(f"offer_sandbox_trace: {folder} is not a folder")
        self._folder = folder

    def path(self, test: str) -> Path:
        """Returns the file of a test. Its name has that of the test, without parameters, which may be secret."""
        name = re.sub(r"[^A-Za-z0-9_.]+", "-", test.partition("[")[0])[-_LONGEST:].strip("-")
        code = hashlib.sha256(test.encode()).hexdigest()[:8]
        return self._folder / f"{name}-{code}{SUFFIX}"

    def write(self, item: pytest.Item, sandbox: Sandbox, phase: str, failure: str, place: str = "") -> str:
        """Writes the file of a test that has failed, and returns how to show it, or why there is none. The first
        failure of a test decides, so that a second one returns an empty string. `place` is its file and line."""
        if item.stash.get(_WRITTEN, False):
            return ""
        item.stash[_WRITTEN] = True
        file = self.path(item.nodeid)
        test, failure = (_without_parameters(item, text) for text in (item.nodeid, failure))
        try:
            data = packed(sandbox.trace(test, phase, place, failure))
            self._folder.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        except (OSError, ControlError, HTTPException, ValueError, TypeError, LookupError) as error:
            return f"no trace file was written: {error}"
        return f"offer-sandbox trace {shlex.quote(os.path.relpath(file))}"

    def forget(self, test: str) -> None:
        """Deletes the file of an earlier run of a test, which has passed now."""
        with suppress(OSError):
            self.path(test).unlink(missing_ok=True)


def _without_parameters(item: pytest.Item, text: str) -> str:
    """Returns a text without the values of the test's parameters whose names are those of secrets."""
    callspec = getattr(item, "callspec", None)
    for name, value in (callspec.params if callspec else {}).items():
        if secret_name(name) and isinstance(value, str) and value:
            text = text.replace(value, REDACTED)
    return text


def failure_of(item: pytest.Item, report: pytest.TestReport) -> tuple[str, str]:
    """Returns the message of a failure, and the place in the test's file that led to it."""
    shown = report.longrepr
    if not isinstance(shown, ExceptionChainRepr) or shown.reprcrash is None:
        return str(shown), ""
    places = [getattr(each, "reprfileloc", None) for each in shown.chain[-1][0].reprentries]
    own = [each for each in places if each is not None and Path(each.path).name == item.path.name]
    place = own[0] if own else shown.reprcrash
    return shown.reprcrash.message, f"{Path(place.path).name}:{place.lineno}"
