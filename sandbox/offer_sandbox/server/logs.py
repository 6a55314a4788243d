"""Writes log records as structured lines from a thread, so that a slow reader does not delay the server."""

import contextlib
import json
import logging
import os
import re
import select
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Protocol

from offer_sandbox.imports import IMPORTING
from offer_sandbox.publish.exchange_log import EVENT

FORMATS = ("json", "text", "off")
_MAX_WAITING = 10_000
_LEAVE_SECONDS = 2.0
_TOGETHER_SECONDS = 0.1
_AT_ONCE = 500
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # all but the line feed
_PLAIN = "%(levelname)s %(name)s: %(message)s"


class Line(Protocol):
    """A line that is built when it is written. `members` adds fields to the event, the level and the timestamp."""

    @property
    def at(self) -> datetime:
        """The real time of the event."""

    def members(self) -> dict[str, Any]:
        """Returns the additional fields."""


class LogWriter(logging.Handler):
    """Writes records and lines to a file descriptor from a thread.

    The thread writes everything that arrives within a tenth of a second together. If too many lines are already
    waiting, new ones are dropped. Their number is logged at the end.
    """

    def __init__(self, form: str, descriptor: int) -> None:
        super().__init__()
        self._form = form
        self._own = _formatter_of(form)
        self._descriptor = descriptor
        self._waiting: deque[logging.LogRecord | Line] = deque()
        self._dropped = 0
        self._some = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Adds a record of `logging`."""
        self.add(record)

    def add(self, line: logging.LogRecord | Line) -> None:
        """Adds a line without waiting until it is written."""
        if len(self._waiting) >= _MAX_WAITING:
            self._dropped += 1
            return
        self._waiting.append(line)
        if not self._some.is_set():
            self._some.set()

    def leave(self) -> None:
        """Waits at most two seconds for the last lines, because the reader may have stopped reading."""
        if self._dropped:
            self._waiting.append(_told(self._dropped))
        self._closing.set()
        self._some.set()
        self._thread.join(_LEAVE_SECONDS)

    def _write_all(self) -> None:
        while not (self._closing.is_set() and not self._waiting):
            self._some.wait()
            self._closing.wait(_TOGETHER_SECONDS)
            self._some.clear()
            while self._waiting:
                some = [self._waiting.popleft() for _ in range(min(len(self._waiting), _AT_ONCE))]
                self._write("".join(f"{self._text(each)}\n" for each in some))

    def _text(self, line: logging.LogRecord | Line) -> str:
        try:
            if isinstance(line, logging.LogRecord):
                return self._own.format(line)
            return _json(line) if self._form == "json" else self._own.format(_as_record(line))
        except Exception as error:  # a record that cannot be formatted must not end the log
            if isinstance(line, logging.LogRecord):
                return f"{line.levelname} {line.name}: {line.msg!r} ({error})"
            return f"INFO {EVENT}: ({error})"

    def _write(self, text: str) -> None:
        left = text.encode(errors="backslashreplace")
        with contextlib.suppress(OSError):  # the reader is gone
            while left:
                left = self._written(left)

    def _written(self, text: bytes) -> bytes:
        """Writes as much of a text as fits and returns the rest."""
        try:
            return text[os.write(self._descriptor, text) :]
        except BlockingIOError:  # another program shares the descriptor and made it non-blocking
            select.select([], [self._descriptor], [])
            return text


def _json(line: Line) -> str:
    """Returns a line as the structured formatter would write it."""
    told = {"event": EVENT, "level": "info", "timestamp": _instant(line.at)}
    return json.dumps({**told, **line.members()})


def _as_record(line: Line) -> logging.LogRecord:
    own = {"name": "offer_sandbox.exchanges", "levelname": "INFO", "levelno": logging.INFO, "msg": EVENT}
    return logging.makeLogRecord({**own, "created": line.at.timestamp(), **line.members()})


class _Lazy(logging.Formatter):
    """The structured formatter. Its library is loaded with the first line, in the thread that writes it."""

    def __init__(self, form: str) -> None:
        super().__init__(_PLAIN)
        self._form = form
        self._formatter: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._formatter is None:
            try:
                self._formatter = _formatter(self._form)
            except (OSError, ImportError):  # no file can be opened, which is when a line must not be lost
                return super().format(record)
        return self._formatter.format(record)


@contextlib.contextmanager
def written(form: str) -> Iterator[LogWriter]:
    """Writes log records to standard error while the block runs, in one of FORMATS.

    The level is INFO for the sandbox, with one record for each exchange, and WARNING for everything else. `off`
    omits the exchanges and writes warnings as plain text.
    """
    writer = LogWriter(form, 2)
    logging.basicConfig(level=logging.WARNING, handlers=[writer], force=True)
    logging.getLogger("offer_sandbox").setLevel(logging.WARNING if form == "off" else logging.INFO)
    try:
        yield writer
    finally:
        writer.leave()


def write_at_once(form: str) -> None:
    """Writes log records in the same format without a thread, for a process that only watches others."""
    stream = logging.StreamHandler()
    stream.setFormatter(_formatter_of(form))
    logging.basicConfig(level=logging.WARNING, handlers=[stream], force=True)


def _formatter_of(form: str) -> logging.Formatter:
    return logging.Formatter(_PLAIN) if form == "off" else _Lazy(form)


def _told(dropped: int) -> logging.LogRecord:
    return logging.makeLogRecord({"levelname": "WARNING", "msg": f"{dropped} lines dropped"})


def _stamp(_: Any, __: str, event: Any) -> Any:
    """Sets the timestamp to the time when the record was created, not when it is written."""
    return {**event, "timestamp": _instant(datetime.fromtimestamp(event["_record"].created, UTC))}


def _escaped(_: Any, __: str, event: Any) -> Any:
    """Escapes control characters, which a terminal would carry out."""
    return {name: _printable(value) if isinstance(value, str) else value for name, value in event.items()}


def _printable(text: str) -> str:
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _formatter(form: str) -> logging.Formatter:
    with IMPORTING:
        import structlog

    chain: list[Any] = [
        structlog.stdlib.add_log_level,
        _stamp,
        structlog.stdlib.ExtraAdder(),
    ]
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if form == "json"
        else [_escaped, structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
