"""Clocks, timestamps and durations, and the only code that may read the machine's time."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import isodate

LATEST = datetime(9000, 1, 1, tzinfo=UTC)
MAX_ADVANCE = timedelta(days=3650)


class ClockError(ValueError):
    """A timestamp or duration that is malformed or out of range."""


def real_now() -> datetime:
    """Returns the machine's time in UTC, truncated to milliseconds (the finest unit in a payload)."""
    return from_ms(real_ms())


def real_ms() -> int:
    """Returns the machine's time in whole milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def stopwatch() -> float:
    """Returns the seconds of a monotonic counter, to measure elapsed real time."""
    return time.perf_counter()


def pause(seconds: float) -> None:
    """Waits for this many seconds of real time."""
    time.sleep(seconds)


def to_ms(instant: datetime) -> int:
    """Returns the whole milliseconds since 1970-01-01T00:00:00Z."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """Returns the UTC time this many milliseconds after 1970-01-01T00:00:00Z."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def print_instant(instant: datetime) -> str:
    """Formats a time like `2026-04-17T19:45:00.000Z`: UTC with three decimals, as eBay and Opendoor do."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def print_seconds(instant: datetime) -> str:
    """Formats a time like `2026-04-17T19:45:00Z`: UTC truncated to whole seconds, as Covent and Sibi do."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """Parses an ISO 8601 timestamp with a time zone and converts it to UTC.

    Raises ClockError for any other text, and for a time before 1970 or after the start of the year 9000.
    """
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError("no zone")
        instant = from_ms(to_ms(instant))
    except (ValueError, TypeError, OverflowError):
        raise ClockError(f"{text!r} is not a timestamp such as 2026-04-17T19:45:00Z") from None
    if not _EPOCH <= instant <= LATEST:
        raise ClockError("a timestamp must be between the years 1970 and 9000")
    return instant


def parse_duration(text: str, start: datetime) -> timedelta:
    """Parses an ISO 8601 duration such as `P8D` or `PT25S`. Months and years count from `start`.

    Raises ClockError for any other text.
    """
    try:
        span = isodate.parse_duration(text)
        if isinstance(span, isodate.Duration):
            span = span.totimedelta(start=start)
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        raise ClockError(f"{text!r} is not an ISO 8601 duration such as P8D or PT25S") from None
    assert isinstance(span, timedelta)
    return span


@dataclass(frozen=True)
class Clock:
    """A workspace's clock.

    `mode` is `real` (the machine's time plus `offset` ms) or `frozen` (fixed at `at`, ms since 1970).
    """

    mode: str = "real"
    offset: int = 0
    at: int = 0

    def now(self) -> datetime:
        """Returns the workspace's time in UTC, in whole milliseconds and never after `LATEST`."""
        if self.mode == "frozen":
            return from_ms(self.at)
        return min(real_now() + timedelta(milliseconds=self.offset), LATEST)

    def set(self, mode: str, now: datetime) -> "Clock":
        """Returns a clock in this mode that shows `now` at this moment."""
        if mode == "frozen":
            return Clock(mode="frozen", at=to_ms(now))
        return Clock(mode="real", offset=to_ms(now) - to_ms(real_now()))

    def advanced(self, span: timedelta) -> "Clock":
        """Returns this clock moved forward. Raises ClockError if the span is negative, exceeds `MAX_ADVANCE`, or
        ends after `LATEST`."""
        if not timedelta(0) <= span <= MAX_ADVANCE:
            raise ClockError("the clock can only move forward, by at most P3650D")
        if self.now() + span > LATEST:
            raise ClockError("the clock cannot pass the year 9000")
        milliseconds = span // timedelta(milliseconds=1)
        if self.mode == "frozen":
            return Clock(mode="frozen", at=self.at + milliseconds)
        return Clock(mode="real", offset=self.offset + milliseconds)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
