"""Show the trace file of a failed test: its calls with reasons, changed records, webhooks and rules."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offer_sandbox import cli
from offer_sandbox.cli.at_server import json_flag
from offer_sandbox.cli.command_line import Verb

if TYPE_CHECKING:
    from offer_sandbox.publish.trace import Trace


@click.command(cls=Verb)
@click.argument("file")
@click.option("--call", "number", type=int, metavar="N", help="Show all of call N.")
@json_flag
def command(file: str, number: int | None, as_json: bool) -> int:
    """Show the trace file of a failed test.

    Prints its calls with reasons, changed records, webhooks and rules. If FILE is -, standard input is read.
    """
    from offer_sandbox.publish.trace_report import details, timeline

    trace = read_trace(file)
    if number is not None and not 1 <= number <= len(trace["exchanges"]):
        raise cli.Misuse(f"--call: the trace has the calls 1 to {len(trace['exchanges'])}")
    if as_json:
        shown = trace if number is None else trace["exchanges"][number - 1]
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return 0
    lines = timeline(trace) if number is None else details(trace["exchanges"][number - 1])
    try:
        for line in lines:
            print(printable(line))
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise cli.Failure(f"cannot show {file}: a part is wrong ({type(error).__name__}: {error})") from None
    return 0


def printable(text: str) -> str:
    """Returns a text whose control characters cannot change the terminal."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def read_trace(name: str) -> "Trace":
    """Returns the trace of a file, or of standard input. Raises Failure if there is none."""
    from offer_sandbox.publish.trace import TraceError, unpacked

    try:
        return unpacked(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
    except OSError as error:
        raise cli.Failure(f"cannot read {name}: {error.strerror or error}") from None
    except TraceError as error:
        raise cli.Failure(f"cannot read {name}: {error}") from None
