"""Start the server and run it until it is interrupted."""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from offer_sandbox import cli
from offer_sandbox.cli.announcement import Announcement
from offer_sandbox.cli.arguments import port_number, seed_number
from offer_sandbox.cli.serve_flags import DEFAULT_PORT, add
from offer_sandbox.environment import variable

if TYPE_CHECKING:  # the server's modules are imported only when a server starts
    import socket
    import ssl

    from offer_sandbox.options import Options
    from offer_sandbox.server.logs import LogWriter
    from offer_sandbox.server.owner import Owner
    from offer_sandbox.server.workers import Work

__all__ = ["DEFAULT_PORT", "add", "run", "settled"]
_MAX_WORKERS = 64
_MAX_PID_DIGITS = 10
_log = logging.getLogger("offer_sandbox")


class Settled(NamedTuple):
    """The settings that the flags and environment variables result in."""

    processes: int
    port: int
    log: str
    options: "Options"


def run(arguments: argparse.Namespace) -> int:
    """Starts the server and prints its URL on the last line."""
    from offer_sandbox.providers import providers
    from offer_sandbox.server import logs, sockets
    from offer_sandbox.world.store import StoreError

    number, port, form, options = settled(arguments)
    owner = _owner(arguments.end_with)
    tls, ca = _secured(called(arguments)) if arguments.tls else (None, None)
    bound = _bound(arguments.host, port, options)
    contracts = options.beginning.settings.get("contracts", {})
    announcement = Announcement(sockets.url(bound), options.admin_token, ca, options.keyed, contracts)
    announce = announcement.print_json if arguments.json else partial(announcement.print, providers())
    if number == 1:
        with logs.written(form) as log:
            _warn_of_uncertified(arguments)
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
    _warn_of_uncertified(arguments)
    return _serve_by_several(number, work, announce, owner)


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


def settled(arguments: argparse.Namespace) -> Settled:
    """Returns the settings of a server without starting one. Raises Misuse for an invalid value."""
    if "://" in (arguments.data or ""):
        raise cli.Misuse(f"--data must be a folder: this version cannot store state at {arguments.data!r}")
    number, port, token = _workers(arguments), port_number(arguments.port), _admin_token(arguments)
    form = _log_form(arguments.log)
    try:
        return Settled(number, port, form, _options(arguments, token, shared=number > 1))
    except ValueError as error:
        raise cli.Misuse(str(error)) from None


def called(arguments: argparse.Namespace) -> list[str]:
    """Returns the additional host names of a server (`--allow-host` and `--host`)."""
    return [*_names(arguments.allow_host, "ALLOW_HOST"), *([arguments.host] if arguments.host else [])]


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
    )
    application = Application(
        own, services.pipeline, own.is_own, parking, options.public_url, options.limits.state_body
    )
    most = options.limits.connections
    server.run(application, parking, bound, started, warm_up, tls, leash, options.trusted_proxies, most, owner)
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


def _workers(arguments: argparse.Namespace) -> int:
    """Returns the number of worker processes. Several of them need a shared folder."""
    text = arguments.workers or "1"
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_WORKERS:
        raise cli.Misuse(f"--workers must be a number from 1 to {_MAX_WORKERS}, not {text!r}")
    if int(text) > 1 and not arguments.data:
        raise cli.Misuse("--workers greater than 1 needs --data, a folder that the processes share")
    return int(text)


def _owner(text: str | None) -> "Owner | None":
    """Returns the process that the server ends with. Raises Misuse unless it is a process of this machine."""
    from offer_sandbox.server.owner import Owner

    if text is None:
        return None
    if not text.isdecimal() or len(text) > _MAX_PID_DIGITS or int(text) == 0:
        raise cli.Misuse(f"--end-with must be the id of a process, not {text!r}")
    owner = Owner(int(text))
    if owner.is_gone():
        raise cli.Misuse(f"--end-with: there is no process {text}")
    return owner


def _log_form(text: str | None) -> str:
    from offer_sandbox.server.logs import FORMATS

    form = text or ("text" if sys.stderr.isatty() else "json")
    if form not in FORMATS:
        raise cli.Misuse(f"--log must be one of {', '.join(FORMATS)}, not {form!r}")
    return form


def _options(arguments: argparse.Namespace, token: str | None, shared: bool) -> "Options":
    """Returns the options from the flags. Raises ValueError for an invalid value."""
    from offer_sandbox import options
    from offer_sandbox.providers import providers

    known = providers()
    contracts = _names(arguments.contract, "CONTRACT")
    return options.Options(
        data=Path(arguments.data) if arguments.data else None,
        beginning=options.beginning(seed_number(arguments.seed), arguments.clock, contracts, known),
        scenario=options.load_scenario(arguments.scenario, known) if arguments.scenario else None,
        admin_token=token,
        exposed=not _at_home(arguments),
        cors=_names(arguments.cors, "CORS"),
        allow_hosts=_names(arguments.allow_host, "ALLOW_HOST"),
        keyed=options.auth(arguments.auth),
        limits=options.limits(**{name: getattr(arguments, name) for name in options.LIMITS}),
        webhook_hosts=_names(arguments.allow_webhook_host, "ALLOW_WEBHOOK_HOST"),
        hold_webhooks=arguments.hold_webhooks,
        journal_size=options.entries(arguments.journal_size),
        exchanges=options.exchange_file(arguments.exchanges),
        shared=shared,
        plain=arguments.plain,
        trusted_proxies=_names(arguments.trusted_proxy, "TRUSTED_PROXY"),
        public_url=arguments.public_url,
    )


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


def _warn_of_uncertified(arguments: argparse.Namespace) -> None:
    """Logs the names for which no certificate can be issued."""
    if arguments.tls:
        from offer_sandbox.server.certificate import is_certifiable

        for name in called(arguments):
            if not is_certifiable(name):
                _log.warning(
                    "cannot issue a certificate for the name %r: clients must use another name for HTTPS", name
                )


def _admin_token(arguments: argparse.Namespace) -> str | None:
    """Returns the token of the control API: None on the loopback, otherwise the given or a new one."""
    from offer_sandbox.world.rng import secret

    if arguments.admin_token:
        return str(arguments.admin_token)
    return None if _at_home(arguments) else secret()


def _at_home(arguments: argparse.Namespace) -> bool:
    """Returns whether only this machine can reach the server."""
    from offer_sandbox.contract.http import is_loopback

    return arguments.host is None or is_loopback(arguments.host)


def _names(given: list[str] | None, name: str) -> tuple[str, ...]:
    """Returns the values of a repeatable flag, or those of its variable, which are separated by spaces."""
    return tuple(given or (variable(name) or "").split())
