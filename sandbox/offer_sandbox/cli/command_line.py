"""The verbs of the command line in their groups, each imported when it is used."""

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from offer_sandbox import __version__

PROGRAM = "offer-sandbox"
GROUPS: dict[str, tuple[str, ...]] = {
    "Serve": ("serve", "start", "status", "stop", "open", "env", "wait"),
    "Test": ("exec", "play", "validate", "coverage", "identify", "trace", "replay"),
    "Control": (
        *("logs", "why", "outcomes", "rules", "scenarios", "clock", "settings", "state", "webhooks"),
        *("workspaces", "reset", "snapshot", "mcp"),
    ),
    "Maintain": ("doctor", "catalog", "ca", "completion"),
    "Develop the sandbox itself": ("specs", "fixtures"),
}
_CODES = "Exit codes: 0 success, 1 the verb or one of its checks failed, 2 unusable arguments, 130 interrupted."


class Verb(click.Command):
    """A verb. The reader of its output may leave early, as `| head` does."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the verb, and ends quietly if nobody reads its output any more."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the end of the process complains
            return 0
        return result


class CommandLine(click.Group):
    """The group of all verbs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the verbs, in the order of the help."""
        return [name for names in GROUPS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns a verb, or None for an unknown name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found = import_module(f"offer_sandbox.cli.{cmd_name}").command
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the verb that the arguments name. Raises UsageError for an unknown one, with the nearest."""
        if ctx.resilient_parsing or args[0].startswith("-") or self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        near = get_close_matches(args[0], self.list_commands(ctx), 1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise click.UsageError(f"there is no verb {args[0]!r}{meant}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the verbs of each group."""
        for title, names in GROUPS.items():
            with formatter.section(title):
                commands = [(name, self.get_command(ctx, name)) for name in names]
                formatter.write_dl([(name, each.get_short_help_str(120)) for name, each in commands if each])


@click.group(
    cls=CommandLine,
    epilog=_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.pass_context
def COMMAND_LINE(ctx: click.Context) -> None:  # noqa: N802 - a constant, made by the decorators
    """A local server that replaces five offer APIs, in each provider's own format."""
    ctx.color = False if os.environ.get("NO_COLOR") else None
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
