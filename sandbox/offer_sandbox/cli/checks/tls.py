"""Checks what HTTPS needs: the CA, the certificate, and how the providers' public hosts resolve."""

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
from offer_sandbox.server.authority import (
    KEY,
    VARIABLE,
    Authority,
    AuthorityUnusable,
    ca_folder,
    found_authority,
    is_private,
)
from offer_sandbox.server.certificate import is_certifiable, names, tls_context
from offer_sandbox.world.clock import stopwatch

_SECONDS = 2.0
_ANOTHER = f"choose another folder with {PREFIX}{VARIABLE}"


def checks(providers: Iterable[Provider], others: Iterable[str]) -> Iterator[Check]:
    """Checks the CA, the certificate for the providers' names and for `others`, and how each public host resolves.

    Does not create a CA.
    """
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
        yield wrong("ca", why, _ANOTHER) if why else ok("ca", f"no CA yet, one will be created in {folder}")
        return
    yield ok("ca", f"{authority.path} can sign certificates")
    yield from _secrecy(authority.path.with_name(KEY))


def _secrecy(key: Path) -> Iterator[Check]:
    """Checks that only its owner can access the key, on systems whose files have such permissions."""
    if is_private(key):
        if os.name == "posix":
            yield ok("ca key", "only its owner can access it")
        return
    found = f"{key} is accessible to other users (mode {key.stat().st_mode & 0o777:03o})"
    yield wrong("ca key", found, f"run chmod 600 {key} (a user who has read it can impersonate any site)")


def _certificate(authority: Authority | None, called: list[str]) -> Check:
    if authority is not None:
        tls_context(authority, called)
    without = [name for name in called if not is_certifiable(name)]
    if without:
        found = f"no certificate can be issued for {', '.join(map(repr, without))}"
        return warning("certificate", found, "use another name for the server in HTTPS URLs")
    return ok("certificate", f"can be issued for {len(called)} names")


def _hosts(hosts: list[str]) -> Iterator[Check]:
    """Reports how each host resolves. All lookups run at the same time.

    A lookup that takes longer than two seconds is reported as timed out.
    """
    end = stopwatch() + _SECONDS
    answers: dict[str, str] = {}
    asking = [Thread(target=_ask, args=(host, answers), daemon=True) for host in hosts]
    for thread in asking:
        thread.start()
    for host, thread in zip(hosts, asking, strict=True):
        thread.join(max(end - stopwatch(), 0))
        yield ok(host, answers.get(host, "name resolution timed out"))


def _ask(host: str, answers: dict[str, str]) -> None:
    answers[host] = _leads(host)


def _leads(host: str) -> str:
    if host.startswith("*."):
        return "wildcard for several names, not resolved"
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return "does not resolve"
    here = all(ip_address(address).is_loopback for address in found)
    return f"resolves to {' and '.join(sorted(found))}" if here else "resolves to an address outside the loopback"
