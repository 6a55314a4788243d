"""Check whether a server can run here, and print a fix for each problem."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from offer_sandbox.cli import serve
from offer_sandbox.cli.arguments import http_url
from offer_sandbox.cli.at_server import json_flag
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.cli.serve_flags import configuration
from offer_sandbox.configuration import usable
from offer_sandbox.environment import given, hidden

if TYPE_CHECKING:  # the checks are imported when they run
    from offer_sandbox.cli.checks import Check


_COLOURS = {"ok": "green", "warning": "yellow", "wrong": "red"}


@click.command(cls=Verb)
@click.option("--host", metavar="HOST", help="Address to listen on. [default: as for serve]")
@click.option("--port", metavar="PORT", help="Port to listen on. [default: as for serve]")
@click.option(
    "--data", metavar="FOLDER|URL", help="Folder or database to store the state in. [default: as for serve]"
)
@click.option("--tls", is_flag=True, help="Also check what serve --tls needs.")
@click.option("--url", metavar="URL", help="URL of a running server, checked instead of the port.")
@json_flag
def command(url: str | None, as_json: bool, **flags: Any) -> int:
    """Check whether a server can run here, and print a fix for each problem.

    The variables of `serve` apply too. If a check is wrong, the exit code is 1. Warnings alone do not change it.
    """
    if url is not None:
        http_url(url)
    with hidden(given()):
        serve.options_of(configuration(flags))  # flags that are refused even without variables
    found = []
    for check in _checks(flags, url):
        found.append(check)
        if not as_json:
            click.echo(_line(check))
            sys.stdout.flush()
    if as_json:
        print(json.dumps({"checks": [asdict(check) for check in found]}, indent=2))
    return 1 if any(check.status == "wrong" for check in found) else 0


def _checks(flags: Mapping[str, Any], url: str | None) -> "Iterator[Check]":
    """Yields every check, the quick ones first. Skips those that depend on a rejected variable."""
    from offer_sandbox.assembly import kinds
    from offer_sandbox.cli.checks import address, database, files, folder, machine, server, tls, variables
    from offer_sandbox.providers import providers
    from offer_sandbox.world.locations import DatabaseUrl

    known, (read, rejected) = providers(), usable(flags)
    yield from machine.checks()
    yield from files.checks(known)
    yield from variables.checks(flags)
    if url is not None:
        yield from server.checks(url)
    elif "port" not in rejected:
        yield from address.checks(read.host, read.port)
    if "data" not in rejected:
        if isinstance(read.data, DatabaseUrl):
            yield from database.checks(read.data, kinds(known))
        else:
            yield from folder.checks(read.data, kinds(known))
    if read.tls:
        yield from tls.checks(known.values(), serve.called(read))


def _line(check: "Check") -> str:
    status = click.style(check.status, fg=_COLOURS[check.status]) + " " * (8 - len(check.status))
    return f"{status}{check.name}: {check.found}{f'; {check.remedy}' if check.remedy else ''}"
