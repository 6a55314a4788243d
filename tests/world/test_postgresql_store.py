"""PostgreSQL as a store: interleavings of two servers, versions, unusual values, and what a statement costs."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest

from offer_sandbox.assembly import kinds
from offer_sandbox.providers import providers
from offer_sandbox.world.collection import Among, Between, Containing
from offer_sandbox.world.limits import LimitReached, Limits
from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.store import StoreError
from offer_sandbox.world.store.postgresql import PostgresqlStore
from offer_sandbox.world.workspaces import Beginning, Workspaces
from postgresql import shared
from running_server import until
from stores import ORDERS as KIND
from stores import workspace


@pytest.fixture
def url() -> DatabaseUrl:
    """A new database."""
    return DatabaseUrl(shared().new_url())


@pytest.fixture
def stores(url) -> Iterator[tuple[PostgresqlStore, PostgresqlStore]]:
    """Those of two servers on one database."""
    pair = PostgresqlStore(url, [KIND]), PostgresqlStore(url, [KIND])
    yield pair
    for each in pair:
        each.close()


def waits_for_a_lock(url: DatabaseUrl) -> bool:
    """Whether a statement in the database waits for a lock."""
    with psycopg.connect(url.url, autocommit=True) as connection:
        waiting = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    assert waiting is not None
    return waiting[0] > 0


def end_connections(url: DatabaseUrl, state: str) -> None:
    """Ends the connections to the database that are in this state, as a restart would."""
    with psycopg.connect(url.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = %s AND pid <> pg_backend_pid()",
            (state,),
        )


def later(work: Callable[[], object]) -> "Future[object]":
    """Begins some work in a thread."""
    with_result: Future[object] = Future()

    def run() -> None:
        try:
            with_result.set_result(work())
        except BaseException as error:
            with_result.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return with_result


def increment(store: PostgresqlStore) -> int:
    """Adds 1 to a record as a call would: looks the workspace up, reads the record, and writes it."""
    with store.transaction() as transaction:
        row = transaction.workspace("w")
        assert row is not None
        found = transaction.get(row.id, KIND, "a") or {"id": "a", "count": 0}
        transaction.put(row.id, KIND, [{**found, "count": found["count"] + 1}])
        return int(found["count"]) + 1


def test_two_servers_lose_no_increment(stores):
    workspace(stores[0])
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda number: increment(stores[number % 2]), range(200)))
    assert sorted(told) == list(range(1, 201))


def test_a_second_writer_waits_for_the_first_and_sees_what_it_wrote(url, stores):
    here, there = stores
    number = workspace(here)
    with here.transaction() as transaction:
        assert transaction.workspace("w") is not None
        second = later(lambda: increment(there))
        until(lambda: waits_for_a_lock(url))
        transaction.put(number, KIND, [{"id": "a", "count": 41}])
        assert not second.done()
    assert second.result(30) == 42


def test_the_head_that_a_waiting_writer_reads_is_that_after_the_first_one(url, stores):
    """One statement that waits for a lock would read the other tables as they were before."""
    here, there = stores
    number = workspace(here)

    def head():
        with there.transaction() as transaction:
            return transaction.head("w", "shop", KIND, {"colour": Among(("red",))})

    with here.transaction() as transaction:
        assert transaction.workspace("w") is not None
        waiting = later(head)
        until(lambda: waits_for_a_lock(url))
        transaction.mark_seeded(number, "shop")
        transaction.put(number, KIND, [{"id": "a", "due": 7, "colour": "red"}])
    found = waiting.result(30)
    assert (found.seeded, found.next_due, found.present, found.row.records) == (True, 7, True, 1)


def test_a_reader_neither_waits_nor_sees_half(stores):
    here, there = stores
    number = workspace(here)
    with here.transaction() as writing:
        assert writing.workspace("w") is not None
        writing.put(number, KIND, [{"id": "a"}])
        with there.transaction(writes=False) as reading:
            assert reading.head("w", "shop", KIND, {}).row.records == 0
            writing.put(number, KIND, [{"id": "b"}])
            assert reading.select(number, KIND, {}) == []
    with there.transaction(writes=False) as reading:
        assert reading.count(number, KIND, {}) == 2


def test_what_a_reader_reads_is_of_one_moment(stores):
    here, there = stores
    number = workspace(here)
    with there.transaction(writes=False) as reading:
        assert reading.count(number, KIND, {}) == 0
        with here.transaction() as writing:
            writing.put(number, KIND, [{"id": "a"}])
        assert reading.select(number, KIND, {}) == []


def test_two_servers_make_a_workspace_once(url, stores):
    def open_workspace(store: PostgresqlStore) -> int:
        workspaces = Workspaces(Beginning(seed=1), lambda *_: {"orders": [{"id": "a"}]})
        with store.transaction() as transaction:
            return workspaces.open(transaction, "new", "shop").row.id

    here, there = stores
    with here.transaction() as transaction:
        assert transaction.workspace("new") is None
        second = later(lambda: open_workspace(there))
        until(lambda: waits_for_a_lock(url))
        first = transaction.add_workspace("new", 1, {"mode": "real", "offset": 0, "at": 0}).id
        transaction.mark_seeded(first, "shop")
    assert second.result(30) == first
    with here.transaction(writes=False) as transaction:
        assert transaction.count(first, KIND, {}) == 0, "the second found the fixtures marked"


def test_the_last_place_is_given_once(stores):
    workspaces = Workspaces(Beginning(seed=1), lambda *_: {}, Limits(workspaces=5))

    def add(number: int) -> bool:
        with stores[number % 2].transaction() as transaction:
            try:
                workspaces.row(transaction, f"w{number}")
            except LimitReached:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(add, range(24))).count(True) == 5


def test_a_workspace_in_use_is_not_deleted_as_idle(stores):
    here, there = stores
    workspace(here)
    with here.transaction() as using:
        assert using.workspace("w") is not None
        with there.transaction() as tidying:
            assert tidying.idle(10**15) == []
    with there.transaction() as tidying:
        assert [row.name for row in tidying.idle(10**15)] == ["w"]


def test_a_call_that_waits_for_a_deleted_workspace_makes_it_anew(url, stores):
    here, there = stores
    number = workspace(here)
    with here.transaction() as deleting:
        assert deleting.workspace("w") is not None
        second = later(lambda: workspace(there))
        until(lambda: waits_for_a_lock(url))
        deleting.drop_workspace(number)
    assert second.result(30) != number


def test_two_servers_sweep_beside_each_other(url, stores):
    here, there = stores
    with here.transaction() as transaction:
        for name in ("a", "b"):
            row = transaction.add_workspace(name, 1, {})
            transaction.put(row.id, KIND, [{"id": str(each)} for each in range(30)])
            transaction.drop_workspace(row.id)
    with here.transaction() as one:
        assert one.sweep(10) is True
        with there.transaction() as other:
            assert other.sweep(1000) is False, "nothing is left that nobody else removes"
    with there.transaction() as other:
        assert other.sweep(1000) is False
    with psycopg.connect(url.url) as connection:
        assert connection.execute("SELECT count(*) FROM offer_sandbox.shop_orders").fetchone() == (0,)


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "\x01", "\x02", "\x020", "x" * 5_000, "ä" * 5_000, "%_\\'\"", "\U0001f600"]
)
def test_any_text_can_be_an_id_and_a_filter(stores, text):
    here, _ = stores
    number = workspace(here)
    with here.transaction() as transaction:
        transaction.put(
            number, KIND, [{"id": text, "colour": text, "tags": [text]}, {"id": "other", "colour": text[:-1]}]
        )
        assert transaction.get(number, KIND, text)["colour"] == text
        assert [*transaction.get_many(number, KIND, [text, "none"])] == [text]
        for where in ({"colour": text}, {"colour": Among((text,))}, {"tags": Containing(f",{text},")}):
            assert [each["id"] for each in transaction.select(number, KIND, where)] == [text]
        assert transaction.delete(number, KIND, text)


def test_values_of_a_column_keep_their_type_and_their_order(stores):
    here, _ = stores
    number = workspace(here)
    kept = [-(2**63) + 1, -5, 0, 7, 2**63 - 1, "", "\x00", "10", "9", "Z", "a", "ä"]
    with here.transaction() as transaction:
        transaction.put(number, KIND, [{"id": str(place), "order": value} for place, value in enumerate(kept)])
        found = transaction.select(number, KIND, {}, order="order")
        assert [each["order"] for each in found if isinstance(each["order"], int)] == kept[:5]
        texts = [each["order"] for each in found if isinstance(each["order"], str)]
        assert texts == ["", "\x00", "10", "9", "Z", "a", "ä"]
        assert transaction.values(number, KIND, "order", {}) == set(kept)
        assert transaction.count(number, KIND, {"order": Between(-5, 7)}) == 3
        assert transaction.count(number, KIND, {"order": "7"}) == 0


def test_another_schema_version_is_refused_with_the_way_out(url):
    PostgresqlStore(url, [KIND]).close()
    with psycopg.connect(url.url) as connection:
        connection.execute("UPDATE offer_sandbox.schema_version SET version = 99")
    with pytest.raises(StoreError, match="schema version 99, but this program reads version 1; save a snapshot"):
        PostgresqlStore(url, [KIND])


def test_tables_of_another_program_are_refused_with_the_way_out(url):
    with psycopg.connect(url.url) as connection:
        connection.execute("CREATE SCHEMA offer_sandbox")
        connection.execute("CREATE TABLE offer_sandbox.workspaces (id INTEGER)")
    with pytest.raises(StoreError, match="did not write it"):
        PostgresqlStore(url, [KIND])


def test_another_column_is_refused_with_the_way_out(url):
    PostgresqlStore(url, [KIND]).close()
    with pytest.raises(StoreError, match="table shop_orders has other columns"):
        PostgresqlStore(url, [replace(KIND, columns={"size": lambda order: None}, indexes=())])


def test_a_missing_table_is_refused(url):
    PostgresqlStore(url, [KIND]).close()
    with psycopg.connect(url.url) as connection:
        connection.execute("DROP TABLE offer_sandbox.seeded")
    with pytest.raises(StoreError, match="table seeded is missing"):
        PostgresqlStore(url, [KIND])


def test_an_old_server_works_beside_a_new_one_with_another_collection(url):
    """The version is the same, and the new one adds a table."""
    old = PostgresqlStore(url, [KIND])
    number = workspace(old)
    new = PostgresqlStore(url, [KIND, replace(KIND, name="carts")])
    with new.transaction() as transaction:
        transaction.put(number, new.collections("shop")["carts"], [{"id": "c"}])
        transaction.put(number, KIND, [{"id": "a"}])
    with old.transaction() as transaction:
        assert transaction.get(number, KIND, "a") == {"id": "a"}
        assert transaction.workspace("w").records == 2
    again = PostgresqlStore(url, [KIND])
    for each in (old, new, again):
        each.close()


def test_servers_that_start_together_make_the_tables_once(url):
    known = [*kinds(providers())]
    with ThreadPoolExecutor(4) as pool:
        for each in pool.map(lambda _: PostgresqlStore(url, known), range(4)):
            each.close()


def test_a_transaction_that_the_database_ended_is_not_acknowledged(url, stores):
    """As a restart would, before the commit."""
    here, there = stores
    number = workspace(here)
    with pytest.raises(StoreError), here.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "a"}])
        end_connections(url, "idle in transaction")
    with there.transaction() as transaction:
        assert transaction.get(number, KIND, "a") is None
    with here.transaction() as transaction:
        assert transaction.get(number, KIND, "a") is None


def test_every_idle_connection_may_be_broken(url, stores):
    """All connections of the pool end while nobody uses them, as after a restart; no transaction fails for that."""
    here, _ = stores
    workspace(here)
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: increment(here), range(20)))
        shared().execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle' AND datname = '{_database(here)}'"
        )
        assert sorted(pool.map(lambda _: increment(here), range(20))) == list(range(21, 41))


def test_no_connection_is_lost_while_the_database_fails(url):
    """More failed transactions than the pool has connections, and some that fail to begin."""
    store = PostgresqlStore(url, [KIND])
    workspace(store)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(6):
            working = [pool.submit(increment, store) for _ in range(30)]
            end_connections(url, "idle")
            end_connections(url, "idle in transaction")
            for each in working:
                each.exception()
    for _ in range(25):
        with pytest.raises(StoreError, match="syntax error"):
            store.database.begin("BEGIN NONSENSE")

    def all_are_back() -> bool:
        stats = store.database._pool.get_stats()
        return stats["pool_size"] == stats["pool_available"]

    until(all_are_back)  # the pool opens connections in threads of its own
    store.close()


def test_the_version_changes_when_an_older_transaction_commits_after_a_newer_one(stores):
    here, there = stores
    with here.transaction() as older:
        older.probe()
        with there.transaction() as newer:
            newer.add_workspace("new", 1, {})
        before = there.version()
    assert there.version() != before


def test_another_encoding_is_refused():
    shared().execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreError, match="its encoding is LATIN1"):
        PostgresqlStore(DatabaseUrl(shared().url("latin")), [KIND])


def test_missing_values_are_the_lowest_in_an_order(stores):
    here, _ = stores
    number = workspace(here)
    with here.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "b", "order": 1}, {"id": "a"}, {"id": "c", "order": -7}])
        assert "".join(each["id"] for each in transaction.select(number, KIND, {}, order="order")) == "acb"
        assert "".join(each["id"] for each in transaction.select(number, KIND, {}, order="-order")) == "bca"
        assert transaction.select(number, KIND, {"order": Among(())}) == []


def test_values_that_are_too_long_for_an_index_are_whole(stores):
    here, _ = stores
    number = workspace(here)
    with here.transaction() as transaction:
        transaction.put(number, KIND, [{"id": "a", "colour": "x" * 5_000}, {"id": "b", "colour": "red"}])
        assert transaction.values(number, KIND, "colour", {}) == {"x" * 5_000, "red"}


def test_names_with_odd_characters_are_unknown(stores):
    here, _ = stores
    with here.transaction() as transaction:
        assert transaction.workspace("a\x00") is None
        number = transaction.add_workspace("b", 1, {}).id
        transaction.set_ordinals(number, {"odd\x00": 4})
        assert transaction.next_ordinal(number, "odd\x00") == 5
        assert transaction.ordinals(number) == {"odd\x00": 5}


def test_a_role_that_owns_the_schema_needs_no_right_on_the_database(url):
    with psycopg.connect(url.url, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN CREATE ROLE tenant LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        connection.execute("CREATE SCHEMA offer_sandbox AUTHORIZATION tenant")
    store = PostgresqlStore(DatabaseUrl(url.url.replace("postgres@", "tenant@")), [KIND])
    workspace(store)
    store.close()
