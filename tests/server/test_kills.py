"""A server that is killed at any point of an exchange: what was acknowledged is there, and nothing is half there."""

import concurrent.futures
import os
import random
import shutil
import signal
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from offer_sandbox.world.store import journal, sqlite
from provider_calls import CALLS, send
from running_server import ROOT, Client, Server
from webhook_receiver import Receiver

WRITING = ["covent", "opendoor", "ebay", "sibi"]
COLLECTIONS = {name: f"{name}/{CALLS[name].collection}" for name in WRITING}
FROZEN = ["--clock", "frozen@2026-04-17T19:45:00Z"]  # so that all servers have the same initial records
KILLS = 20
POINTS = ["commit", "committed", "answer"]


def dying(folder: Path, point: str) -> tuple[Server, Path]:
    """A server that dies at that point of an exchange, once the file is there."""
    arm = folder.parent / "arm"
    arm.unlink(missing_ok=True)
    command = [sys.executable, str(ROOT / "tests" / "support" / "dying_server.py"), point, str(arm)]
    return Server("--data", str(folder), *FROZEN, command=command), arm


def sound(folder: Path) -> None:
    """Both databases are as SQLite wants them; looked at in a copy, so that the server itself puts its own right."""
    folder = Path(shutil.copytree(folder, folder.parent / f"{folder.name}-copy", dirs_exist_ok=True))
    for name in (sqlite.FILE_NAME, journal.FILE_NAME):
        connection = sqlite3.connect(folder / name)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    shutil.rmtree(folder)


def killed(server: Server, provider: str) -> bool:
    """Whether the server died of a write, which was not acknowledged then."""
    try:
        answer = send(server.url, provider, "sbx_w", "write")
    except requests.RequestException:
        assert server.process.wait(timeout=60) == -9
        server.process.communicate()
        return True
    assert answer.status_code < 300
    return False


def world(server: Server, provider: str) -> list[Any]:
    """The records that a write adds to."""
    return Client(server.url, "w", requests.Session()).state(COLLECTIONS[provider])


@pytest.mark.parametrize("provider", WRITING)
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_a_commit_s_boundary(tmp_path, provider, point):
    folder = tmp_path / "data"
    first, arm = dying(folder, point)
    send(first.url, provider, "sbx_w")
    before = world(first, provider)
    arm.touch()
    assert killed(first, provider)
    sound(folder)
    again = Server("--data", str(folder))
    found = world(again, provider)
    made = [record for record in found if record not in before]
    assert [record for record in found if record in before] == before
    if point == "commit":
        assert made == [], "nothing of it is there"
        assert send(again.url, provider, "sbx_w", "write").status_code < 300, "and it can be sent again"
        assert len(world(again, provider)) > len(before)
    else:
        assert len(made) == {"ebay": 3}.get(provider, 1), "all of it is there"
        whole = fresh(tmp_path / "fresh", provider, before)
        assert [sorted(record) for record in made] == [sorted(record) for record in whole]
    assert again.stop() == 0


def fresh(folder: Path, provider: str, before: list[Any]) -> list[Any]:
    """The records that the write makes in a server that lives."""
    server = Server("--data", str(folder), *FROZEN)
    send(server.url, provider, "sbx_w", "write")
    found = [record for record in world(server, provider) if record not in before]
    assert server.stop() == 0
    return found


def test_a_kill_before_each_statement_of_an_exchange(tmp_path):
    """Until the commit nothing is there, from then on everything: record and ordinal."""
    there = []
    for number in range(1, 60):
        folder = tmp_path / str(number)
        server, arm = dying(folder, f"statement:{number}")
        before = world(server, "sibi")
        arm.touch()
        died = killed(server, "sibi")
        if not died:
            arm.unlink()
            server.kill()
        sound(folder)
        again = Server("--data", str(folder))
        client = Client(again.url, "w", requests.Session())
        made = len(client.state("sibi/offers")) - len(before)
        ordinals = client.admin("GET", "/snapshot")["ordinals"].get("sibi.offers", 0)
        assert again.stop() == 0
        assert (made, ordinals) in ((0, 0), (1, 1)), f"half of it at statement {number}"
        there.append(made)
        if not died:
            break
    assert there == sorted(there), "there is one point from which on it is there"
    assert there.count(0) >= 7  # the exchange's statements up to its commit
    assert not died


def test_a_webhook_that_was_not_sent_when_the_server_died_is_sent_by_the_next(tmp_path):
    folder = tmp_path / "data"
    with Receiver() as receiver:
        server, arm = dying(folder, "committed")
        client = Client(server.url, "w", requests.Session())
        client.admin("PUT", "/settings", {"webhooks": {"sibi": {"url": receiver.url}}})
        client.state("sibi/offers")
        arm.touch()
        with pytest.raises(requests.RequestException):
            client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})
        server.process.communicate(timeout=60)
        again = Server("--data", str(folder))
        assert receiver.wait(1)
        assert again.stop() == 0


def test_many_kills_while_four_clients_write(tmp_path):
    """Single writes and writes of twenty records at once, each by several clients, killed at random."""
    draw = random.Random(5)
    singles: list[tuple[str, str]] = []
    batches: dict[int, bool] = {}
    for kill in range(KILLS):
        server = Server("--data", str(tmp_path))
        stop_after = len(singles) + draw.randint(1, 40)

        def write(number: int, url: str = server.url, kill: int = kill) -> None:
            with requests.Session() as session:
                client = Client(url, f"w{number}", session)
                try:
                    for turn in range(1_000):
                        made = send(url, "covent", f"sbx_w{number}", "write", session)
                        singles.append((f"w{number}", made.json()["id"]))
                        tag = kill * 10_000 + number * 1_000 + turn
                        batches[tag] = False
                        answer = client.call("PATCH", "/__admin/state/estateprime/offers", json=twenty(tag))
                        batches[tag] = answer.status_code == 200
                except (requests.RequestException, ValueError):
                    return

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            working = [pool.submit(write, number) for number in range(4)]
            while len(singles) < stop_after:
                concurrent.futures.wait(working, timeout=0.002)
            server.kill()
        sound(tmp_path)
    again = Server("--data", str(tmp_path))
    found = {
        (f"w{number}", offer["id"])
        for number in range(4)
        for offer in Client(again.url, f"w{number}", requests.Session()).state("covent/offers")
    }
    counts = counted(again)
    assert again.stop() == 0
    assert len(singles) > 150
    assert [each for each in singles if each not in found] == [], "every acknowledged write is there"
    assert {tag: counts.get(tag, 0) for tag, acknowledged in batches.items() if acknowledged} == {
        tag: 20 for tag, acknowledged in batches.items() if acknowledged
    }
    assert set(counts.values()) <= {20}, "none is half there"
    sys.stdout.write(f"{KILLS} kills, {len(singles) + sum(batches.values())} acknowledged, all found\n")


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_journal_may_lose_of_a_killed_server(tmp_path, workers):
    """One process: the last tenth of a second, which is less than 64 exchanges. Several: nothing."""
    rounds: list[list[str]] = []
    for _ in range(5):
        server = Server("--data", str(tmp_path), "--workers", str(workers))
        made: list[str] = []

        def write(url: str = server.url, made: list[str] = made) -> None:
            with requests.Session() as session:
                try:
                    while True:
                        made.append(send(url, "sibi", "sbx_w", "read", session).headers["X-Sandbox-Request-Id"])
                except requests.RequestException:
                    return

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            working = [pool.submit(write) for _ in range(2)]
            while len(made) < 150:
                concurrent.futures.wait(working, timeout=0.002)
            kill_all(server)
        rounds.append(made)
    again = Server("--data", str(tmp_path))
    kept = {
        entry["id"] for entry in Client(again.url, "w", requests.Session()).admin("GET", "/requests")["requests"]
    }
    assert again.stop() == 0
    last = 64 + 2 if workers == 1 else 0  # the two clients note their ids in any order
    for made in rounds:
        assert [id for id in made[: len(made) - last] if id not in kept] == []


def kill_all(server: Server) -> None:
    """Kills a server and its worker processes."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    pids = children.read_text().split() if children.exists() else []
    for pid in map(int, pids):
        os.kill(pid, signal.SIGKILL)
    server.kill()


def twenty(tag: int) -> dict[str, Any]:
    """Twenty records that tell which write made them."""
    one = {**_OFFER, "request_id": tag + 1}
    return {"offers": [{**one, "id": 10**6 + tag * 20 + number} for number in range(20)]}


def counted(server: Server) -> dict[int, int]:
    """How many records there are of each write."""
    counts: dict[int, int] = {}
    for number in range(4):
        for offer in Client(server.url, f"w{number}", requests.Session()).state("estateprime/offers"):
            if offer["id"] >= 10**6:
                tag = (offer["id"] - 10**6) // 20
                counts[tag] = counts.get(tag, 0) + 1
    return counts


def _offer() -> dict[str, Any]:
    from offer_sandbox.assembly import fixtures_of
    from offer_sandbox.providers import providers

    return fixtures_of(providers())("estateprime", 42, datetime.now(UTC))["offers"][0]


_OFFER = _offer()
