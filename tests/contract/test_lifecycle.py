"""Reads that are counted: the same way for every provider."""

from datetime import UTC, datetime

import pytest

from offer_sandbox.contract import Progression, after_read

NOW = datetime(2026, 4, 17, 19, 45, tzinfo=UTC)


def record(polls: int | None, status: str = "waiting"):
    """A record that is to be read that often before it moves on."""
    return {"status": status, "sandbox": {"polls": polls}}


def done(stored, _):
    """It has ended."""
    return {**stored, "status": "done", "sandbox": {"polls": None}}


def waits_again(stored, _):
    """It waits in its next state for two reads."""
    return {**stored, "status": "next", "sandbox": {"polls": 2}}


def test_the_read_after_the_last_moves_the_record_on():
    seen = [record(2)]
    for _ in range(3):
        seen.append(after_read(seen[-1], NOW, done))
    assert [(each["status"], each["sandbox"]["polls"]) for each in seen] == [
        ("waiting", 2),
        ("waiting", 1),
        ("waiting", 0),
        ("done", None),
    ]


def test_the_read_that_moves_it_on_counts_for_the_next_state():
    after = after_read(record(0), NOW, waits_again)
    assert (after["status"], after["sandbox"]["polls"]) == ("next", 1)


@pytest.mark.parametrize(("stored", "moves"), [(record(None), done), (record(3), None)])
def test_what_reads_do_not_move_stays_the_very_same(stored, moves):
    """A step by time, and a state that reads do not end: nothing is to be stored."""
    assert after_read(stored, NOW, moves) is stored


def test_a_step_is_due_by_time_or_by_reads():
    assert Progression(progression="manual", polls=3).planned(NOW) == (None, 3)
    assert Progression(progression="time", seconds=1).planned(NOW) == (int(NOW.timestamp() * 1000) + 1000, None)
    assert Progression(progression="immediate", seconds=9).planned(NOW) == (int(NOW.timestamp() * 1000), None)
