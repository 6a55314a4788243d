"""A client's name resolution pointed at a server, as a hosts file and a forwarded port would."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any
from unittest import mock
from urllib.parse import urlsplit


@contextlib.contextmanager
def pointed(hosts: set[str], url: str) -> Iterator[None]:
    """Whoever in this process asks where port 443 of these hosts is, is led to the server; others' ways are shut."""
    resolve, here = socket.getaddrinfo, urlsplit(url)

    def lead(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host in hosts and port == 443:
            return resolve(here.hostname, here.port, *rest, **more)
        raise socket.gaierror(f"nobody should ask for {host} port {port}")

    with mock.patch("socket.getaddrinfo", lead):
        yield
