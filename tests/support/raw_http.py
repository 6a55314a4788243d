"""Bytes sent to a server as they are, and the answers."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """One answer; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def connected(url: str) -> socket.socket:
    """A connection to a server."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def rest_of(connection: socket.socket) -> bytes:
    """What still comes on a connection until the server closes it."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def raw(url: str, text: bytes) -> bytes:
    """What a server answers to these bytes until it closes the connection."""
    with connected(url) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        return rest_of(connection)


def answers(received: bytes) -> Iterator[Answer]:
    """The answers among these bytes, each with a Content-Length; 100 Continue is passed over."""
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
        if line.startswith("HTTP/1.1 100 "):
            continue
        length = int(headers.get("content-length", 0))
        yield Answer(int(line.split()[1]), headers, received[:length])
        received = received[length:]
