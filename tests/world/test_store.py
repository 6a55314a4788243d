"""The store on real SQLite files: transactions, records, workspaces, versions, durability."""

import sqlite3
import threading
from dataclasses import replace

import pytest

from offer_sandbox.world.collection import Between, Collection, Containing
from offer_sandbox.world.store import SqliteStore, StoreError
from offer_sandbox.world.store.sqlite import FILE_NAME

KIND = Collection(
    provider="shop",
    name="orders",
    key="id",
    columns={
        "colour": lambda order: order.get("colour"),
        "order": lambda order: order.get("order"),  # a word of SQL is a name like any other
        "tags": lambda order: f",{','.join(order.get('tags', []))},",
    },
    indexes=(("colour",), ("order", "colour")),
    due=lambda order: order.get("due"),
)


@pytest.fixture(params=["memory", "folder"])
def store(request, tmp_path):
    """A store of either kind."""
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "new" / "folder", [KIND])
    yield opened
    opened.close()


def workspace(store):
    """A new workspace's number."""
    with store.transaction() as transaction:
        found = transaction.workspace("w")
        return (found or transaction.add_workspace("w", 42, {"mode": "real", "offset": 0, "at": 0})).id


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


def test_two_processes_worth_of_connections_lose_no_increment(tmp_path):
    stores = [SqliteStore(tmp_path, [KIND]) for _ in range(2)]
    number = workspace(stores[0])
    with stores[0].transaction() as transaction:
        transaction.put(number, KIND, [{"id": "a", "count": 0}])

    def increment(store):
        for _ in range(100):
            with store.transaction() as transaction:
                found = transaction.get(number, KIND, "a")
                transaction.put(number, KIND, [{**found, "count": found["count"] + 1}])

    threads = [threading.Thread(target=increment, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[1].transaction() as transaction:
        assert transaction.get(number, KIND, "a")["count"] == 200
    for store in stores:
        store.close()


def test_a_folder_is_read_again(tmp_path):
    first = SqliteStore(tmp_path, [KIND])
    number = workspace(first)
    with first.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "a", "price": 1.5}])
    first.close()
    second = SqliteStore(tmp_path, [KIND])
    with second.transaction() as transaction:
        found = transaction.workspace("w")
        assert found.seed == 42
        assert transaction.get(found.id, KIND, "a") == {"id": "a", "price": 1.5}
    second.close()


def test_another_schema_version_is_refused_with_the_way_out(tmp_path):
    SqliteStore(tmp_path, [KIND]).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="snapshot"):
        SqliteStore(tmp_path, [KIND])


def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot use the folder"):
        SqliteStore(tmp_path / "file", [KIND])
    (tmp_path / FILE_NAME).write_text("this is no database, and long enough to be told apart from one")
    with pytest.raises(StoreError, match="cannot open the store"):
        SqliteStore(tmp_path, [KIND])


def test_a_commit_that_fails_leaves_the_store_usable(tmp_path):
    """Another connection's lock makes the commit fail; nothing is kept, and the next transaction works."""
    store = SqliteStore(tmp_path, [KIND])
    number = workspace(store)

    class Failing:
        def __init__(self, connection):
            self.connection = connection

        def __getattr__(self, name):
            return getattr(self.connection, name)

        def execute(self, statement, *values):
            if statement == "COMMIT":
                raise sqlite3.OperationalError("disk I/O error")
            return self.connection.execute(statement, *values)

    real = store._database._connection
    store._database._connection = Failing(real)
    with pytest.raises(StoreError, match="disk"), store.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "a"}])
    store._database._connection = real
    with store.transaction() as transaction:
        assert transaction.get(number, KIND, "a") is None
    store.close()


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


def test_a_table_of_other_columns_is_refused_with_the_way_out(tmp_path):
    SqliteStore(tmp_path, [KIND]).close()
    with pytest.raises(StoreError, match="snapshot"):
        SqliteStore(tmp_path, [replace(KIND, columns={"size": lambda order: None}, indexes=())])


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
