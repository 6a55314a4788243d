"""Fixtures that every test may use: a server for the whole run, a workspace of its own for each test."""

import itertools
from collections.abc import Callable, Iterator

import pytest
import requests

from running_server import Client, Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server process in memory; it must end with exit code 0. One process of the suite may get most of the
    tests, each with a workspace or more: the server's own limit of 5,000 would refuse the last ones."""
    started = Server("--max-workspaces", "100000")
    yield started
    assert started.stop() == 0


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that serves HTTPS too, with a CA of its own."""
    started = Server(ca=tmp_path_factory.mktemp("ca"))
    yield started
    assert started.stop() == 0


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    """One pool of connections."""
    with requests.Session() as shared:
        yield shared


@pytest.fixture
def client(server: Server, session: requests.Session) -> Client:
    """A client in a workspace that no other test uses."""
    return Client(server.url, f"test-{next(_numbers)}", session)


@pytest.fixture
def fresh(server: Server, session: requests.Session) -> Callable[[], Client]:
    """Makes clients, each in a workspace of its own."""
    return lambda: Client(server.url, f"test-{next(_numbers)}", session)
