"""Show the trace file of a failed test: its calls with reasons, changed records, webhooks and rules."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from offer_sandbox import cli

if TYPE_CHECKING:
    from offer_sandbox.publish.trace import Trace


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the file, and what to show of it."""
    parser.add_argument("file", metavar="FILE", help="trace file, or - for standard input")
    parser.add_argument("--call", type=int, metavar="N", help="show all of call N")
    parser.add_argument("--json", action="store_true", help="print the trace as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Prints the timeline, one call, or the JSON document."""
    from offer_sandbox.publish.trace_report import details, timeline

    trace, number = read_trace(arguments.file), arguments.call
    if number is not None and not 1 <= number <= len(trace["exchanges"]):
        raise cli.Misuse(f"--call: the trace has the calls 1 to {len(trace['exchanges'])}")
    if arguments.json:
        print(
            json.dumps(trace if number is None else trace["exchanges"][number - 1], indent=2, ensure_ascii=False)
        )
        return 0
    lines = timeline(trace) if number is None else details(trace["exchanges"][number - 1])
    try:
        for line in lines:
            print(printable(line))
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise cli.Failure(
            f"cannot show {arguments.file}: a part is wrong ({type(error).__name__}: {error})"
        ) from None
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
