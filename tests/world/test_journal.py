"""The journal keeps the newest exchanges within its bounds and counts what it drops."""

from offer_sandbox.world.journal import Journal


def filled(journal: Journal, count: int, size: int = 1, workspace: str = "w") -> Journal:
    for number in range(count):
        journal.add({"id": f"{workspace}{number}", "workspace": workspace}, size)
    return journal


def test_the_oldest_go_first():
    journal = filled(Journal(most=3), 5)
    assert [journal.get(f"w{number}") is not None for number in range(5)] == [False, False, True, True, True]
    assert journal.dropped("w") == 2


def test_bytes_are_bounded_too_but_the_newest_always_stays():
    journal = filled(Journal(most=100, most_bytes=10), 5, size=4)
    assert journal.dropped("w") == 3
    journal.add({"id": "huge", "workspace": "w"}, 1000)
    assert journal.get("huge") is not None


def test_a_workspace_can_be_forgotten():
    journal = filled(filled(Journal(), 2, workspace="a"), 2, workspace="b")
    journal.forget("a")
    assert journal.get("a0") is None
    assert journal.get("b0") is not None
    assert journal.dropped("w") == 0


def test_room_is_made_by_whoever_has_the_most_and_never_by_the_newest():
    journal = Journal(most=100, most_bytes=40)
    for workspace in ("a", "b", "c"):
        filled(journal, 3 if workspace == "a" else 1, size=8, workspace=workspace)
    journal.add({"id": "large", "workspace": "d"}, 30)
    assert journal.get("large") is not None
    assert (journal.dropped("a"), journal.dropped("b"), journal.dropped("d")) == (3, 1, 0)
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
