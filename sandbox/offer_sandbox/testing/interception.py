"""Redirects the calls of unchanged clients in this process from the providers' public hosts to the sandbox."""

import asyncio
import ipaddress
import os
import socket
import ssl
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from offer_sandbox.testing.redirection import PROXIES, ca_variables, direct_hosts, documented_hosts, no_proxy
from offer_sandbox.testing.relay import Relay, refusal
from offer_sandbox.testing.server_process import RunningServer

_HTTPS = 443
_ONE_AT_A_TIME = threading.RLock()  # what is patched belongs to the whole process


@dataclass(frozen=True)
class Interception:
    """A redirection that is in force. `refused` counts the attempts to reach other hosts by their names."""

    refused: Counter[str]


@contextmanager
def intercepted(server: RunningServer, workspace: str) -> Iterator[Interception]:
    """Redirects calls to the providers' documented hosts while the block runs, over TLS, into the workspace.

    The names of the hosts resolve to a relay, so a client fails as it would without one. Other names do not
    resolve, with an error that names them, except the loopback and what NO_PROXY names. No name of a provider
    is looked up. Blocks of several threads wait for each other.
    """
    stands_for, any_host = documented_hosts()
    with _ONE_AT_A_TIME, Relay(server.url, stands_for, any_host, workspace) as relay, ExitStack() as patches:
        patches.enter_context(_environment(server.ca))
        patches.enter_context(_resolution(relay, stands_for))
        # urllib's opener keeps the proxies of its first call
        patches.enter_context(_attributes(urllib.request, {"_opener": None}))
        patches.enter_context(_certifi(server.ca))
        patches.enter_context(_aiohttp(server.ca))
        patches.enter_context(_pycurl(server.ca, relay.port))
        yield Interception(relay.refused)


@contextmanager
def _environment(ca: str) -> Iterator[None]:
    """Sets the variables of the CA, and unsets those of proxies, through which calls would leave."""
    changed: dict[str, str | None] = {**dict.fromkeys(PROXIES), **ca_variables(ca)}
    before = {name: os.environ.get(name) for name in changed}
    _put(changed)
    try:
        yield
    finally:
        _put(before)


def _put(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextmanager
def _resolution(relay: Relay, stands_for: Callable[[str], bool]) -> Iterator[None]:
    """Lets the providers' hosts resolve to the relay, and refuses other names."""
    genuine, connect = socket.getaddrinfo, asyncio.BaseEventLoop.create_connection
    direct = no_proxy()

    def getaddrinfo(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or _is_direct(str(name), direct):
            return genuine(host, port, *arguments, **named)
        if stands_for(str(name).lower()):
            family = socket.AF_INET
            return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", relay.port))]
        relay.refused[str(name).lower()] += 1
        raise socket.gaierror(socket.EAI_NONAME, refusal(str(name)).strip())

    async def create_connection(
        loop: Any, protocol: Any, host: Any = None, port: Any = None, *arguments: Any, **named: Any
    ) -> Any:
        # anyio resolves a name itself, and keeps the port of the provider's host
        led = host == "127.0.0.1" and port == _HTTPS
        return await connect(loop, protocol, host, relay.port if led else port, *arguments, **named)

    socket.getaddrinfo = getaddrinfo
    asyncio.BaseEventLoop.create_connection = create_connection  # type: ignore[assignment]
    try:
        yield
    finally:
        socket.getaddrinfo = genuine
        asyncio.BaseEventLoop.create_connection = connect  # type: ignore[method-assign]


def _is_direct(host: str, direct: list[str]) -> bool:
    """Returns whether a host is reached as without the sandbox: the loopback, a wildcard address that a server
    listens on, or one of NO_PROXY."""
    name = host.partition("%")[0].lower()
    if any(each == "*" or name == each.lstrip(".") or name.endswith(f".{each.lstrip('.')}") for each in direct):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost"
    return address.is_loopback or address.is_unspecified


def _available(library: str) -> bool:
    """Returns whether a library that the project does not require can be imported or is loaded."""
    return library in sys.modules or find_spec(library) is not None


@contextmanager
def _certifi(ca: str) -> Iterator[None]:
    """Lets clients that ask certifi for its list, and read no variable, trust the CA."""
    if not _available("certifi"):
        yield
        return
    with _attributes(import_module("certifi"), {"where": lambda: ca}):
        yield


@contextmanager
def _aiohttp(ca: str) -> Iterator[None]:
    """Lets aiohttp resolve names by Python, not by c-ares, and trust the CA. It reads the variables only when it
    is imported."""
    if not _available("aiohttp"):
        yield
        return
    connector, resolver = import_module("aiohttp.connector"), import_module("aiohttp.resolver")
    changed = {
        "DefaultResolver": resolver.ThreadedResolver,
        "_SSL_CONTEXT_VERIFIED": ssl.create_default_context(cafile=ca),
    }
    with _attributes(connector, changed):
        yield


@contextmanager
def _pycurl(ca: str, port: int) -> Iterator[None]:
    """Lets new handles of pycurl use the relay as their proxy and trust the CA: libcurl resolves names itself."""
    if not _available("pycurl"):
        yield
        return
    pycurl: Any = import_module("pycurl")

    class Curl(pycurl.Curl):  # type: ignore[misc]
        """A handle that trusts the CA of the sandbox."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.setopt(pycurl.CAINFO, ca)
            self.setopt(pycurl.PROXY, f"http://127.0.0.1:{port}")
            self.setopt(pycurl.NOPROXY, ",".join(direct_hosts()))

    with _attributes(pycurl, {"Curl": Curl}):
        yield


@contextmanager
def _attributes(module: Any, changed: dict[str, Any]) -> Iterator[None]:
    """Replaces attributes that a module has while the block runs."""
    before = {name: getattr(module, name) for name in changed if hasattr(module, name)}
    for name in before:
        setattr(module, name, changed[name])
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)
