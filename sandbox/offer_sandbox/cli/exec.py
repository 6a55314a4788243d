"""Run a command with a server of its own: offer-sandbox exec [flags of serve] -- COMMAND."""

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from offer_sandbox import cli
from offer_sandbox.cli import serve
from offer_sandbox.cli.arguments import percentage
from offer_sandbox.cli.child_command import ChildCommand, Guard

if TYPE_CHECKING:
    from offer_sandbox.testing.server_process import ServerProcess

_WORKSPACE = "default"  # of calls whose credential names none


def add(parser: argparse.ArgumentParser) -> None:
    """Describes the arguments, for `--help` alone."""
    parser.usage = "offer-sandbox exec [flags] [flags of serve] -- COMMAND [ARGUMENT ...]"
    parser.epilog = "The other flags are those of `offer-sandbox serve`. The port is a free one by default."
    _add_flags(parser)


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fail-under",
        metavar="PERCENT",
        help="print the outcome coverage, and exit with 1 if it is lower than this percentage",
    )
    parser.add_argument(
        "--coverage-kinds",
        default="",
        metavar="KINDS",
        help="further kinds that count: infrastructure, documented (default: none)",
    )


def run(arguments: Sequence[str]) -> int:
    """Starts a server, runs the command with the variables of every client, and returns its exit code. If that is
    0, returns 1 for a coverage below `--fail-under`."""
    given, command = _split(arguments)
    own, flags = _own_flags(given)
    program = shutil.which(command[0])
    if program is None:
        raise cli.Misuse(f"there is no command {command[0]!r}")
    minimum = None if own.fail_under is None else percentage(own.fail_under)
    _check(flags)
    short = 0
    with _guarded() as guard, _server(flags) as server:
        code = _run_command(server, [program, *command[1:]], guard)
        if minimum is not None:
            short = _judge_coverage(server, own.coverage_kinds, minimum)
    return code or short


def _own_flags(given: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Returns the flags of `exec` itself, and those of `serve`."""
    parser = argparse.ArgumentParser(prog="offer-sandbox exec", usage=argparse.SUPPRESS, allow_abbrev=False)
    _add_flags(parser)
    return parser.parse_known_args(given)


@contextmanager
def _guarded() -> Iterator[Guard]:
    guard = Guard()
    try:
        yield guard
    finally:
        guard.release()


@contextmanager
def _server(flags: list[str]) -> "Iterator[ServerProcess]":
    """Yields a server that runs until the block ends. Raises Misuse if it does not start."""
    from offer_sandbox.testing.server_process import ServerFailed, ServerProcess

    try:
        server = ServerProcess(flags)
    except ServerFailed as error:
        told = error.log.strip().rpartition("\n")[2].removeprefix("offer-sandbox: ") or str(error)
        raise cli.Misuse(told) from None
    try:
        yield server
    finally:
        server.stop()


def _run_command(server: "ServerProcess", command: list[str], guard: Guard) -> int:
    """Runs the command, and returns its exit code."""
    from offer_sandbox.testing.redirection import documented_hosts
    from offer_sandbox.testing.relay import Relay

    stands_for, any_host = documented_hosts()
    with tempfile.TemporaryDirectory(prefix="offer-sandbox-") as folder:
        with Relay(server.url, stands_for, any_host, "") as relay:
            variables = _variables(server.url, Path(server.ca), relay.port, Path(folder) / "trust.p12")
            code = ChildCommand(command, variables, guard).run()
        _tell_refused(relay.refused)
    return code


def _judge_coverage(server: "ServerProcess", kinds: str, minimum: float) -> int:
    """Prints the coverage to standard error. Returns 1 if it is lower than the minimum."""
    from offer_sandbox.cli.coverage import coverage_of, fell_short
    from offer_sandbox.publish.coverage_report import report

    document = coverage_of(server.url, server.admin_token, kinds)
    sys.stderr.write(report(document, "text"))
    return fell_short(document, minimum)


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns the flags and the command, which `--` separates."""
    given = list(arguments)
    if "--" not in given or given[-1] == "--":
        raise cli.Misuse("usage: offer-sandbox exec [flags] [flags of serve] -- COMMAND [ARGUMENT ...]")
    place = given.index("--")
    return given[:place], given[place + 1 :]


def _check(flags: list[str]) -> None:
    """Raises Misuse for flags that `serve` cannot use."""
    parser = argparse.ArgumentParser(prog="offer-sandbox exec", usage=argparse.SUPPRESS)
    serve.add(parser)
    serve.settled(parser.parse_args(flags))


def _variables(url: str, ca: Path, port: int, store: Path) -> dict[str, str]:
    """Returns the environment of the command."""
    from offer_sandbox.providers import providers
    from offer_sandbox.testing.redirection import ca_variables, proxy_variables
    from offer_sandbox.testing.trust_store import PASSWORD, write_trust_store

    write_trust_store(ca, store)
    java = [
        f"-Djavax.net.ssl.trustStore={store}",
        f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        "-Dhttps.proxyHost=127.0.0.1",
        f"-Dhttps.proxyPort={port}",
        "-Dhttp.nonProxyHosts=localhost|127.*|[::1]",
    ]
    clients = [each.variables(url, f"sbx_{_WORKSPACE}") for each in providers().values()]
    return {
        **os.environ,
        **{name: value for each in clients for name, value in each.items()},
        **ca_variables(str(ca)),
        **proxy_variables(port),
        "OFFER_SANDBOX_URL": url,
        "NODE_EXTRA_CA_CERTS": str(ca),
        "NODE_USE_ENV_PROXY": "1",  # Node reads the proxy variables from version 24 on
        "JAVA_TOOL_OPTIONS": " ".join([os.environ.get("JAVA_TOOL_OPTIONS", ""), *java]).strip(),
    }


def _tell_refused(refused: Counter[str]) -> None:
    for host, times in sorted(refused.items()):
        print(f"offer-sandbox: refused a call to {host}, {times} times", file=sys.stderr)
