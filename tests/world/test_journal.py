"""The journal keeps the newest exchanges within its bounds and counts what it drops."""

import sqlite3

import pytest

from offer_sandbox.world.journal import Journal
from offer_sandbox.world.store.journal import FILE_NAME


def entry(id: str, workspace: str, size: int = 0) -> dict:
    """An entry that takes about `size` bytes and 250 more."""
    return {"id": id, "workspace": workspace, "operation": "shop.buy", "text": "x" * size}


def filled(journal: Journal, count: int, size: int = 1, workspace: str = "w") -> Journal:
    for number in range(count):
        journal.add(entry(f"{workspace}{number}", workspace, size))
    return journal


def test_the_oldest_go_first():
    journal = filled(Journal(maximum=3), 5)
    assert [journal.get(f"w{number}") is not None for number in range(5)] == [False, False, True, True, True]
    assert journal.dropped("w") == 2


def test_bytes_are_bounded_too_but_the_newest_always_stays():
    journal = filled(Journal(maximum=100, max_bytes=10_000), 5, size=4_000)
    assert journal.dropped("w") == 3
    journal.add(entry("huge", "w", 1_000_000))
    assert journal.get("huge") is not None


def test_a_workspace_can_be_forgotten():
    journal = filled(filled(Journal(), 2, workspace="a"), 2, workspace="b")
    journal.forget("a")
    assert journal.get("a0") is None
    assert journal.get("b0") is not None
    assert journal.dropped("w") == 0


def test_room_is_made_by_whoever_has_the_most_and_never_by_the_newest():
    journal = Journal(maximum=100, max_bytes=57_000)
    for workspace in ("a", "b", "c"):
        filled(journal, 3 if workspace == "a" else 1, size=8_000, workspace=workspace)
    journal.add(entry("large", "d", 30_000))
    assert journal.get("large") is not None
    assert (journal.dropped("a"), journal.dropped("b"), journal.dropped("d")) == (2, 0, 0)
    assert [entry["id"] for entry in journal.newest("c")] == ["c0"]


def test_what_came_after_a_number_comes_in_order():
    journal = filled(filled(Journal(), 3, workspace="a"), 2, workspace="b")
    first = journal.number("a0")
    entries, reached = journal.after("a", first, 10)
    assert [entry["id"] for entry in entries] == ["a1", "a2"]
    assert journal.after("a", reached, 10) == ([], reached)
    assert [entry["id"] for entry in journal.after("a", 0, 2)[0]] == ["a0", "a1"]
    assert journal.number() == journal.number("b1")
    assert journal.number("gone") == 0


def test_what_one_process_adds_another_sees_at_once(tmp_path):
    one, other = (Journal(folder=tmp_path, shared=True) for _ in range(2))
    filled(one, 2, workspace="a")
    assert [each["id"] for each in other.newest("a")] == ["a1", "a0"]
    filled(other, 1, workspace="b")
    assert one.get("b0") == entry("b0", "b", 1)
    assert one.after("b", 0, 10)[1] == other.number()
    one.close()
    other.close()


def test_the_bounds_hold_for_all_processes_together(tmp_path):
    one, other = (Journal(maximum=3, folder=tmp_path, shared=True) for _ in range(2))
    filled(one, 2)
    other.add(entry("x", "w"))
    other.add(entry("y", "w"))
    assert [each["id"] for each in one.newest("w")] == ["y", "x", "w1"]
    assert (one.dropped("w"), other.count("w")) == (1, 3)
    one.close()
    other.close()


def test_it_is_there_again_after_a_restart(tmp_path):
    journal = filled(Journal(folder=tmp_path), 3)
    last = journal.number()
    journal.close()
    again = Journal(folder=tmp_path)
    assert [each["id"] for each in again.newest("w")] == ["w2", "w1", "w0"]
    again.forget("w")
    assert again.count("w") == 0
    assert again.number() == last, "a number is never given twice"
    again.close()


def test_lists_of_any_length_are_read_in_pages_and_by_operation():
    journal = filled(Journal(), 450)
    journal.add({"id": "other", "workspace": "w", "operation": "bank.pay"})
    assert [each["id"] for each in journal.newest("w", "shop.*")] == [f"w{n}" for n in range(449, -1, -1)]
    assert [each["id"] for each in journal.newest("w", "bank.pay")] == ["other"]
    assert len(list(journal.newest("w", limit=201))) == 201
    assert len(list(journal.newest("w", after=journal.number("w440")))) == 10


def test_what_cannot_be_written_waits_and_is_counted_when_there_is_too_much_of_it(tmp_path, monkeypatch, caplog):
    lost = []
    journal = filled(Journal(folder=tmp_path, lost=lost.append), 1)
    journal.flush()
    monkeypatch.setattr("offer_sandbox.world.journal._MAX_KEPT_BACK", 100)

    def read_only() -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        connection.execute("PRAGMA query_only = on")
        return connection

    monkeypatch.setattr(journal._file._database, "_open", read_only)
    journal._file._database._file = None
    filled(journal, 150, workspace="late")
    journal.flush()
    assert sum(lost) == 50
    assert "the journal cannot be written" in caplog.text
    monkeypatch.undo()
    assert journal.count("late") == 100, "the newest of them, as soon as it can be written"
    assert journal.count("w") == 1
    journal.close()


def test_a_journal_of_another_version_is_refused(tmp_path):
    from offer_sandbox.world.store import StoreError

    Journal(folder=tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="version 99 of the journal"):
        Journal(folder=tmp_path)
