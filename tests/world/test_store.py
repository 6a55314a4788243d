"""What every store does: transactions, records, workspaces, ordinals, due times."""

import pytest

from offer_sandbox.world.collection import Among, Between, Containing
from offer_sandbox.world.store import ReadOnlyTransaction
from stores import ORDERS as KIND
from stores import STORES, workspace


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    """A store of each kind."""
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


def test_records_come_back_in_order_of_insertion(store):
    number = workspace(store)
    with store.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "b", "colour": "red"}, {"id": "a", "colour": "blue"}])
        transaction.put(number, KIND, [{"id": "b", "colour": "blue"}])
    with store.transaction() as transaction:
        assert [order["id"] for order in transaction.select(number, KIND, {})] == ["b", "a"]
        assert transaction.count(number, KIND, {"colour": "blue"}) == 2
        assert transaction.count(number, KIND, {"colour": "red"}) == 0
        assert [order["id"] for order in transaction.select(number, KIND, {}, limit=1, offset=1)] == ["a"]
        assert transaction.get(number, KIND, "b") == {"id": "b", "colour": "blue"}
        assert transaction.get(number, KIND, "c") is None
        assert transaction.delete(number, KIND, "b")
        assert not transaction.delete(number, KIND, "b")


def test_workspaces_do_not_see_each_other(store):
    number = workspace(store)
    with store.transaction() as transaction:
        other = transaction.add_workspace("other", 7, {})
        transaction.put(number, KIND, [{"id": "a"}])
        assert transaction.get(other.id, KIND, "a") is None
        assert transaction.next_ordinal(number, "orders") == 1
        assert transaction.next_ordinal(number, "orders") == 2
        assert transaction.next_ordinal(other.id, "orders") == 1
        assert [*transaction.next_ordinals(number, "orders", 3)] == [3, 4, 5]
        assert [*transaction.next_ordinals(number, "orders", 0)] == []
        assert transaction.next_ordinal(number, "orders") == 6


def test_what_is_due_comes_earliest_first(store):
    number = workspace(store)
    with store.transaction() as transaction:
        orders = [{"id": "late", "due": 30}, {"id": "never"}, {"id": "soon", "due": 10}, {"id": "then", "due": 20}]
        transaction.put(number, KIND, orders)
        assert [order["id"] for order in transaction.due(number, KIND, 20)] == ["soon", "then"]


def test_a_transaction_that_raises_leaves_nothing(store):
    number = workspace(store)
    with pytest.raises(RuntimeError), store.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "a"}])
        transaction.next_ordinal(number, "orders")
        raise RuntimeError
    with store.transaction() as transaction:
        assert transaction.get(number, KIND, "a") is None
        assert transaction.next_ordinal(number, "orders") == 1


def test_a_savepoint_that_raises_leaves_the_rest(store):
    number = workspace(store)
    with store.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "a"}])
        with pytest.raises(RuntimeError), transaction.savepoint():
            transaction.put(number, KIND, [{"id": "b"}])
            with transaction.savepoint():
                transaction.put(number, KIND, [{"id": "c"}])
            raise RuntimeError
    with store.transaction() as transaction:
        assert [order["id"] for order in transaction.select(number, KIND, {})] == ["a"]


def test_clearing_forgets_one_workspace(store):
    number = workspace(store)
    with store.transaction() as transaction:
        other = transaction.add_workspace("other", 7, {}).id
        for each in (number, other):
            transaction.put(each, KIND, [{"id": "a"}])
            assert transaction.mark_seeded(each, "shop")
        transaction.clear(number)
        assert transaction.select(number, KIND, {}) == []
        assert transaction.mark_seeded(number, "shop"), "the fixtures are due again"
        assert transaction.get(other, KIND, "a") == {"id": "a"}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"order": Between(2, 3)}, "bc"),
        ({"order": Between(2, None)}, "bcd"),
        ({"order": Between(None, 2)}, "ab"),
        ({"order": Between()}, "abcde"),
        ({"order": Between(3, 2)}, ""),
        ({"order": None}, "e"),
        ({"tags": Containing(",x,")}, "bd"),
        ({"order": Between(2, None), "tags": Containing(",x,"), "colour": "red"}, "b"),
        ({"order": 2**80}, ""),
        ({"colour": "%"}, ""),
    ],
)
def test_filters(store, where, found):
    number = workspace(store)
    orders = [
        {"id": "a", "order": 1},
        {"id": "b", "order": 2, "tags": ["x"], "colour": "red"},
        {"id": "c", "order": 3, "tags": ["xy"]},
        {"id": "d", "order": 4, "tags": ["w", "x"]},
        {"id": "e"},
    ]
    with store.transaction() as transaction:
        transaction.put(number, KIND, orders)
        assert "".join(order["id"] for order in transaction.select(number, KIND, where)) == found
        assert transaction.count(number, KIND, where) == len(found)


def test_an_order_by_column(store):
    number = workspace(store)
    with store.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "x", "order": 3}, {"id": "y", "order": 1}, {"id": "z", "order": 2}])
        assert [order["id"] for order in transaction.select(number, KIND, {}, order="order")] == ["y", "z", "x"]
        assert [order["id"] for order in transaction.select(number, KIND, {}, order="-order")] == ["x", "z", "y"]


def test_the_next_due_time_after_another(store):
    number = workspace(store)
    with store.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "a", "due": 10}, {"id": "b", "due": 30}, {"id": "c"}])
        assert [transaction.next_due(number, KIND, after) for after in (0, 10, 29, 30)] == [10, 30, 30, None]


def test_a_transaction_knows_whether_it_has_written(store):
    number = workspace(store)
    with store.transaction() as transaction:
        transaction.get(number, KIND, "a")
        assert not transaction.changed
        transaction.put(number, KIND, [{"id": "a"}])
        assert transaction.changed
    with store.transaction() as transaction:
        assert not transaction.changed


def test_seed_seedings_and_ordinals_are_told_and_replaced(store):
    number = workspace(store)
    with store.transaction() as transaction:
        other = transaction.add_workspace("other", 7, {}).id
        for name in ("shop", "bank"):
            transaction.mark_seeded(number, name)
        assert (transaction.seeded(number), transaction.seeded(other)) == (["bank", "shop"], [])
        for name in ("orders", "carts", "orders"):
            transaction.next_ordinal(number, name)
        transaction.next_ordinal(other, "orders")
        assert transaction.ordinals(number) == {"carts": 1, "orders": 2}
        transaction.set_ordinals(number, {"orders": 9, "bills": 0})
        assert transaction.ordinals(number) == {"bills": 0, "orders": 9}
        assert [transaction.next_ordinal(number, name) for name in ("orders", "bills", "carts")] == [10, 1, 1]
        assert transaction.ordinals(other) == {"orders": 1}
        transaction.set_seed(number, 8)
        assert (transaction.workspace("w").seed, transaction.workspace("other").seed) == (8, 7)


def test_every_collection_is_known(store):
    assert store.every() == [KIND]


def test_a_block_that_only_reads_refuses_to_write(store):
    number = workspace(store)
    writes = [
        lambda transaction: transaction.put(number, KIND, [{"id": "a"}]),
        lambda transaction: transaction.delete(number, KIND, "a"),
        lambda transaction: transaction.empty(number, KIND),
        lambda transaction: transaction.clear(number),
        lambda transaction: transaction.next_ordinal(number, "orders"),
        lambda transaction: transaction.set_ordinals(number, {"orders": 1}),
        lambda transaction: transaction.forget_ordinal(number, "orders"),
        lambda transaction: transaction.mark_seeded(number, "shop"),
        lambda transaction: transaction.set_settings(number, {}),
        lambda transaction: transaction.set_used(number, 1),
        lambda transaction: transaction.add_workspace("other", 1, {}),
        lambda transaction: transaction.drop_workspace(number),
        lambda transaction: transaction.probe(),
    ]
    for write in writes:
        with pytest.raises(ReadOnlyTransaction), store.transaction(writes=False) as transaction:
            write(transaction)
    with store.transaction(writes=False) as transaction:
        assert transaction.select(number, KIND, {}) == []
        assert transaction.count_workspaces() == 1


def test_the_first_savepoint_of_a_transaction_takes_all_of_its_block_back(store):
    number = workspace(store)
    with store.transaction() as transaction:
        with pytest.raises(RuntimeError), transaction.savepoint():
            transaction.put(number, KIND, [{"id": "a"}])
            assert transaction.next_ordinal(number, "orders") == 1
            raise RuntimeError
        assert not transaction.changed
        transaction.put(number, KIND, [{"id": "b"}])
        with pytest.raises(RuntimeError), transaction.savepoint():
            transaction.put(number, KIND, [{"id": "c"}])
            raise RuntimeError
        assert transaction.changed
    with store.transaction() as transaction:
        assert [order["id"] for order in transaction.select(number, KIND, {})] == ["b"]
        assert transaction.next_ordinal(number, "orders") == 1


def test_a_workspace_is_told_with_what_a_call_needs_to_know(store):
    number = workspace(store)
    where = {"colour": Among(("red", "blue"))}
    with store.transaction() as transaction:
        assert transaction.head("other", "shop", KIND, where) is None
        head = transaction.head("w", "shop", KIND, where)
        assert head.row == transaction.workspace("w")
        assert (head.seeded, head.next_due, head.present) == (False, None, False)
        transaction.mark_seeded(number, "shop")
        transaction.put(
            number, KIND, [{"id": "a", "due": 30, "colour": "red"}, {"id": "b", "due": 10}, {"id": "c"}]
        )
        head = transaction.head("w", "shop", KIND, where)
        assert (head.seeded, head.next_due, head.present) == (True, 10, True)
        head = transaction.head("w", "another", KIND, {"colour": Among(("green",))})
        assert (head.seeded, head.next_due, head.present) == (False, None, False)


def test_the_values_of_a_column_come_once_each(store):
    number = workspace(store)
    orders = [
        {"id": "a", "colour": "red", "order": 1},
        {"id": "b", "colour": "red", "order": 2},
        {"id": "c", "order": 2},
        {"id": "d", "colour": "blue", "order": 3},
    ]
    with store.transaction() as transaction:
        transaction.put(number, KIND, orders)
        assert transaction.values(number, KIND, "colour", {}) == {"red", "blue", None}
        assert transaction.values(number, KIND, "colour", {"order": Between(None, 2)}) == {"red", None}
        assert transaction.values(number, KIND, "order", {"colour": "green"}) == set()


def test_many_documents_at_once(store):
    number = workspace(store)
    made = [{"id": f"{each:03d}", "order": each} for each in range(100)]
    with store.transaction() as transaction:
        assert transaction.put(number, KIND, made[:40]) == 40
        assert transaction.put(number, KIND, [*made[30:], {"id": "000", "order": 7}]) == 100, "some of them again"
        assert transaction.put(number, KIND, [{"id": "x"}, {"id": "x", "order": 1}]) == 101, "twice the same"
        assert transaction.put(number, KIND, []) == 0
        assert [order["id"] for order in transaction.select(number, KIND, {})] == [each["id"] for each in made] + [
            "x"
        ]
        found = transaction.get_many(number, KIND, ["000", "099", "x", "none", '"'])
    assert found == {"000": {"id": "000", "order": 7}, "099": made[99], "x": {"id": "x", "order": 1}}
