"""SQLite as a store: its files, its versions, several connections, a commit that fails."""

import sqlite3
import threading
from dataclasses import replace

import pytest

from offer_sandbox.world.store import StoreError
from offer_sandbox.world.store.sqlite import FILE_NAME, SqliteStore
from stores import ORDERS as KIND
from stores import workspace


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


def test_a_table_of_other_columns_is_refused_with_the_way_out(tmp_path):
    SqliteStore(tmp_path, [KIND]).close()
    with pytest.raises(StoreError, match="snapshot"):
        SqliteStore(tmp_path, [replace(KIND, columns={"size": lambda order: None}, indexes=())])
