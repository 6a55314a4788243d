"""How many statements a call costs on PostgreSQL, where each is a round trip."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from offer_sandbox.app import create_app
from offer_sandbox.options import Options
from offer_sandbox.providers.covent import samples as covent
from offer_sandbox.world.locations import DatabaseUrl
from postgresql import shared

HEADERS = {"Authorization": "Bearer sbx_counted", "Accept": "application/json"}


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements of this thread. Others notify other servers, and open connections."""
    found: list[str] = []
    execute = psycopg.Connection.execute

    def counted(connection: Any, statement: Any, *given: Any, **options: Any) -> Any:
        if threading.current_thread() is threading.main_thread():
            found.append(" ".join(statement.split()))
        return execute(connection, statement, *given, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    return found


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    """An application on a database of its own."""
    options = Options(data=DatabaseUrl(shared().new_url()), shared=True)
    app = create_app(options)
    yield app.test_client()
    app.extensions["offer_sandbox"].close()


@pytest.mark.parametrize(
    ("method", "path", "body", "count"),
    [
        # begin, head, record, commit, journal
        ("GET", "/covent/api/v1/listings/lst_123", None, 5),
        # the number of all listings too
        ("GET", "/covent/api/v1/listings?limit=2", None, 6),
        # begin, lock, head, listing, individual, ordinal, no such offer yet, offer, commit, journal
        ("POST", "/covent/api/v1/offers", covent.CREATE_OFFER, 10),
        # begin, lock, head, listing, individual, commit, journal: nothing was written, so nothing is rolled back
        ("POST", "/covent/api/v1/offers", {**covent.CREATE_OFFER, "listing_id": "lst_none"}, 7),
    ],
)
def test_a_call_takes_few_round_trips(client, statements, method, path, body, count):
    for _ in range(3):
        assert client.open(path, method=method, headers=HEADERS, json=body).status_code in (200, 422)
    statements.clear()
    client.open(path, method=method, headers=HEADERS, json=body)
    assert len(statements) == count, statements


def test_a_store_in_a_folder_imports_nothing_of_it():
    import subprocess
    import sys

    program = (
        "import sys; from offer_sandbox.app import create_app; from offer_sandbox.options import Options;"
        " create_app(Options()).test_client().get('/covent/api/v1/listings');"
        " print([name for name in sys.modules if name.partition('.')[0].startswith('psycopg')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
