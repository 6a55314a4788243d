"""Moves the dates of records, so that initial records are recent on any clock."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from offer_sandbox.world.clock import LATEST, from_ms, parse_instant, print_instant, print_seconds, to_ms
from offer_sandbox.world.collection import Document

REFERENCE = datetime(2026, 4, 17, 19, 45, tzinfo=UTC)  # the present of `fixtures/*.json`
_EARLIEST = datetime(1970, 7, 1, tzinfo=UTC)  # leaves room for the oldest dates of a world after 1970
_LATEST = LATEST - timedelta(days=60)  # leaves room for its expiries before the end of the calendar
_WORKDAYS = 6  # Monday to Saturday
Move = Callable[[datetime], datetime]


def elapsed(now: datetime) -> timedelta:
    """Returns the time from the reference to `now`. A clock at an end of the calendar is taken as a little further
    inside, so that all dates stay within the calendar."""
    return min(max(now, _EARLIEST), _LATEST) - REFERENCE


def by_time(now: datetime) -> Move:
    """Returns the move of dates by exactly the time from the reference to `now`."""
    span = elapsed(now)
    return lambda date: date + span


def by_days(now: datetime) -> Move:
    """Returns the move of dates by the whole days from the reference to `now`, rounded down. They keep their time
    of day, and a reset on the same day brings the same records."""
    span = timedelta(days=elapsed(now) // timedelta(days=1))
    return lambda date: date + span


def by_workdays(now: datetime) -> Move:
    """Returns the move of dates by the days from the reference to `now` that are no Sundays. No date moves to a
    Sunday."""
    span = _workday(REFERENCE + elapsed(now)) - _workday(REFERENCE)

    def move(date: datetime) -> datetime:
        week, day = divmod(_workday(date) + span, _WORKDAYS)
        return datetime.combine(datetime.fromordinal(week * 7 + day + 1), date.time())

    return move


def _workday(date: datetime) -> int:
    """Returns the number of a day among all days that are no Sundays. A Sunday has that of the day before."""
    week, day = divmod(date.toordinal() - 1, 7)
    return week * _WORKDAYS + min(day, _WORKDAYS - 1)


def shifted(record: Document, move: Move, names: Collection[str]) -> Document:
    """Returns the record with each date in a member of one of these names moved, at any depth. A date keeps its
    form: an instant in UTC, milliseconds since 1970, a wall time or a day. Null stays null."""
    return {
        name: _moved(value, move) if name in names else _within(value, move, names)
        for name, value in record.items()
    }


def _within(value: Any, move: Move, names: Collection[str]) -> Any:
    if isinstance(value, dict):
        return shifted(value, move, names)
    if isinstance(value, list):
        return [_within(each, move, names) for each in value]
    return value


def _moved(date: str | int | None, move: Move) -> str | int | None:
    if date is None:
        return None
    if isinstance(date, int):
        return to_ms(move(from_ms(date)))
    if date.endswith("Z"):
        return (print_instant if "." in date else print_seconds)(move(parse_instant(date)))
    moved = move(datetime.fromisoformat(date))
    return str(moved.date()) if len(date) == len("2026-04-17") else moved.isoformat(" ")
