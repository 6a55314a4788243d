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
