"""Notices between servers: the names of changed workspaces, whatever other programs of the database send."""

import psycopg

from offer_sandbox.world.locations import DatabaseUrl
from offer_sandbox.world.store.postgresql import Notices
from offer_sandbox.world.store.postgresql.database import Database
from postgresql import shared
from running_server import until


def test_a_server_hears_of_the_changes_of_others_and_not_of_its_own():
    url = DatabaseUrl(shared().new_url())
    database = Database(url, lambda _: None, 3)
    here: list[str | None] = []
    there: list[str | None] = []
    one, other = Notices(url, database, here.append), Notices(url, database, there.append)
    until(lambda: None in here and None in there)  # each may have missed notices before it listened
    with psycopg.connect(url.url, autocommit=True) as connection:
        for payload in ("5", "no JSON", "[1, 2]", "{}", "[]", '["another program"]'):
            connection.execute("SELECT pg_notify('offer_sandbox', %s)", (payload,))
    names = {f"w{number}" for number in range(250)}
    for name in names:
        one.publish(name)
    until(lambda: names <= set(there))
    other.publish("answer")
    until(lambda: "answer" in here)
    assert not names & set(here)
    for each in (one, other):
        each.close()
    database.close()
