"""Three servers behind HAProxy, with the configuration that compose.yaml mounts."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from catalog_steps import CATALOG, sender
from offer_sandbox.publish.examples import walk
from postgresql import free_port, shared
from provider_calls import send
from running_server import ROOT, Client, Server, until
from several_servers import Servers

HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"
CONFIGURATION = ROOT / "haproxy.cfg"
pytestmark = pytest.mark.skipif(not Path(HAPROXY).exists(), reason="not run: haproxy is missing")


@contextmanager
def balanced(servers: Servers, folder: Path) -> Iterator[str]:
    """HAProxy before the servers, on another port and with their addresses; its URL."""
    port = free_port()
    text = CONFIGURATION.read_text().replace("bind :4242", f"bind 127.0.0.1:{port}")
    for number, server in enumerate(servers.servers, start=1):
        text = text.replace(f"sandbox{number}:4242", urlsplit(server.url).netloc)
    (folder / "haproxy.cfg").write_text(text)
    process = subprocess.Popen([HAPROXY, "-q", "-f", str(folder / "haproxy.cfg")])
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(url))
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health/ready", timeout=30).status_code == 200
    except requests.ConnectionError:
        return False


@pytest.fixture
def three() -> Iterator[Servers]:
    """Three servers on one database."""
    servers = Servers(3, "--data", shared().new_url())
    yield servers
    for each in servers.servers:
        if each.process.poll() is None:
            each.stop()


def anew(url: str, workspace: str) -> Client:
    """A client that connects anew for each call, which goes to another server therefore."""
    session = requests.Session()
    session.headers["Connection"] = "close"
    return Client(url, workspace, session)


def test_outcomes_and_faults_arrive_as_from_one_server(three, tmp_path):
    with balanced(three, tmp_path) as url:
        for position, entry in enumerate(CATALOG[::12]):
            client = anew(url, f"walk-{position}")
            found = walk(entry, client.workspace, sender(client))
            assert found is None or (found.outcome, found.status) == (entry["id"], entry["status"])
        for fault in ("CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "RANDOM_DATA_THEN_CLOSE"):
            with pytest.raises(requests.ConnectionError):  # an HTTP proxy would answer 502
                anew(url, "faults").call("GET", "/covent/api/v1/listings", headers={"X-Sandbox-Fault": fault})
        used = [figures(each) for each in three.servers]
        assert all(used), used


def figures(server: Server) -> int:
    """How many exchanges a server has answered."""
    text = requests.get(f"{server.url}/metrics", timeout=30).text
    return sum(int(float(each)) for each in re.findall(r"^offer_sandbox_exchanges_total{.*} (\S+)$", text, re.M))


def at(port: int, data: str) -> Server:
    """A server on this port."""
    return Server("--port", str(port), "--data", data)


def more(made: list[str], count: int) -> None:
    """Waits until that many more are made."""
    before = len(made)
    until(lambda: len(made) > before + count)


def test_a_rolling_restart_refuses_no_call(tmp_path):
    """Each server is replaced by a new one at its address while clients create offers. All are stored."""
    made: list[str] = []
    over = threading.Event()
    url_of: list[str] = []

    def create() -> None:
        while not over.is_set():
            answer = send(url_of[0], "covent", "sbx_rolling", "write")
            assert answer.status_code < 300, answer.text
            made.append(answer.json()["id"])

    ports = [free_port() for _ in range(3)]
    data = shared().new_url()
    servers = Servers(0)
    servers.servers += [at(port, data) for port in ports]
    with balanced(servers, tmp_path) as url:
        url_of.append(url)
        clients = [threading.Thread(target=create) for _ in range(3)]
        for each in clients:
            each.start()
        for place, port in enumerate(ports):
            more(made, 20)
            assert servers.servers[place].stop() == 0
            servers.servers[place] = at(port, data)
        more(made, 20)
        over.set()
        for each in clients:
            each.join()
        stored = {each["id"] for each in anew(url, "rolling").state("covent/offers")}
    assert set(made) <= stored
    assert servers.stop() == [0, 0, 0]
