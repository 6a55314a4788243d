"""Writes log records as structured lines, from a thread, so that who reads them slowly keeps nobody waiting."""

import contextlib
import logging
import logging.handlers
import os
import queue
import select
from collections.abc import Iterable, Iterator
from typing import Any, cast

FORMATS = ("json", "text", "off")
_MAX_WAITING = 10_000
_LEAVE_SECONDS = 2.0
_PLAIN = "%(levelname)s %(name)s: %(message)s"


class _Waiting(logging.handlers.QueueHandler):
    """Hands records to the thread; where too many wait already, they are dropped and their number is told."""

    dropped = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record  # nothing is pickled on the way to a thread


class _Lazy(logging.Formatter):
    """The structured form; what it takes is loaded with the first line, in the thread."""

    def __init__(self, form: str) -> None:
        super().__init__(_PLAIN)
        self._form = form
        self._formatter: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._formatter is None:
            try:
                self._formatter = _formatter(self._form)
            except (OSError, ImportError):  # no file can be opened: just then a line must not be lost
                return super().format(record)
        return self._formatter.format(record)


class _Writer:
    """Writes each record to a file descriptor. It is no handler of `logging`, which at the end of a process
    would wait for one that a slow reader holds up."""

    def __init__(self, descriptor: int, formatter: logging.Formatter) -> None:
        self._descriptor = descriptor
        self._formatter = formatter

    def handle(self, record: logging.LogRecord) -> None:
        try:
            text = self._formatter.format(record)
        except Exception as error:  # somebody's record that cannot be formatted must not end the log
            text = f"{record.levelname} {record.name}: {record.msg!r} ({error})"
        left = f"{text}\n".encode(errors="backslashreplace")
        with contextlib.suppress(OSError):  # who read it is gone
            while left:
                left = self._write(left)

    def _write(self, text: bytes) -> bytes:
        try:
            return text[os.write(self._descriptor, text) :]
        except BlockingIOError:  # the descriptor is another program's too, which wants it so
            select.select([], [self._descriptor], [])
            return text


@contextlib.contextmanager
def written(form: str) -> Iterator[None]:
    """Has records written to standard error while the block runs, in one of FORMATS: those of the sandbox from
    INFO on (one for each exchange), of others from WARNING on. `off` leaves exchanges out, and warnings plain."""
    formatter = _formatter_of(form)
    waiting: queue.Queue[Any] = queue.Queue(_MAX_WAITING)
    handler = _Waiting(waiting)
    listener = logging.handlers.QueueListener(waiting, cast("logging.Handler", _Writer(2, formatter)))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("offer_sandbox").setLevel(logging.WARNING if form == "off" else logging.INFO)
    listener.start()
    try:
        yield
    finally:
        last: list[Any] = [_told(handler.dropped)] if handler.dropped else []
        _leave(listener, waiting, [*last, listener._sentinel])  # type: ignore[attr-defined]  # as it stops itself


def write_at_once(form: str) -> None:
    """Has records written in the same form without a thread: for a process that only watches others."""
    stream = logging.StreamHandler()
    stream.setFormatter(_formatter_of(form))
    logging.basicConfig(level=logging.WARNING, handlers=[stream], force=True)


def _formatter_of(form: str) -> logging.Formatter:
    return logging.Formatter(_PLAIN) if form == "off" else _Lazy(form)


def _told(dropped: int) -> logging.LogRecord:
    return logging.makeLogRecord({"levelname": "WARNING", "msg": f"{dropped} lines dropped"})


def _leave(
    listener: logging.handlers.QueueListener, waiting: "queue.Queue[Any]", last: Iterable[logging.LogRecord]
) -> None:
    """Waits for the last lines, but not for a reader who has stopped reading."""
    with contextlib.suppress(queue.Full):
        for each in last:
            waiting.put(each, timeout=_LEAVE_SECONDS)
        if listener._thread is not None:
            listener._thread.join(_LEAVE_SECONDS)


def _formatter(form: str) -> logging.Formatter:
    import structlog

    chain: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.ExtraAdder(),
    ]
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if form == "json"
        else [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
