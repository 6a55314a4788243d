"""A PostgreSQL in trouble: restarted, moved, slow, or without connections. Every call that needs it gets 503 in its
dialect, nothing acknowledged is lost, and all goes on without a restart when the trouble is over."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from postgresql import Cluster, cluster, free_port
from provider_calls import send
from running_server import Client, Server, until
from several_servers import Servers, flood
from slow_proxy import SlowProxy
from store_trouble import in_trouble, used, well_again


@pytest.fixture
def own() -> Iterator[Cluster]:
    """A PostgreSQL that the test may stop."""
    with cluster() as made:
        yield made


class Load:
    """Clients that create offers on some servers until they are told to stop. Whatever is acknowledged is noted, and
    every other answer must be a 503."""

    def __init__(self, urls: list[str]) -> None:
        self.acknowledged: list[str] = []
        self.refused = 0
        self._urls = urls
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(len(urls) * 2)
        self._running = [self._pool.submit(self._create, url) for url in urls for _ in "ab"]

    def _create(self, url: str) -> None:
        with requests.Session() as session:
            while not self._over.is_set():
                answer = send(url, "covent", "sbx_load", "write", session)
                if answer.status_code == 503:
                    assert answer.headers["X-Sandbox-Outcome"].endswith(".unavailable"), answer.text
                    self.refused += 1
                else:
                    assert answer.status_code < 300, answer.text
                    self.acknowledged.append(answer.json()["id"])

    def more(self, count: int) -> None:
        """Waits until that many more are acknowledged."""
        wanted = len(self.acknowledged) + count
        until(lambda: len(self.acknowledged) >= wanted or any(each.done() for each in self._running), 60)

    def stop(self) -> None:
        """Ends it. Every acknowledged offer is there, on each of the servers, and all ids differ."""
        self._over.set()
        for each in self._running:
            each.result()
        self._pool.shutdown()
        assert len(set(self.acknowledged)) == len(self.acknowledged)
        for url in self._urls:
            stored = {each["id"] for each in Client(url, "load", requests.Session()).state("covent/offers")}
            assert set(self.acknowledged) <= stored


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_restart_under_load(own, how):
    servers = Servers(2, "--data", own.new_url())
    load = Load([each.url for each in servers.servers])
    load.more(50)
    own.stop(how)
    until(lambda: load.refused > 20)
    own.start()
    load.more(50)
    load.stop()
    assert servers.stop() == [0, 0]


def test_the_first_calls_after_a_restart_are_in_the_journal(own):
    """The database was restarted while nobody called. Whatever is answered then is stored, journal entry included."""
    database = own.database()
    server = Server("--data", own.url(database))
    flood([server.url], 60, "GET", "/covent/api/v1/listings", {"Authorization": "Bearer sbx_idle"})
    own.stop()
    own.start()
    ids = [send(server.url, "covent", "sbx_idle").headers["X-Sandbox-Request-Id"] for _ in range(3)]
    listed = requests.get(f"{server.url}/__admin/requests?workspace=idle", timeout=30)
    assert listed.json()["meta"]["total"] == 63
    server.kill()
    stored = {id for (id,) in own.execute("SELECT id FROM offer_sandbox.journal_entries", database)}
    assert set(ids) <= stored


def test_while_it_is_away_every_dialect_says_so(own):
    server = Server("--data", own.new_url())
    before = used(server)
    own.stop()
    in_trouble(server)
    own.start()
    until(lambda: requests.get(f"{server.url}/health/ready", timeout=30).status_code == 200)
    well_again(server, before)
    assert server.stop() == 0


def test_at_another_address(own):
    """The URL names two hosts, and the database moves from one to the other."""
    other = free_port()
    server = Server("--data", own.url(own.database(), own.port, other))
    load = Load([server.url])
    load.more(20)
    own.stop()
    until(lambda: load.refused > 5)
    own.start(other)
    load.more(20)
    load.stop()
    assert server.stop() == 0


def test_without_connections(own):
    """The role may open fewer connections than the servers want, then none at all, then enough again."""
    own.execute("CREATE ROLE sandbox LOGIN")
    database = own.database()
    own.execute(f"ALTER DATABASE {database} OWNER TO sandbox")
    servers = Servers(2, "--data", own.url(database).replace("postgres@", "sandbox@"))
    load = Load([each.url for each in servers.servers])
    load.more(20)
    for limit in (6, 0):
        own.execute(f"ALTER ROLE sandbox CONNECTION LIMIT {limit}")
        own.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'sandbox'")
        if limit:
            load.more(50)
    until(lambda: load.refused > 20)
    ready = requests.get(f"{servers.url}/health/ready", timeout=30)
    assert (ready.status_code, ready.headers["Content-Type"]) == (503, "application/problem+json")
    own.execute("ALTER ROLE sandbox CONNECTION LIMIT -1")
    load.more(50)
    load.stop()
    assert servers.stop() == [0, 0]


def test_a_slow_statement_delays_only_its_own_call(own):
    """Storing a Covent offer takes two seconds. Other calls are answered meanwhile."""
    database = own.database()
    server = Server("--data", own.url(database))
    assert send(server.url, "covent", "sbx_slow").status_code == 200
    make_offers_slow(own, database, seconds=2)
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(send, server.url, "covent", f"sbx_slow{number}", "write") for number in range(3)]
        for number in range(30):
            assert send(server.url, "ebay", f"sbx_quick{number % 3}").status_code == 200
            assert requests.get(f"{server.url}/health", timeout=30).status_code == 200
        assert not any(each.done() for each in slow)
        assert {each.result().status_code for each in slow} == {200}
    assert server.stop() == 0


def test_the_server_ends_during_a_statement_that_takes_minutes(own):
    """The call is in flight for longer than the server waits for it. Its statement is cancelled."""
    database = own.database()
    server = Server("--data", own.url(database))
    make_offers_slow(own, database, seconds=600)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(send, server.url, "covent", "sbx_slow", "write")
        until(lambda: own.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'", database))
        assert server.stop() == 0
        with pytest.raises(requests.ConnectionError):
            slow.result()


def make_offers_slow(own: Cluster, database: str, seconds: int) -> None:
    """Lets each statement that stores Covent's offers take so long."""
    own.execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NEW; END $$",
        database,
    )
    own.execute(
        "CREATE TRIGGER slow BEFORE INSERT ON offer_sandbox.covent_offers EXECUTE FUNCTION slow()", database
    )


def test_a_workspace_that_is_locked_for_long_delays_no_other_one(own):
    """More calls wait for it than the server has threads. Other workspaces and the readiness check work."""
    database = own.database()
    server = Server("--data", own.url(database))
    for name in ("locked", "other"):
        assert send(server.url, "covent", f"sbx_{name}").status_code == 200
    with (
        psycopg.connect(own.url(database)) as connection,
        ThreadPoolExecutor(40) as pool,
    ):
        connection.execute("SELECT 1 FROM offer_sandbox.workspaces WHERE name = 'locked' FOR UPDATE")
        waiting = [pool.submit(send, server.url, "covent", "sbx_locked", "write") for _ in range(40)]
        until(lambda: waits(own, database) >= 4)
        for _ in range(5):
            assert send(server.url, "covent", "sbx_other", "write").status_code == 200
            assert requests.get(f"{server.url}/health/ready", timeout=30).status_code == 200
        assert not any(each.done() for each in waiting)
        connection.rollback()
        assert {each.result().status_code for each in waiting} == {200}
    assert server.stop() == 0


def waits(own: Cluster, database: str) -> int:
    """How many statements in the database wait for a lock."""
    [(found,)] = own.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", database)
    return found


def test_while_nothing_arrives_the_server_still_says_that_it_lives(own):
    """The network to the database stands still, with more calls than the server has threads."""
    proxy = SlowProxy(own.port)
    server = Server("--data", own.url(own.database(), proxy.port))
    assert send(server.url, "covent", "sbx_still").status_code == 200
    proxy.hold()
    with ThreadPoolExecutor(60) as pool:
        calls = [pool.submit(send, server.url, "covent", "sbx_still", "write") for _ in range(30)]
        control = [pool.submit(requests.get, f"{server.url}/__admin/rules", timeout=60) for _ in range(20)]
        odd = [pool.submit(requests.request, "PUT", f"{server.url}/health/live", timeout=60) for _ in range(3)]
        for _ in range(10):
            assert requests.get(f"{server.url}/health", timeout=5).status_code == 200
        assert not any(each.done() for each in (*calls, *control))
        proxy.release()
        assert {each.result().status_code for each in (*calls, *control)} == {200}
        assert {each.result().status_code for each in odd} == {404}
    assert server.stop() == 0
    proxy.close()
