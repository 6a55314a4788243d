"""A server whose file descriptors run out: it stops accepting, logs once, keeps a few for itself, and recovers."""

import asyncio
import contextlib
import errno
import select
import socket

import psutil
import pytest
import requests

from offer_sandbox.server import sockets
from offer_sandbox.server.gate import Gate
from raw_http import connected
from running_server import COMMAND, Server

LIMITED = ["sh", "-c", 'ulimit -n "$0" && exec "$@"']


@pytest.mark.parametrize("limit", [30, 256])
def test_more_idle_connections_than_descriptors(limit: int):
    server = Server("--log", "text", command=[*LIMITED, str(limit), *COMMAND, "serve"])
    process = psutil.Process(server.process.pid)
    with requests.Session() as early, contextlib.ExitStack() as idle:
        assert early.get(f"{server.url}/health", timeout=30).status_code == 200
        for _ in range(limit + 50):
            idle.enter_context(connected(server.url)).sendall(b"GET / HTTP/1.1\r\n")
        assert server.process.stderr is not None
        assert "cannot accept connections for now: " in server.process.stderr.readline()
        # for longer than the pause after which it looks again, and with files that no call has opened before
        assert early.get(f"{server.url}/__admin/requests/wait?count=9&timeout=1.2", timeout=30).status_code == 408
        assert early.get(f"{server.url}/openapi.json", timeout=30).status_code == 200
        assert early.get(f"{server.url}/__admin/catalog", timeout=30).status_code == 200
        if limit > 30:
            assert process.num_fds() <= limit - 14
    assert requests.get(f"{server.url}/health", timeout=30).status_code == 200
    server.process.terminate()
    assert server.process.communicate(timeout=60)[1].count("cannot accept") == 0, "it was logged once"
    assert server.process.returncode == 0


def test_the_limit_is_raised_at_the_start():
    server = Server(command=["sh", "-c", 'ulimit -S -n 100 && exec "$@"', "sh", *COMMAND, "serve"])
    soft, hard = psutil.Process(server.process.pid).rlimit(psutil.RLIMIT_NOFILE)
    assert soft == hard > 100
    assert server.stop() == 0


@pytest.mark.parametrize("flags", [[], ["--tls"]], ids=["http", "tls"])
def test_no_more_connections_than_are_wanted(flags: list[str], tmp_path, monkeypatch):
    """The sixth client waits until one of five has gone, however many have come and gone before."""
    monkeypatch.setenv("OFFER_SANDBOX_CA", str(tmp_path))
    server = Server("--max-connections", "5", "--log", "text", *flags)
    get = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for _ in range(3):
        with contextlib.ExitStack() as opened:
            clients = [opened.enter_context(connected(server.url)) for _ in range(6)]
            for client in clients:
                client.sendall(get)
            first = _answered(clients, 5)
            assert len(first) == 5
            [waiting] = set(clients) - set(first)
            waiting.settimeout(0.3)
            with pytest.raises(TimeoutError):
                waiting.recv(1)
            first[0].close()
            waiting.settimeout(30)
            assert waiting.recv(12) == b"HTTP/1.1 200"
    server.process.terminate()
    _, logged = server.process.communicate(timeout=60)
    assert server.process.returncode == 0
    assert (
        logged.count("cannot accept connections for now: 5 are open, which is the maximum (--max-connections)")
        == 1
    )


def _answered(clients: list[socket.socket], number: int) -> list[socket.socket]:
    """Those who have an answer, once so many have."""
    found: list[socket.socket] = []
    while len(found) < number:
        found = select.select(clients, [], [], 30)[0]
        assert found
    return found


class Exhausted(socket.socket):
    """A listening socket on which no connection can be accepted."""

    tries = 0

    def accept(self) -> tuple[socket.socket, object]:
        self.tries += 1
        raise OSError(errno.EMFILE, "Too many open files")


def test_a_gate_tries_once_in_each_pause(monkeypatch, caplog):
    """The socket is readable all the time, and yet is not asked again before the pause is over."""
    monkeypatch.setattr("offer_sandbox.server.gate._PAUSE_SECONDS", 0.05)
    [bound] = sockets.listen("127.0.0.1", 0)
    with bound, Exhausted(fileno=bound.dup().detach()) as listening, connected(f"http://{_address(bound)}"):

        async def accept() -> float:
            loop = asyncio.get_running_loop()
            began = loop.time()
            gate = Gate(listening, asyncio.Protocol)
            while listening.tries < 4:
                await asyncio.sleep(0)
            gate.close()
            return loop.time() - began

        assert asyncio.run(accept()) >= 3 * 0.05
    assert [record.message for record in caplog.records] == [
        "cannot accept connections for now: Too many open files"
    ]


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()
    return f"{host}:{port}"
