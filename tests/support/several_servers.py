"""Several servers on one database, and clients that spread their calls over them, as a load balancer would."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from running_server import Client, Server


class Servers:
    """As many servers as asked for, which start at the same time. Each look at `url` tells the next one's URL."""

    def __init__(self, number: int, *flags: str) -> None:
        with ThreadPoolExecutor(max(number, 1)) as pool:
            self.servers = list(pool.map(lambda _: Server(*flags), range(number)))
        self._turns = itertools.count()

    @property
    def url(self) -> str:
        """The URL of the next server."""
        return self.servers[next(self._turns) % len(self.servers)].url

    def stop(self) -> list[int]:
        """Ends them all; their exit codes."""
        with ThreadPoolExecutor(len(self.servers)) as pool:
            return list(pool.map(Server.stop, self.servers))

    def client(self, workspace: str) -> Client:
        """A client of which each call goes to another server."""
        session = requests.Session()
        session.mount("http://", _Balancer(self))
        return Client(self.servers[0].url, workspace, session)

    def clients(self, workspace: str) -> list[Client]:
        """A client of each server alone."""
        return [Client(each.url, workspace, requests.Session()) for each in self.servers]


class _Balancer(HTTPAdapter):
    def __init__(self, servers: Servers) -> None:
        super().__init__()
        self._servers = servers

    def send(self, request: requests.PreparedRequest, *given: Any, **options: Any) -> requests.Response:
        assert request.url is not None
        request.url = urlsplit(request.url)._replace(netloc=urlsplit(self._servers.url).netloc).geturl()
        return super().send(request, *given, **options)


def flood(
    urls: list[str],
    count: int,
    method: str,
    path: str,
    headers: dict[str, str],
    body: Any = None,
    clients: int = 9,
) -> list[tuple[int, bytes]]:
    """The same call so many times, by clients that keep their connections, in turn to each of the servers; the
    status and body of every answer."""
    text = None if body is None else json.dumps(body)
    headers = {"Content-Type": "application/json", **headers}

    def call_all(number: int) -> list[tuple[int, bytes]]:
        connection = HTTPConnection(urlsplit(urls[number % len(urls)]).netloc, timeout=60)
        answers = []
        for _ in range(count // clients + (number < count % clients)):
            connection.request(method, path, text, headers)
            answer = connection.getresponse()
            answers.append((answer.status, answer.read()))
        connection.close()
        return answers

    with ThreadPoolExecutor(clients) as pool:
        return [each for answers in pool.map(call_all, range(clients)) for each in answers]
