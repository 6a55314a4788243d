"""What a store remembers of workspaces is true whatever is written, here or by another process, and after trouble."""

import itertools
import random
from pathlib import Path

import pytest

from offer_sandbox.assembly import kinds
from offer_sandbox.providers import providers
from offer_sandbox.rules.repository import RULES, concerning
from offer_sandbox.world.store import Store, WorkspaceHead
from offer_sandbox.world.store.sqlite import SqliteStore

CLOCK = {"mode": "frozen", "offset": 0, "at": 0}


class Undone(Exception):
    """Takes a transaction back."""


def store(folder: Path | None, **options: bool) -> SqliteStore:
    return SqliteStore(folder, kinds(providers()), **options)


def heads(asked: Store, name: str) -> list[WorkspaceHead | None]:
    """What calls of two providers would be told."""
    with asked.transaction(writes=False) as transaction:
        return [
            transaction.head(name, provider, RULES, concerning(operation))
            for provider, operation in (("covent", "covent.createOffer"), ("sibi", "sibi.getOffer"))
        ]


def truth(asked: SqliteStore, name: str) -> list[WorkspaceHead | None]:
    """The same without what is remembered."""
    asked.heads.__init__()  # type: ignore[misc]
    return heads(asked, name)


def offer(number: int, due: int | None) -> dict:
    known = {"id": f"off_{number}", "listing_id": "l", "status": "submitted", "expires_at": None}
    return {**known, "sandbox": {"decision": due}}


def write(transaction, number: int, rng: random.Random) -> None:
    """Something that a head may tell of."""
    row = transaction.workspace("w") or transaction.add_workspace("w", 1, CLOCK)
    offers = transaction.store.collections("covent")["offers"]
    rule = {
        "id": f"rule_{number % 3}",
        "rule": {"operation": rng.choice(["covent.*", "sibi.getOffer"])},
        "scenario": None,
    }
    match rng.randrange(12):
        case 0:
            transaction.set_clock(row.id, {**CLOCK, "at": number})
        case 1:
            transaction.set_settings(row.id, {"switches": {"sibi.absent": str(number)}})
        case 2:
            transaction.mark_seeded(row.id, rng.choice(["covent", "sibi"]))
        case 3 | 4:
            transaction.put(row.id, RULES, [rule])
        case 5:
            transaction.empty(row.id, RULES)
        case 6:
            transaction.drop_workspace(row.id)
        case 7:
            transaction.clear(row.id)
        case 8:
            transaction.set_seed(row.id, number)
        case 9:
            transaction.set_used(row.id, number)
        case _:
            transaction.put(row.id, offers, [offer(number % 5, rng.choice([None, number, 10**6]))])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["memory", "folder", "two processes"])
def test_what_is_remembered_is_what_there_is(tmp_path: Path, kind: str, seed: int):
    """Six hundred random writes, some taken back, some by another connection to the same file. A due time may be too
    early, and how many records there are is not asked."""
    rng = random.Random(seed)
    own = store(None if kind == "memory" else tmp_path)
    writers = [own, *([store(tmp_path)] if kind == "two processes" else [])]
    for number in range(600):
        before = heads(own, "w")
        try:
            with rng.choice(writers).transaction() as transaction:
                for _ in range(rng.randrange(1, 3)):
                    write(transaction, number, rng)
                if rng.random() < 0.2:
                    raise Undone
        except Undone:
            pass
        found, real = heads(own, "w"), truth(own, "w")
        assert before is not None
        for remembered, there in zip(found, real, strict=True):
            if remembered is None or there is None:
                assert remembered is there is None
                continue
            same = ("id", "name", "seed", "clock", "settings", "used", "key")
            assert [getattr(remembered.row, name) for name in same] == [getattr(there.row, name) for name in same]
            assert (remembered.seeded, remembered.present) == (there.seeded, there.present)
            if there.next_due is not None:
                assert remembered.next_due is not None
                assert remembered.next_due <= there.next_due
    for each in writers:
        each.close()


def test_a_look_that_is_repeated_asks_nothing():
    own = store(None)
    with own.transaction() as transaction:
        transaction.add_workspace("w", 1, CLOCK)
    first, statements = heads(own, "w"), itertools.count()
    own._database._connection.set_trace_callback(lambda _: next(statements))
    assert heads(own, "w") == first
    assert next(statements) == 0
    with own.transaction(writes=False) as transaction:
        transaction.look_again(first[0].row.id)
    assert heads(own, "w") == first
    assert next(statements) == 3, "once for each, and this"
