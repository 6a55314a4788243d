"""Dates of records that move by a span: each keeps its form, and nothing else changes."""

from datetime import UTC, datetime, timedelta

import pytest

from offer_sandbox.world.dates import shifted, whole_days


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
    after = shifted(record, timedelta(days=1, seconds=30), {"at", "fine", "wall", "day", "due", "none"})
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
    assert whole_days(datetime(*now, tzinfo=UTC)) == timedelta(days=days)
