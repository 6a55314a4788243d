"""Run a command with a server of its own: offer-sandbox exec [flags of serve] -- COMMAND."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from offer_sandbox import cli
from offer_sandbox.cli import failure_test
from offer_sandbox.cli.arguments import percentage
from offer_sandbox.cli.failure_test import FailureTest, run_failure_test
from offer_sandbox.cli.serve import options_of
from offer_sandbox.cli.serve_flags import ServerVerb, configuration, server_flags
from offer_sandbox.cli.served_command import guarded, run_command, served
from offer_sandbox.configuration import as_flags

if TYPE_CHECKING:
    from offer_sandbox.testing.server_process import ServerProcess


_FORM = "[flags] [flags of serve]"


class ExecVerb(ServerVerb):
    """The verb `exec`, whose command follows `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the arguments. Raises Misuse without a command after `--`."""
        helps = set(ctx.help_option_names) & set(args[: args.index("--") if "--" in args else len(args)])
        if not ctx.resilient_parsing and not helps and ("--" not in args or args[-1] == "--"):
            raise cli.Misuse(f"usage: offer-sandbox exec {_FORM} -- COMMAND [ARGUMENT]...")
        return super().parse_args(ctx, args)


@click.command(cls=ExecVerb, context_settings={"allow_interspersed_args": False}, options_metavar=_FORM)
@click.option(
    "--fail-under",
    metavar="PERCENT",
    help="Print the outcome coverage, and exit with 1 if it is lower than this percentage.",
)
@click.option(
    "--coverage-kinds",
    default="",
    metavar="KINDS",
    help="Further kinds that count: infrastructure, documented. [default: none]",
)
@failure_test.flags
@server_flags
@click.argument("words", metavar="-- COMMAND [ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
def command(
    words: tuple[str, ...],
    fail_under: str | None,
    coverage_kinds: str,
    failure_test: str | None,
    steps: str | None,
    form: str,
    report: tuple[Path, ...],
    **given: Any,
) -> int:
    """Run a command with a server of its own.

    The command gets the variables of every client. The exit code is that of the command. If that is 0, it is 1 for
    a coverage below --fail-under. With --failure-test, the command runs several times. The flags of the server are
    those of `serve`. Its port is a free one by default.
    """
    program = shutil.which(words[0])
    if program is None:
        raise cli.Misuse(f"there is no command {words[0]!r}")
    test = FailureTest(failure_test, steps, form, report)
    _demand_fitting(test, fail_under)
    minimum = None if fail_under is None else percentage(fail_under)
    options_of(configuration(given))
    flags = as_flags(given)
    with guarded() as guard:
        if test.operation is not None:
            return run_failure_test(test, flags, [program, *words[1:]], guard)
        short = 0
        with served(flags) as server:
            code = run_command(server, [program, *words[1:]], guard)
            if minimum is not None:
                short = _judge_coverage(server, coverage_kinds, minimum)
        return code or short


def _demand_fitting(test: "FailureTest", fail_under: str | None) -> None:
    """Raises Misuse for flags that have no effect together."""
    if test.operation is None and (test.steps is not None or test.reports or test.form != "text"):
        raise cli.Misuse("--steps, --report and --format need --failure-test")
    if test.operation is not None and fail_under is not None:
        raise cli.Misuse("--fail-under cannot be used with --failure-test, whose failures are no coverage")


def _judge_coverage(server: "ServerProcess", kinds: str, minimum: float) -> int:
    """Prints the coverage to standard error. Returns 1 if it is lower than the minimum."""
    from offer_sandbox.cli.coverage import coverage_of, fell_short
    from offer_sandbox.publish.coverage_report import report

    document = coverage_of(server.url, server.admin_token, kinds)
    sys.stderr.write(report(document, "text"))
    return fell_short(document, minimum)
