"""A verb with several actions, such as `rules add`, and what the actions share: their input and output."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from offer_sandbox import cli
from offer_sandbox.cli.command_line import Verb


class Actions(click.Group):
    """A verb with actions. Without one, the action `usual` is carried out."""

    command_class = Verb

    def __init__(self, *given: Any, usual: str = "list", **more: Any) -> None:
        super().__init__(*given, **more)
        self._usual = usual

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the arguments, which begin with an action or with a flag of the usual one."""
        if ctx.resilient_parsing:  # a shell completes the actions
            return super().parse_args(ctx, args)
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            if late := next((each for each in args if each in self.commands), None):
                raise click.UsageError(f"flags come after the action: {ctx.info_name} {late} ...", ctx)
            args = [self._usual, *args]
        return super().parse_args(ctx, args)


def json_argument(text: str) -> Any:
    """Returns the value of an argument: JSON, or `@FILE` or `-` for a file or standard input with it. Raises
    Misuse."""
    source = "the argument"
    try:
        if text == "-":
            source, text = "standard input", sys.stdin.read()
        elif text.startswith("@"):
            source = text[1:]
            text = Path(source).read_text()
        return json.loads(text)
    except OSError as error:
        raise cli.Misuse(f"cannot read {source}: {error.strerror or error}") from None
    except ValueError as error:
        raise cli.Misuse(f"{source} is not JSON: {error}") from None


def print_json(payload: bytes) -> None:
    """Prints the JSON of a response, indented."""
    click.echo(json.dumps(json.loads(payload), indent=2, ensure_ascii=False))


def magic_value(outcome: dict[str, Any]) -> str:
    """Returns what a table shows as the magic value of an outcome. For a credential it is the word at its end,
    which can be encoded there."""
    magic = outcome["triggers"]["magic"]
    if magic is None:
        return "-"
    if magic["field"] == "header.authorization":
        return f"{outcome['outcome']} (in the credential)"
    return str(magic["value"])


def print_table(rows: Iterable[Sequence[str]], titles: Sequence[str]) -> None:
    """Prints rows below their titles, in columns."""
    table = [tuple(titles), *(tuple(row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(titles))]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_events(events: Iterable[dict[str, Any]]) -> None:
    """Prints state changes, one on each line."""
    for each in events:
        record = f"{each['provider']}.{each['kind']}/{each['id']}"
        click.echo(f"{each['at']}  {record}: {each['from']} -> {each['to']}")
