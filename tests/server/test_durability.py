"""A server killed in the middle of its work has, started again on its folder, every record it acknowledged."""

import concurrent.futures
import sqlite3

import requests

from graphql_calls import CONTACTS, created, status, update
from offer_sandbox.world.store.sqlite import FILE_NAME
from running_server import Client, Server


def test_every_acknowledged_record_survives_a_kill(tmp_path):
    server = Server("--data", str(tmp_path))
    acknowledged: list[str] = []

    def create_many(number: int) -> None:
        with requests.Session() as session:
            client = Client(server.url, f"w{number}", session)
            try:
                while True:
                    acknowledged.append(f"w{number} {created(client)}")
            except requests.RequestException:
                return

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        working = [pool.submit(create_many, number) for number in range(4)]
        while len(acknowledged) < 200:
            concurrent.futures.wait(working, timeout=0.01)
        server.kill()
    again = Server("--data", str(tmp_path))
    with requests.Session() as session:
        for line in acknowledged:
            workspace, id = line.split()
            assert status(Client(again.url, workspace, session), id) == ("PENDING", None)
    assert again.stop() == 0
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_clock_settings_and_running_evaluations_survive_too(tmp_path):
    server = Server("--data", str(tmp_path), "--seed", "7")
    with requests.Session() as session:
        client = Client(server.url, "w", session)
        client.admin("PUT", "/clock", {"mode": "frozen", "now": "2026-04-17T19:45:00Z"})
        client.admin("PUT", "/settings", {"contracts": {"ebay": "1.1.2"}})
        id = created(client)
        update(client, id, CONTACTS)
        listings = client.state("ebay/listings")
    server.kill()
    again = Server("--data", str(tmp_path))
    with requests.Session() as session:
        client = Client(again.url, "w", session)
        assert client.admin("GET", "/clock")["now"] == "2026-04-17T19:45:00.000Z"
        assert client.admin("GET", "/settings")["contracts"] == {"ebay": "1.1.2"}
        assert client.state("ebay/listings") == listings, "the workspace keeps the seed it was made from"
        assert status(client, id) == ("EVALUATING_REQUEST", None)
        client.admin("POST", "/clock/advance", {"by": "PT5S"})
        assert status(client, id) == ("OFFERED", None)
        assert created(client) != id
    assert again.stop() == 0


def test_memory_is_gone_at_the_end():
    for _ in range(2):
        server = Server()
        with requests.Session() as session:
            assert Client(server.url, "w", session).send().status_code == 200
        assert server.stop() == 0
