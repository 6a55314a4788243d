"""`doctor --data postgresql://...`: whether a server could use the database. The check changes nothing."""

import psycopg

from doctor_runs import ask
from postgresql import free_port, shared
from running_server import Server


def tables(url: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT table_name FROM information_schema.tables ORDER BY 1").fetchall()


def test_an_empty_database_stays_empty():
    url = shared().new_url()
    before = tables(url)
    code, found = ask("--data", url)
    assert (code, found["data"]["status"]) == (0, "ok")
    assert "no tables yet" in found["data"]["found"]
    assert tables(url) == before


def test_the_database_of_a_running_server():
    url = shared().new_url()
    server = Server("--data", url)
    code, found = ask(OFFER_SANDBOX_DATA=url)
    assert (code, found["data"]["status"]) == (0, "ok")
    assert "has the sandbox's tables, version 1" in found["data"]["found"]
    assert server.stop() == 0


def test_a_database_of_another_version():
    url = shared().new_url()
    assert Server("--data", url).stop() == 0
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE offer_sandbox.schema_version SET version = 99")
    code, found = ask("--data", url)
    assert (code, found["data"]["status"]) == (1, "wrong")
    assert "schema version 99" in found["data"]["found"]
    assert "save a snapshot" in found["data"]["remedy"]


def test_an_unreachable_database_and_no_password():
    code, found = ask("--data", f"postgresql://me:hidden-password@127.0.0.1:{free_port()}/sandbox")
    assert (code, found["data"]["status"]) == (1, "wrong")
    assert "Connection refused" in found["data"]["found"]
    assert "postgresql://me:***@127.0.0.1" in found["data"]["found"]
    assert "hidden-password" not in str(found)


def test_an_invalid_url_and_no_password():
    code, found = ask("--data", "postgresql://me:hidden%zzpassword@127.0.0.1/sandbox")
    assert (code, found["data"]["status"]) == (1, "wrong")
    assert "the URL is not valid" in found["data"]["found"]
    assert "hidden" not in str(found)
