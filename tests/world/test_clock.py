"""The workspace's clock: instants, durations, advancing."""

from datetime import UTC, datetime, timedelta

import pytest

from offer_sandbox.world.clock import (
    Clock,
    ClockError,
    from_ms,
    parse_duration,
    parse_instant,
    print_instant,
    print_seconds,
    real_now,
    to_ms,
)

NOON = datetime(2026, 4, 17, 12, tzinfo=UTC)


def test_a_frozen_clock_stands_still():
    clock = Clock().set("frozen", NOON)
    assert clock.now() == clock.now() == NOON


def test_a_real_clock_runs_on_from_where_it_was_set():
    clock = Clock().set("real", NOON)
    assert timedelta(0) <= clock.now() - NOON < timedelta(minutes=5)


def test_an_untouched_clock_shows_the_machines_time():
    before = real_now()
    assert before <= Clock().now() <= real_now()


@pytest.mark.parametrize("mode", ["real", "frozen"])
def test_advancing_moves_forward(mode):
    clock = Clock().set(mode, NOON)
    assert clock.advanced(timedelta(days=8)).now() - clock.now() >= timedelta(days=8) - timedelta(seconds=5)


@pytest.mark.parametrize("span", [timedelta(seconds=-1), timedelta(days=3651)])
def test_advancing_backward_or_too_far_is_refused(span):
    with pytest.raises(ClockError):
        Clock().advanced(span)


def test_the_clock_never_passes_the_year_9000():
    late = Clock().set("frozen", datetime(8999, 12, 1, tzinfo=UTC))
    with pytest.raises(ClockError):
        late.advanced(timedelta(days=60))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P8D", timedelta(days=8)),
        ("PT25S", timedelta(seconds=25)),
        ("PT0.5S", timedelta(milliseconds=500)),
        ("P1M", timedelta(days=30)),
        ("P1Y", timedelta(days=365)),
        ("P1W", timedelta(weeks=1)),
    ],
)
def test_durations(text, expected):
    assert parse_duration(text, NOON) == expected


@pytest.mark.parametrize("text", ["", "8D", "P", "PX", "1 day", "P8D ", "P99999999999Y", "P-"])
def test_what_is_no_duration(text):
    with pytest.raises(ClockError):
        parse_duration(text, NOON)


@pytest.mark.parametrize("text", ["2026-04-17T12:00:00Z", "2026-04-17T14:00:00+02:00", "2026-04-17T12:00:00.000Z"])
def test_instants(text):
    assert parse_instant(text) == NOON
    assert print_instant(parse_instant(text)) == "2026-04-17T12:00:00.000Z"


def test_whole_seconds_are_cut():
    assert print_seconds(parse_instant("2026-04-17T14:00:00.999+02:00")) == "2026-04-17T12:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-04-17",
        "2026-04-17T12:00:00",
        "2026-13-01T00:00:00Z",
        "1960-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
    ],
)
def test_what_is_no_instant(text):
    with pytest.raises(ClockError):
        parse_instant(text)


def test_milliseconds_come_back():
    assert from_ms(to_ms(NOON)) == NOON
