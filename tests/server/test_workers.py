"""`--workers`: several processes on one folder are one server: state, rules, journal, clock, metrics, end."""

import concurrent.futures
import json
import os
import signal
import subprocess
from collections.abc import Iterator

import psutil
import pytest
import requests

from catalog_steps import CATALOG, sender
from metrics_reader import figures
from offer_sandbox.publish.examples import walk
from provider_calls import CALLS, send
from running_server import COMMAND, EBAY_FIND, Client, Server, run, until


@pytest.fixture(scope="module")
def several(tmp_path_factory) -> Iterator[Server]:
    """A server of three processes."""
    server = Server("--workers", "3", "--data", str(tmp_path_factory.mktemp("several")))
    yield server
    assert server.stop() == 0


def anew(server: Server, workspace: str) -> Client:
    """A client that connects anew for each call, so that each process gets some."""
    session = requests.Session()
    session.headers["Connection"] = "close"
    return Client(server.url, workspace, session)


def processes(server: Server) -> list[psutil.Process]:
    """The processes that serve."""
    return psutil.Process(server.process.pid).children()


def test_there_are_as_many_as_were_asked_for_and_all_of_them_serve(several):
    """Each has some of so many connections sooner or later: a process that listens can be asked alone."""
    pids = {each.pid for each in processes(several)}
    assert len(pids) == 3
    client = anew(several, "all")
    for pid in pids:  # the others stand still meanwhile
        others = [each for each in processes(several) if each.pid != pid]
        for each in others:
            each.suspend()
        try:
            assert client.send(headers={"X-Sandbox-Outcome": "150011"}).status_code == 409
        finally:
            for each in others:
                each.resume()


def test_the_counters_of_rules_are_exact(several):
    client = anew(several, "counted")
    client.admin("POST", "/rules", {"operation": "ebay.findEligibleItems", "status": 500, "skip": 20, "times": 50})
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: client.ebay("GET", EBAY_FIND).status_code, range(200)))
    assert (statuses.count(500), statuses.count(200)) == (50, 150)
    rule = client.admin("GET", "/rules")["rules"][0]
    assert (rule["matched"], rule["hits"]) == (200, 50)


def test_every_process_tells_of_every_exchange_at_once(several):
    client = anew(several, "told")
    for number in range(1, 41):
        id = client.ebay("GET", EBAY_FIND).headers["X-Sandbox-Request-Id"]
        assert client.admin("GET", f"/requests/{id}")["id"] == id
        assert client.admin("GET", "/requests")["meta"]["total"] == number
    assert client.admin("POST", "/requests/count", {"operation": "ebay.*"}) == {"count": 40}


def test_no_ordinal_is_given_twice(several):
    client = anew(several, "minted")
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        made = list(
            pool.map(lambda _: send(several.url, "covent", "sbx_minted", "write").json()["id"], range(120))
        )
    assert len(set(made)) == 120
    assert len(client.state("covent/offers")) >= 120


def test_they_have_one_clock(several):
    client = anew(several, "timed")
    client.admin("PUT", "/clock", {"mode": "frozen", "now": "2030-01-01T00:00:00Z"})
    for day in range(1, 31):
        client.admin("POST", "/clock/advance", {"by": "P1D"})
        assert {client.admin("GET", "/clock")["now"] for _ in range(4)} == {f"2030-01-{day + 1:02d}T00:00:00.000Z"}


def test_a_long_poll_in_one_hears_of_calls_in_others(several):
    client = anew(several, "heard")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        waits = [pool.submit(client.admin, "GET", "/requests/wait?count=5&timeout=30") for _ in range(6)]
        for _ in range(5):
            client.ebay("GET", EBAY_FIND)
        assert {len(wait.result()["requests"]) for wait in waits} == {5}


def test_a_stream_in_one_tells_of_calls_in_others(several):
    client = anew(several, "streamed")
    client.admin("GET", "/clock")
    streams = [client.call("GET", "/__admin/requests/stream", stream=True) for _ in range(6)]
    id = client.ebay("GET", EBAY_FIND).headers["X-Sandbox-Request-Id"]
    for stream in streams:
        line = next(line for line in stream.iter_lines() if line.startswith(b"id: "))
        assert line == f"id: {id}".encode()
        stream.close()


def test_the_metrics_add_up(several):
    before = figures(several.url).get(_COUNTED, 0)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        client = anew(several, "metrics")
        list(pool.map(lambda _: client.send(headers={"X-Sandbox-Outcome": "150017"}), range(90)))
    assert {figures(several.url)[_COUNTED] for _ in range(6)} == {before + 90}


_COUNTED = (
    'offer_sandbox_exchanges_total{operation="sendOfferToInterestedBuyers",outcome="150017",provider="ebay",'
    'trigger="header"}'
)


def test_the_walk(several):
    """Every outcome's steps, each call over a connection of its own."""
    wrong = []
    for position, entry in enumerate(CATALOG):
        client = anew(several, f"walk-{position}")
        found = walk(entry, client.workspace, sender(client))
        if found is not None and (found.outcome, found.status) != (entry["id"], entry["status"]):
            wrong.append((entry["id"], found))
    assert wrong == []


def test_one_that_dies_is_replaced_and_nothing_is_lost(several):
    client = anew(several, "replaced")
    acknowledged = []
    for _ in range(3):
        victim = processes(several)[0]
        acknowledged.append(send(several.url, "covent", "sbx_replaced", "write").json()["id"])
        victim.kill()
        psutil.wait_procs([victim], timeout=30)
        until(lambda: len([each for each in processes(several) if each.status() != psutil.STATUS_ZOMBIE]) == 3)
    stored = {each["id"] for each in client.state("covent/offers")}
    assert set(acknowledged) <= stored
    assert {send(several.url, name, "sbx_replaced").status_code for name in CALLS} == {200}


def lives(process: psutil.Process) -> bool:
    """Whether a process is there, and has not ended without being waited for."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_parent_logs_in_the_same_form(tmp_path):
    server = Server("--workers", "2", "--data", str(tmp_path), "--log", "json")
    killed = processes(server)[0]
    killed.kill()
    until(lambda: killed not in processes(server) and len(processes(server)) == 2)
    send(server.url, "sibi", "sbx_w")
    server.process.terminate()
    lines = server.process.communicate(timeout=60)[1].splitlines()
    assert any("has ended" in json.loads(line)["event"] for line in lines)


def test_what_a_process_told_of_its_present_goes_with_it(tmp_path):
    server = Server("--workers", "2", "--data", str(tmp_path))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for _ in range(6):
            pool.submit(anew(server, "w").call, "GET", "/__admin/requests/wait?count=9&timeout=600")
        until(lambda: figures(server.url)["offer_sandbox_parked"] == 6)
        for victim in processes(server):
            victim.kill()
        until(lambda: reachable(server) and figures(server.url)["offer_sandbox_parked"] == 0)
    assert server.stop() == 0


def reachable(server: Server) -> bool:
    """Whether anybody answers."""
    try:
        return requests.get(f"{server.url}/health", timeout=30).status_code == 200
    except requests.RequestException:
        return False


def test_processes_that_come_anew_make_no_empty_store_where_the_folder_is_away(tmp_path):
    folder, away = tmp_path / "data", tmp_path / "away"
    server = Server("--workers", "2", "--data", str(folder))
    made = send(server.url, "covent", "sbx_w", "write").json()["id"]
    folder.rename(away)
    first = processes(server)
    first[0].kill()
    until(lambda: set(processes(server)) - set(first))
    psutil.wait_procs(list(set(processes(server)) - set(first)), timeout=30)  # it could not begin
    assert send(server.url, "covent", "sbx_w", "write").status_code == 503
    assert not folder.exists()
    away.rename(folder)
    until(lambda: len(processes(server)) == 2 and send(server.url, "covent", "sbx_w").status_code == 200)
    assert made in {each["id"] for each in anew(server, "w").state("covent/offers")}
    server.process.terminate()
    told = server.process.communicate(timeout=60)[1]
    assert "cannot serve" in told, told
    assert "Traceback" not in told, told


@pytest.mark.parametrize("attempt", range(4))
def test_a_signal_at_the_start_ends_them_too(tmp_path, attempt):
    command = [*COMMAND, "serve", "--port", "0", "--workers", "6", "--data", str(tmp_path), "--log", "off"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    parent = psutil.Process(process.pid)
    until(lambda: len(parent.children()) > attempt)
    children = parent.children()
    process.terminate()
    process.communicate(timeout=60)
    assert psutil.wait_procs(children, timeout=30)[1] == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_them_all_and_what_is_parked_is_answered(tmp_path, how):
    server = Server("--workers", "2", "--data", str(tmp_path))
    children = processes(server)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        parked = [
            pool.submit(
                requests.get,
                f"{server.url}/offers/offer-123",
                headers={"Authorization": "Bearer sbx_w", "X-Sandbox-Delay": "60000", "Connection": "close"},
                timeout=60,
            )
            for _ in range(6)
        ]
        until(lambda: figures(server.url).get("offer_sandbox_parked", 0) == 6)
        server.process.send_signal(how)
        assert [each.result().status_code for each in parked] == [200] * 6
    server.process.communicate(timeout=60)
    assert server.process.returncode == 0
    assert not any(each.is_running() for each in children)


def test_they_end_with_the_parent_even_if_it_is_killed(tmp_path):
    server = Server("--workers", "2", "--data", str(tmp_path))
    children = processes(server)
    server.kill()
    gone, left = psutil.wait_procs(children, timeout=30)
    assert (len(gone), left) == (2, [])


def test_several_without_a_folder_are_a_misuse():
    ended = run("serve", "--port", "0", "--workers", "2")
    assert ended.returncode == 2
    assert "--data" in ended.stderr


@pytest.mark.parametrize("number", ["0", "x", "-1", "1000"])
def test_a_number_that_means_nothing_is_a_misuse(number):
    assert run("serve", "--port", "0", "--workers", number).returncode == 2


def test_where_they_cannot_begin_the_server_says_so_and_ends(tmp_path):
    (tmp_path / "offer-sandbox.sqlite3").write_text("no database")
    ended = run("serve", "--port", "0", "--workers", "2", "--data", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "not a database" in ended.stderr
    assert os.listdir(tmp_path) == ["offer-sandbox.sqlite3"]
