"""The journal keeps the newest exchanges within its bounds and counts what it drops."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from known_entries import Known
from offer_sandbox.world.journal import Journal
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.memory_journal import MemoryJournal
from offer_sandbox.world.store.entries import Entries, Written
from offer_sandbox.world.store.journal import FILE_NAME, JournalFile
from offer_sandbox.world.store.postgresql import JournalTable, PostgresqlStore, ServedTable
from offer_sandbox.world.store.postgresql.database import Database
from offer_sandbox.world.stored_journal import StoredJournal
from postgresql import shared


def entry(id: str, workspace: str, size: int = 0) -> dict:
    """An entry that takes about `size` bytes and 250 more."""
    return {"id": id, "workspace": workspace, "operation": "shop.buy", "text": "x" * size}


def filled(journal: Journal, count: int, size: int = 1, workspace: str = "w") -> Journal:
    for number in range(count):
        journal.add(Known(entry(f"{workspace}{number}", workspace, size)))
    return journal


def table(url: DatabaseUrl) -> JournalTable:
    database = Database(url, lambda _: None, 3)
    return JournalTable(database, ServedTable(database))


@pytest.fixture(params=["folder", "postgresql"])
def entries(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Entries]:
    """Opens the same journal's database of each kind, again and again."""
    if request.param == "folder":
        return lambda: JournalFile(tmp_path)
    url = DatabaseUrl(shared().new_url())
    PostgresqlStore(url, []).close()
    return lambda: table(url)


@pytest.fixture(params=["memory", "folder", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Journal]]:
    """Makes a journal of each kind."""
    there: list[Journal] = []

    def make(**bounds: int) -> Journal:
        if request.param == "memory":
            there.append(MemoryJournal(**bounds))
        elif request.param == "folder":
            there.append(StoredJournal(JournalFile(tmp_path), **bounds))
        else:
            url = DatabaseUrl(shared().new_url())
            PostgresqlStore(url, []).close()
            there.append(StoredJournal(table(url), **bounds))
        return there[-1]

    yield make
    for journal in there:
        journal.close()


def test_the_oldest_go_first(made):
    journal = filled(made(maximum=3), 5)
    assert [journal.get(f"w{number}") is not None for number in range(5)] == [False, False, True, True, True]
    assert journal.dropped("w") == 2


def test_bytes_are_bounded_too_but_the_newest_always_stays(made):
    journal = filled(made(maximum=100, max_bytes=10_000), 5, size=4_000)
    assert journal.dropped("w") == 3
    journal.add(Known(entry("huge", "w", 1_000_000)))
    assert journal.get("huge") is not None


def test_a_workspace_can_be_forgotten(made):
    journal = filled(filled(made(), 2, workspace="a"), 2, workspace="b")
    journal.forget("a")
    assert journal.get("a0") is None
    assert journal.get("b0") is not None
    assert journal.dropped("w") == 0


def test_room_is_made_by_whoever_has_the_most_and_never_by_the_newest(made):
    journal = made(maximum=100, max_bytes=57_000)
    for workspace in ("a", "b", "c"):
        filled(journal, 3 if workspace == "a" else 1, size=8_000, workspace=workspace)
    journal.add(Known(entry("large", "d", 30_000)))
    assert journal.get("large") is not None
    assert (journal.dropped("a"), journal.dropped("b"), journal.dropped("d")) == (2, 0, 0)
    assert [entry["id"] for entry in journal.newest("c")] == ["c0"]


def test_what_came_after_a_number_comes_in_order(made):
    journal = filled(filled(made(), 3, workspace="a"), 2, workspace="b")
    first = journal.number("a0")
    entries, reached = journal.after("a", first, 10)
    assert [entry["id"] for entry in entries] == ["a1", "a2"]
    assert journal.after("a", reached, 10) == ([], reached)
    assert [entry["id"] for entry in journal.after("a", 0, 2)[0]] == ["a0", "a1"]
    assert journal.last("b") == journal.number("b1")
    assert journal.number("gone") == 0


def test_what_one_process_adds_another_sees_at_once(entries):
    one, other = (StoredJournal(entries(), shared=True) for _ in range(2))
    filled(one, 2, workspace="a")
    assert [each["id"] for each in other.newest("a")] == ["a1", "a0"]
    filled(other, 1, workspace="b")
    assert one.get("b0") == entry("b0", "b", 1)
    assert one.after("b", 0, 10)[1] == other.last("b")
    one.close()
    other.close()


def test_the_bounds_hold_for_all_processes_together(entries):
    one, other = (StoredJournal(entries(), 3, shared=True) for _ in range(2))
    filled(one, 2)
    other.add(Known(entry("x", "w")))
    other.add(Known(entry("y", "w")))
    assert [each["id"] for each in one.newest("w")] == ["y", "x", "w1"]
    assert (one.dropped("w"), other.count("w")) == (1, 3)
    one.close()
    other.close()


def test_it_is_there_again_after_a_restart(entries):
    journal = filled(StoredJournal(entries()), 3)
    last = journal.last("w")
    journal.close()
    again = StoredJournal(entries())
    assert [each["id"] for each in again.newest("w")] == ["w2", "w1", "w0"]
    again.forget("w")
    assert again.count("w") == 0
    filled(again, 1)
    assert again.last("w") > last, "a number is never given twice"
    again.close()


def test_lists_of_any_length_are_read_in_pages_and_by_operation(made):
    journal = filled(made(), 450)
    journal.add(Known({"id": "other", "workspace": "w", "operation": "bank.pay"}))
    assert [each["id"] for each in journal.newest("w", "shop.*")] == [f"w{n}" for n in range(449, -1, -1)]
    assert [each["id"] for each in journal.newest("w", "bank.pay")] == ["other"]
    assert len(list(journal.newest("w", limit=201))) == 201
    assert len(list(journal.newest("w", after=journal.number("w440")))) == 10


def test_what_cannot_be_written_waits_and_is_counted_when_there_is_too_much_of_it(tmp_path, monkeypatch, caplog):
    lost = []
    journal = filled(StoredJournal(JournalFile(tmp_path), lost=lost.append), 1)
    journal.flush()
    monkeypatch.setattr("offer_sandbox.world.stored_journal._MAX_KEPT_BACK", 100)

    def read_only() -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        connection.execute("PRAGMA query_only = on")
        return connection

    monkeypatch.setattr(journal._entries._database, "_open", read_only)
    journal._entries._database._file = None
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

    StoredJournal(JournalFile(tmp_path)).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="it has journal version 99, but this program reads version 1"):
        StoredJournal(JournalFile(tmp_path))


def test_in_memory_an_entry_is_made_when_it_is_read_and_only_once(monkeypatch):
    journal, made = MemoryJournal(), []
    record = Known(entry("one", "w"))
    monkeypatch.setattr(record, "entry", lambda: made.append(1) or entry("one", "w"))
    journal.add(record)
    assert (made, journal.count("w"), journal.number("one")) == ([], 1, 1)
    assert journal.get("one") == next(journal.newest("w")) == journal.after("w", 0, 1)[0][0] == entry("one", "w")
    assert made == [1]


def test_an_entry_that_is_written_twice_counts_once(entries):
    """A write may succeed and be reported as failed. With counts too high the trimming would find nothing to drop."""
    journal = entries()
    written = [Written("w", f"id-{number}", None, b"x" * 1000) for number in range(3)]
    assert journal.add(written, 10, 100_000) == 0
    assert journal.add([*written, Written("w", "id-3", None, b"y")], 10, 100_000) == 0
    assert journal.counts("w") == (4, 0)
    assert journal.add([*written, Written("w", "id-4", None, b"z" * 100)], 10, 1_500) == 3
    assert journal.counts("w") == (2, 3)
    assert [journal.get(f"id-{number}") is None for number in range(5)] == [True, True, True, False, False]
    journal.close()


def test_a_page_ends_before_it_has_too_many_bytes(entries):
    """A reader's memory has a limit. One entry is returned, however long it is."""
    journal = entries()
    sizes = [100_000, 100_000, 100_000, 1_000_000, 10]
    journal.add([Written("w", f"id-{place}", None, b"x" * size) for place, size in enumerate(sizes)], 10, 10**8)
    first = journal.after("w", 0, 10)
    assert [len(entry) for _, entry in first] == [100_000, 100_000]
    assert [len(entry) for _, entry in journal.after("w", first[-1][0] + 1, 10)] == [1_000_000]
    assert [len(entry) for _, entry in journal.newest("w")] == [10]
    assert [len(entry) for _, entry in journal.newest("w", before=journal.number("id-4"))] == [1_000_000]
    journal.close()


def test_servers_that_add_drop_and_forget_at_the_same_time_do_not_block_each_other():
    """A deadlock would be a StoreError of one of them."""
    url = DatabaseUrl(shared().new_url())
    PostgresqlStore(url, []).close()
    journals = [table(url) for _ in range(4)]

    def add(server: int) -> None:
        for turn in range(120):
            names = ["a", "b", "c"] if turn % 2 else ["c", "b", "a"]
            batch = [Written(name, f"{server}-{turn}-{name}", None, b"x" * 500) for name in names]
            journals[server].add(batch, 5, 4_000)

    def forget(server: int) -> None:
        for turn in range(120):
            journals[server].forget("abc"[turn % 3])

    with ThreadPoolExecutor(4) as pool:
        working = [*(pool.submit(add, server) for server in range(3)), pool.submit(forget, 3)]
        for each in working:
            each.result()
    for name in "abc":
        assert journals[0].counts(name)[0] == len(journals[0].newest(name)) <= 5
    for each in journals:
        each.close()
