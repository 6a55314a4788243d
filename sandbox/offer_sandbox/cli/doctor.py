"""Check whether a server can run here, and print a fix for each problem."""

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from offer_sandbox import cli
from offer_sandbox.cli import serve
from offer_sandbox.cli.arguments import http_url, port_number
from offer_sandbox.environment import given, hidden

if TYPE_CHECKING:  # the checks are imported when they run
    from offer_sandbox.cli.checks import Check


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the flags of `serve` that are checked, and `--url`. The variables of `serve` apply too."""
    parser.add_argument("--host", help="address to listen on (default: as for serve)")
    parser.add_argument("--port", help="port to listen on (default: as for serve)")
    parser.add_argument("--data", help="folder to store the state in (default: as for serve)")
    parser.add_argument("--tls", action="store_true", help="also check what serve --tls needs")
    parser.add_argument("--url", help="URL of a running server, checked instead of the port")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")


def run(arguments: argparse.Namespace) -> int:
    """Prints each check as soon as it is done. Returns 1 if any check is wrong, and 0 for warnings alone."""
    if arguments.url is not None:
        http_url(arguments.url)
    found = []
    for check in _checks(_flags(arguments), arguments.url):
        found.append(check)
        if not arguments.json:
            print(_line(check), flush=True)
    if arguments.json:
        print(json.dumps({"checks": [asdict(check) for check in found]}, indent=2))
    return 1 if any(check.status == "wrong" for check in found) else 0


def _flags(arguments: argparse.Namespace) -> list[str]:
    """Returns the flags of `serve` that are set. Raises Misuse if `serve` rejects them even without variables."""
    from offer_sandbox.cli.checks.variables import read

    names = ("host", "port", "data")
    values = [(name, getattr(arguments, name)) for name in names]
    flags = [f"--{name}={value}" for name, value in values if value is not None]
    flags += ["--tls"] if arguments.tls else []
    with hidden(given()):
        serve.settled(read(flags))
    return flags


def _checks(flags: Sequence[str], url: str | None) -> "Iterator[Check]":
    """Yields every check, the quick ones first. Skips those that depend on a rejected variable."""
    from offer_sandbox.assembly import kinds
    from offer_sandbox.cli.checks import address, files, folder, machine, server, tls, variables
    from offer_sandbox.providers import providers

    known, read = providers(), variables.read(flags)
    yield from machine.checks()
    yield from files.checks(known)
    yield from variables.checks(flags)
    if url is not None:
        yield from server.checks(url)
    else:
        with suppress(cli.Misuse):
            yield from address.checks(read.host, port_number(read.port))
    if "://" not in (read.data or ""):
        yield from folder.checks(read.data, kinds(known))
    if read.tls:
        yield from tls.checks(known.values(), serve.called(read))


def _line(check: "Check") -> str:
    return f"{check.status:8}{check.name}: {check.found}{f'; {check.remedy}' if check.remedy else ''}"
