"""Moves the dates of records by a span, so that initial records are recent on any clock."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from offer_sandbox.world.clock import parse_instant, print_instant, print_seconds
from offer_sandbox.world.collection import Document

REFERENCE = datetime(2026, 4, 17, 19, 45, tzinfo=UTC)  # the present of `fixtures/*.json`


def whole_days(now: datetime) -> timedelta:
    """Returns the whole days from the reference to `now`, rounded down. Dates that move by whole days keep their
    time of day, and a reset on the same day brings the same records."""
    return timedelta(days=(now - REFERENCE) // timedelta(days=1))


def shifted(record: Document, span: timedelta, names: Collection[str]) -> Document:
    """Returns the record with each date in a member of one of these names moved by the span, at any depth. A date
    keeps its form: an instant in UTC, milliseconds since 1970, a wall time or a day. Null stays null."""
    return {
        name: _moved(value, span) if name in names else _within(value, span, names)
        for name, value in record.items()
    }


def _within(value: Any, span: timedelta, names: Collection[str]) -> Any:
    if isinstance(value, dict):
        return shifted(value, span, names)
    if isinstance(value, list):
        return [_within(each, span, names) for each in value]
    return value


def _moved(date: str | int | None, span: timedelta) -> str | int | None:
    if date is None or isinstance(date, int):
        return None if date is None else date + span // timedelta(milliseconds=1)
    if date.endswith("Z"):
        return (print_instant if "." in date else print_seconds)(parse_instant(date) + span)
    moved = datetime.fromisoformat(date) + span
    return str(moved.date()) if len(date) == len("2026-04-17") else moved.isoformat(" ")
