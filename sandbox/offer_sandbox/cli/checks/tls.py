"""Whether HTTPS can be spoken, and whether the providers' public names lead here; makes no CA."""

import os
import socket
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

from offer_sandbox.cli.checks import Check, halved, ok, warning, wrong
from offer_sandbox.cli.checks.folder import obstacle
from offer_sandbox.contract import Provider
from offer_sandbox.environment import PREFIX
from offer_sandbox.server.authority import KEY, VARIABLE, Authority, AuthorityUnusable, ca_folder, found_authority
from offer_sandbox.server.certificate import is_certifiable, names, tls_context
from offer_sandbox.world.clock import stopwatch

_SECONDS = 2.0
_ANOTHER = f"name another folder with {PREFIX}{VARIABLE}"


def checks(providers: Iterable[Provider], others: Iterable[str]) -> Iterator[Check]:
    """The CA, the certificate for the providers' names and these others, and where each public host leads."""
    known = list(providers)
    called = names(known, others)
    try:
        authority = found_authority()
        yield from _authority(authority)
        yield _certificate(authority, called)
    except AuthorityUnusable as error:
        yield wrong("ca", *halved(str(error), _ANOTHER))
    yield from _hosts([host for provider in known for host in provider.hosts])


def _authority(authority: Authority | None) -> Iterator[Check]:
    if authority is None:
        folder = ca_folder()
        why = obstacle(folder)
        yield wrong("ca", why, _ANOTHER) if why else ok("ca", f"there is none yet; it will be made in {folder}")
        return
    yield ok("ca", f"{authority.path} can sign")
    yield from _secrecy(authority.path.with_name(KEY))


def _secrecy(key: Path) -> Iterator[Check]:
    """Whether others than its owner may read the key, on systems where files say so."""
    if os.name == "posix":
        mode = key.stat().st_mode & 0o777
        if mode & 0o077:
            found = f"{key} is not its owner's alone (mode {mode:03o})"
            yield warning("ca key", found, f"chmod 600 {key}; whoever may have read it can pretend to be any site")
        else:
            yield ok("ca key", "its owner's alone")


def _certificate(authority: Authority | None, called: list[str]) -> Check:
    if authority is not None:
        tls_context(authority, called)
    without = [name for name in called if not is_certifiable(name)]
    if without:
        found = f"no certificate can be issued for {', '.join(map(repr, without))}"
        return warning("certificate", found, "call the server by another name where HTTPS is used")
    return ok("certificate", f"can be issued for {len(called)} names")


def _hosts(hosts: list[str]) -> Iterator[Check]:
    """Where each leads; all are asked for at once, and in two seconds whoever has not answered is given up."""
    end = stopwatch() + _SECONDS
    answers: dict[str, str] = {}
    asking = [Thread(target=_ask, args=(host, answers), daemon=True) for host in hosts]
    for thread in asking:
        thread.start()
    for host, thread in zip(hosts, asking, strict=True):
        thread.join(max(end - stopwatch(), 0))
        yield ok(host, answers.get(host, "nobody says in time where it leads"))


def _ask(host: str, answers: dict[str, str]) -> None:
    answers[host] = _leads(host)


def _leads(host: str) -> str:
    if host.startswith("*."):
        return "stands for several names, none of which was asked for"
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return "leads nowhere"
    here = all(ip_address(address).is_loopback for address in found)
    return f"leads to {' and '.join(sorted(found))}" if here else "leads elsewhere"
