"""Run a command with a server of its own: offer-sandbox exec [flags of serve] -- COMMAND."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from offer_sandbox import cli
from offer_sandbox.cli import failure_test, serve
from offer_sandbox.cli.arguments import percentage
from offer_sandbox.cli.child_command import Guard
from offer_sandbox.cli.served_command import guarded, run_command, served

if TYPE_CHECKING:
    from offer_sandbox.testing.server_process import ServerProcess


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
    failure_test.add_flags(parser)


def run(arguments: Sequence[str]) -> int:
    """Starts a server, runs the command with the variables of every client, and returns its exit code. If that is
    0, returns 1 for a coverage below `--fail-under`. With `--failure-test`, runs the command several times."""
    given, command = _split(arguments)
    own, flags = _own_flags(given)
    program = shutil.which(command[0])
    if program is None:
        raise cli.Misuse(f"there is no command {command[0]!r}")
    _demand_fitting(own)
    minimum = None if own.fail_under is None else percentage(own.fail_under)
    _check(flags)
    command = [program, *command[1:]]
    with guarded() as guard:
        if own.failure_test is not None:
            return failure_test.run_failure_test(own, flags, command, guard)
        return _run_once(own, flags, command, guard, minimum)


def _run_once(
    own: argparse.Namespace, flags: list[str], command: list[str], guard: Guard, minimum: float | None
) -> int:
    short = 0
    with served(flags) as server:
        code = run_command(server, command, guard)
        if minimum is not None:
            short = _judge_coverage(server, own.coverage_kinds, minimum)
    return code or short


def _demand_fitting(own: argparse.Namespace) -> None:
    """Raises Misuse for flags that have no effect together."""
    if own.failure_test is None and (own.steps is not None or own.report or own.format != "text"):
        raise cli.Misuse("--steps, --report and --format need --failure-test")
    if own.failure_test is not None and own.fail_under is not None:
        raise cli.Misuse("--fail-under cannot be used with --failure-test, whose failures are no coverage")


def _own_flags(given: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Returns the flags of `exec` itself, and those of `serve`."""
    parser = argparse.ArgumentParser(prog="offer-sandbox exec", usage=argparse.SUPPRESS, allow_abbrev=False)
    _add_flags(parser)
    return parser.parse_known_args(given)


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
