"""Pages of lists: what the store remembers between them, and what makes it look again."""

import random
import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from offer_sandbox.world.collection import Between, Collection
from offer_sandbox.world.store.lists import RememberedLists
from offer_sandbox.world.store.sqlite import SqliteStore

KIND = Collection(
    provider="shop",
    name="orders",
    key="id",
    columns={"colour": lambda order: order.get("colour"), "size": lambda order: order.get("size")},
)


def opened(folder: Path | None, shared: bool = False) -> SqliteStore:
    return SqliteStore(folder, [KIND], shared=shared)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    made = opened(None)
    with made.transaction() as transaction:
        transaction.add_workspace("one", 1, {})
        transaction.add_workspace("two", 1, {})
        transaction.put(1, KIND, [{"id": str(each), "size": each % 3} for each in range(10)])
    yield made
    made.close()


def ids(transaction, **options) -> tuple[str, int]:
    rows, total = transaction.page(1, KIND, options.pop("where", {}), 4, options.pop("offset", 0), **options)
    return "".join(row["id"] for row in rows), total


def test_pages_of_a_list(store):
    with store.transaction(writes=False) as transaction:
        assert ids(transaction) == ("0123", 10)
        assert ids(transaction, offset=8) == ("89", 10)
        assert ids(transaction, offset=2**80) == ("", 10)
        assert ids(transaction, where={"size": Between(1, 2)}, order="-size") == ("2581", 6)
        assert ids(transaction, where={"colour": "red"}) == ("", 0)


def test_whatever_writes_is_seen_at_once(store):
    draw = random.Random(1)
    for _ in range(300):
        with store.transaction() as transaction:
            id = str(draw.randrange(30))
            match draw.randrange(6):
                case 0 | 1:
                    transaction.put(1, KIND, [{"id": id, "size": draw.randrange(3)}])
                case 2:
                    transaction.delete(1, KIND, id)
                case 3:
                    transaction.put(2, KIND, [{"id": id}])
                case 4:
                    with pytest.raises(RuntimeError), transaction.savepoint():
                        transaction.put(1, KIND, [{"id": id, "size": 1}])
                        transaction.page(1, KIND, {}, 5, 0)
                        raise RuntimeError
                case 5 if draw.random() < 0.1:
                    transaction.clear(1)
            same(transaction)
        with store.transaction(writes=False) as transaction:
            same(transaction)


def same(transaction) -> None:
    """A page is what a selection and a count say."""
    for where in ({}, {"size": 1}):
        for offset in (0, 7):
            rows, total = transaction.page(1, KIND, where, 5, offset, "-size")
            assert rows == transaction.select(1, KIND, where, 5, offset, "-size")
            assert total == transaction.count(1, KIND, where)


def test_a_transaction_that_fails_leaves_nothing_remembered(store):
    with pytest.raises(RuntimeError), store.transaction() as transaction:
        transaction.put(1, KIND, [{"id": "x"}])
        assert transaction.page(1, KIND, {}, 5, 0)[1] == 11
        raise RuntimeError
    with store.transaction(writes=False) as transaction:
        assert ids(transaction) == ("0123", 10)


def test_what_another_process_writes_is_seen(tmp_path):
    one, other = opened(tmp_path, shared=True), opened(tmp_path, shared=True)
    with one.transaction() as transaction:
        transaction.add_workspace("one", 1, {})
    for number in range(1, 4):
        with other.transaction() as transaction:
            transaction.put(1, KIND, [{"id": str(number)}])
        with one.transaction(writes=False) as transaction:
            assert ids(transaction)[1] == ids(transaction)[1] == number
    one.close()
    other.close()


def test_a_document_that_goes_between_two_looks_is_no_mistake(store):
    with store.transaction(writes=False) as transaction:
        assert ids(transaction) == ("0123", 10)
        transaction._connection.execute("DELETE FROM shop_orders WHERE id = '2'")  # as if by another process
        assert ids(transaction) == ("0134", 9)


def test_later_pages_cost_one_statement(store):
    told: list[str] = []
    with store.transaction(writes=False) as transaction:
        transaction._connection.set_trace_callback(told.append)
        for offset in (0, 0, 4, 8):
            ids(transaction, where={"size": Between(0, 2)}, offset=offset)
    assert len([each for each in told if each.startswith("SELECT")]) == 5


def test_no_more_positions_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr("offer_sandbox.world.store.lists._MOST_POSITIONS", 25)
    lists, seen = RememberedLists(), (sqlite3.connect(":memory:"), 0)
    for number in range(5):
        lists.keep(seen, (1, "orders", None, number), array("q", range(10)))
    assert [lists.get(seen, (1, "orders", None, number)) is not None for number in range(5)] == [False] * 3 + [
        True
    ] * 2
    lists.keep(seen, (1, "orders", None, "much"), array("q", range(100)))
    assert lists.get(seen, (1, "orders", None, "much")) is not None, "the list in use is kept, however long"
    assert lists.get(seen, (1, "orders", None, 4)) is None
    lists.changed(1, "bills")
    assert lists.get(seen, (1, "orders", None, "much")) is not None
    lists.changed(1, "orders")
    assert lists.get(seen, (1, "orders", None, "much")) is None
    seen[0].close()
