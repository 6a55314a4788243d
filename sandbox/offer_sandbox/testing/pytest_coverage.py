"""The outcome coverage at the end of a pytest session: a table, a file, and the decision of `fail-under`."""

from pathlib import Path
from typing import Any

import pytest

from offer_sandbox.testing import shared_server
from offer_sandbox.testing.control import Control

_FORMATS = {".json": "json", ".md": "markdown", ".txt": "text"}


class CoverageReport:
    """A part of the plugin for the process that runs or controls all tests.

    `folder` is that of the session's server. `kinds` are further kinds that count. `minimum` is the percentage
    below which the session fails, or None. `file` gets the report too: JSON, Markdown or text, by its suffix.
    """

    def __init__(self, folder: Path, kinds: str, minimum: float | None, file: Path | None) -> None:
        self._folder = folder
        self._kinds = kinds
        self._minimum = minimum
        self._file = file
        self._document: dict[str, Any] | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Reads the coverage while the server runs. Fails the session if it is too low."""
        if session.config.option.collectonly:
            return
        self._document = self._read()
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(_printed(self._document, format_of(self._file)), encoding="utf-8")
        if self._shortfall and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints the table."""
        if self._document is None:
            return
        terminalreporter.write_sep("=", "offer-sandbox")
        terminalreporter.write(_printed(self._document, "text"))
        if self._file is not None:
            terminalreporter.write_line(f"written to {self._file}")
        if self._shortfall:
            terminalreporter.write_line(self._shortfall, red=True, bold=True)

    @property
    def _shortfall(self) -> str:
        """The reason why the session fails, or an empty string."""
        if self._minimum is None:
            return ""
        from offer_sandbox.publish.coverage_report import shortfall

        told = shortfall(self._document or {"percent": 0.0}, self._minimum)
        return f"FAIL: {told}" if told else ""

    def _read(self) -> dict[str, Any]:
        server = shared_server.running(self._folder)
        if server is None:  # no test has used the sandbox
            from offer_sandbox.publish.coverage import counted

            return counted([])
        control = Control(server.url, "default")
        try:
            document: dict[str, Any] = control.call("GET", "/coverage", kinds=self._kinds or None)
        finally:
            control.close()
        return document


def format_of(file: Path) -> str:
    """Returns the format of a report's file. Raises UsageError for a suffix that has none."""
    if file.suffix not in _FORMATS:
        known = ", ".join(_FORMATS)
        raise pytest.UsageError(f"offer_sandbox_coverage_file: {file.name!r} must end with one of {known}")
    return _FORMATS[file.suffix]


def _printed(document: dict[str, Any], form: str) -> str:
    from offer_sandbox.publish.coverage_report import report

    return report(document, form)
