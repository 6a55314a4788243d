"""Start the server and run it until it is interrupted."""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offer_sandbox import cli
from offer_sandbox.cli.announcement import Announcement
from offer_sandbox.cli.serve_flags import ServerVerb, configuration, server_flags
from offer_sandbox.configuration import Configuration

if TYPE_CHECKING:  # the server's modules are imported only when a server starts
    import socket
    import ssl

    from offer_sandbox.options import Options
    from offer_sandbox.server.logs import LogWriter
    from offer_sandbox.server.owner import Owner
    from offer_sandbox.server.workers import Work

_log = logging.getLogger("offer_sandbox")


@click.command(cls=ServerVerb)
@server_flags
def command(**given: Any) -> int:
    """Start the server and run it until it is interrupted.

    The URL is on the last line that it prints. Each flag has a variable, whose name is in brackets. For a
    repeatable flag, blanks separate the values in the variable.
    """
    return run(configuration(given))


def run(given: Configuration) -> int:
    """Starts the server and prints its URL on the last line."""
    from offer_sandbox.providers import providers
    from offer_sandbox.server import logs, sockets
    from offer_sandbox.world.store import StoreError

    options = options_of(given)
    form = given.log or ("text" if sys.stderr.isatty() else "json")
    owner = _owner(given.end_with)
    tls, ca = _secured(called(given)) if given.tls else (None, None)
    bound = _bound(given.host, given.port, options)
    contracts = options.beginning.settings.get("contracts", {})
    announcement = Announcement(sockets.url(bound), options.admin_token, ca, options.keyed, contracts)
    announce = announcement.print_json if given.json else partial(announcement.print, providers())
    if given.workers == 1:
        with logs.written(form) as log:
            _warn_of_uncertified(given)
            _serve(options, bound, tls, announce, log, owner=owner)
        return 0

    def work(serving: Callable[[], None], leash: int) -> None:
        with logs.written(form) as log:
            try:
                _serve(replace(options, made=True), bound, tls, serving, log, leash)
            except StoreError as error:  # the folder is gone; a new worker process tries again
                _log.error("cannot serve: %s", error)
                raise SystemExit(1) from None

    logs.write_at_once(form)
    _warn_of_uncertified(given)
    return _serve_by_several(given.workers, work, announce, owner)


def _bound(host: str | None, port: int, options: "Options") -> "list[socket.socket]":
    """Returns the listening sockets of a server that can start."""
    from offer_sandbox.assembly import check_providers, check_store
    from offer_sandbox.contract import IncompleteProvider
    from offer_sandbox.server.sockets import CannotListen, listen
    from offer_sandbox.world.store import StoreError

    try:
        bound = listen(host, port)
        check_providers()
        check_store(options)
    except CannotListen as error:
        raise cli.Misuse(str(error)) from None
    except (IncompleteProvider, StoreError) as error:
        raise cli.Failure(str(error)) from None
    return bound


def _serve_by_several(number: int, work: "Work", announce: Callable[[], None], owner: "Owner | None") -> int:
    """Serves in this number of processes until it receives a signal. Returns the exit code."""
    from offer_sandbox.server.workers import CannotFork, Workers

    try:
        with _metrics_of_all() as forget:
            is_over = owner.is_gone if owner else lambda: False
            return Workers(number, work, announce, forget, is_over).run()
    except CannotFork as error:
        raise cli.Misuse(str(error)) from None


def options_of(given: Configuration) -> "Options":
    """Returns the options of a server without starting one. Raises Misuse for an invalid value."""
    from offer_sandbox.options import Options
    from offer_sandbox.providers import providers

    at_home = _at_home(given)
    try:
        return Options.of(
            given,
            providers(),
            admin_token=_admin_token(given, at_home),
            exposed=not at_home,
            shared=given.workers > 1,
        )
    except ValueError as error:
        raise cli.Misuse(str(error)) from None


def called(given: Configuration) -> list[str]:
    """Returns the additional host names of a server (`--allow-host` and `--host`)."""
    return [*given.allow_host, *([given.host] if given.host else [])]


def _serve(
    options: "Options",
    bound: "list[socket.socket]",
    tls: "ssl.SSLContext | None",
    started: Callable[[], None],
    log: "LogWriter",
    leash: int | None = None,
    owner: "Owner | None" = None,
) -> None:
    """Serves in this process until it receives a signal."""
    from offer_sandbox.assembly import assembled
    from offer_sandbox.providers import providers
    from offer_sandbox.server import server
    from offer_sandbox.server.application import Application
    from offer_sandbox.server.call_threads import CallThreads
    from offer_sandbox.server.own_paths import OwnPaths
    from offer_sandbox.server.waiting import Parking

    services = assembled(options, providers())
    own = OwnPaths(services)
    services.exchange_log.sink = log.add

    def warm_up() -> None:
        own.load()
        services.pipeline.warm_up()
        services.metrics.load()

    parking = Parking(
        services.notifier,
        services.metrics.parked,
        options.limits.parked,
        changed=services.changed_elsewhere() if options.data else None,
        watched=services.use,
        watch_seconds=services.workspaces.watch_seconds,
        threads=CallThreads() if options.remote else None,
    )
    application = Application(
        own, services.pipeline, own.is_own, parking, options.public_url, options.limits.state_body
    )
    most = options.limits.connections
    server.run(application, parking, bound, started, warm_up, tls, leash, options.trusted_proxies, most, owner)
    services.interrupt()
    services.journal.checkpoint()
    services.store.checkpoint()


@contextmanager
def _metrics_of_all() -> Iterator[Callable[[int], None]]:
    """Lets all processes started in the block share one set of metrics.

    Yields a function that removes the gauges of a process that has ended."""
    from offer_sandbox.publish.metrics import SHARED_FOLDER, forget_process

    with tempfile.TemporaryDirectory(prefix="offer-sandbox-") as folder:
        os.environ[SHARED_FOLDER] = folder
        try:
            yield partial(forget_process, Path(folder))
        finally:
            del os.environ[SHARED_FOLDER]


def _owner(pid: int | None) -> "Owner | None":
    """Returns the process that the server ends with. Raises Misuse if there is no such process on this machine."""
    from offer_sandbox.server.owner import Owner

    if pid is None:
        return None
    owner = Owner(pid)
    if owner.is_gone():
        raise cli.Misuse(f"--end-with: there is no process {pid}")
    return owner


def _secured(others: Iterable[str]) -> tuple["ssl.SSLContext", Path]:
    """Returns the TLS context, with a certificate that includes these names, and the file of its CA."""
    from offer_sandbox.providers import providers
    from offer_sandbox.server.authority import AuthorityUnusable, own_authority
    from offer_sandbox.server.certificate import names, tls_context

    try:
        authority = own_authority()
        return tls_context(authority, names(providers().values(), others)), authority.path.absolute()
    except AuthorityUnusable as error:
        raise cli.Failure(str(error)) from None


def _warn_of_uncertified(given: Configuration) -> None:
    """Logs the names for which no certificate can be issued."""
    if given.tls:
        from offer_sandbox.server.certificate import is_certifiable

        for name in called(given):
            if not is_certifiable(name):
                _log.warning(
                    "cannot issue a certificate for the name %r: clients must use another name for HTTPS", name
                )


def _admin_token(given: Configuration, at_home: bool) -> str | None:
    """Returns the token of the control API: None on the loopback, otherwise the given or a new one."""
    from offer_sandbox.world.rng import secret

    return given.admin_token or (None if at_home else secret())


def _at_home(given: Configuration) -> bool:
    """Returns whether only this machine can reach the server."""
    from offer_sandbox.contract.http import is_loopback

    return given.host is None or is_loopback(given.host)
