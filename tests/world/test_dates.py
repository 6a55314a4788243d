"""Dates of records that move by a span: each keeps its form, and nothing else changes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from offer_sandbox.world.clock import LATEST
from offer_sandbox.world.dates import REFERENCE, by_days, by_time, by_workdays, shifted


def test_dates_of_every_form_move_at_any_depth():
    record = {
        "at": "2026-04-17T19:45:00Z",
        "fine": "2026-04-17T19:45:00.250Z",
        "wall": "2026-04-17 19:45:00",
        "day": "2026-04-17",
        "due": 1_776_455_100_000,
        "none": None,
        "notes": "2026-04-17T19:45:00Z",
        "inner": {"rows": [{"at": "2026-12-31T23:59:59Z", "text": "at"}, 7]},
    }
    after = shifted(
        record, by_time(REFERENCE + timedelta(days=1, seconds=30)), {"at", "fine", "wall", "day", "due", "none"}
    )
    assert after == {
        "at": "2026-04-18T19:45:30Z",
        "fine": "2026-04-18T19:45:30.250Z",
        "wall": "2026-04-18 19:45:30",
        "day": "2026-04-18",
        "due": 1_776_541_530_000,
        "none": None,
        "notes": "2026-04-17T19:45:00Z",
        "inner": {"rows": [{"at": "2027-01-02T00:00:29Z", "text": "at"}, 7]},
    }
    assert record["at"] == "2026-04-17T19:45:00Z", "the record itself stays as it was"


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ((2026, 4, 17, 19, 45), 0),
        ((2026, 4, 18, 19, 44), 0),
        ((2026, 4, 17, 19, 44), -1),
        ((2026, 4, 27, 20, 0), 10),
    ],
)
def test_whole_days_since_the_reference(now, days):
    assert by_days(datetime(*now, tzinfo=UTC))(REFERENCE) == REFERENCE + timedelta(days=days)


@pytest.mark.parametrize("days", [-5000, -3, 0, 1, 2, 3, 9, 1000])
def test_working_days_keep_their_order_and_are_no_sundays(days):
    now = REFERENCE + timedelta(days=days)
    first = datetime.fromisoformat("2026-04-01 09:00:00")
    workdays = [first + timedelta(days=number) for number in range(17)]
    workdays = [day for day in workdays if day.weekday() != 6]
    moved = [by_workdays(now)(day) for day in workdays]
    assert all(earlier < later for earlier, later in pairwise(moved))
    assert {day.weekday() for day in moved} <= set(range(6))
    assert {day.time() for day in moved} == {workdays[0].time()}
    assert timedelta(0) <= now.replace(tzinfo=None) - moved[-1] < timedelta(days=3)


@pytest.mark.parametrize("year", [(1970, 1, 1), (8999, 12, 31)])
def test_at_an_end_of_the_calendar_dates_stay_within_it(year):
    now = datetime(*year, tzinfo=UTC)
    assert datetime(1970, 3, 1, tzinfo=UTC) < by_time(now)(REFERENCE - timedelta(days=100))
    assert by_days(now)(REFERENCE + timedelta(days=40)) < LATEST
