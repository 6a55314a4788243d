"""Send the calls of a trace file again to a new server, and compare the results."""

import argparse
import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import TYPE_CHECKING

from offer_sandbox import cli
from offer_sandbox.cli.served_command import demand_fresh, served
from offer_sandbox.cli.trace import printable, read_trace

if TYPE_CHECKING:
    from offer_sandbox.testing.replay import Replay, Replayed


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the file, and the flags of the server."""
    parser.add_argument("file", metavar="FILE", help="trace file, or - for standard input")
    parser.add_argument("flags", metavar="FLAG", nargs="*", help="after --: flags of `offer-sandbox serve`")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Prints each call and its differences. Returns 1 if a call has another result than the recorded one."""
    from offer_sandbox.testing.replay import Replay

    trace = read_trace(arguments.file)
    demand_fresh(arguments.flags, "replay", ("data", "admin_token", "auth"))
    results: list[Replayed] = []
    if not arguments.json:
        print(printable(f"replay of {trace['test'] or trace['workspace']}"))
    with served([*arguments.flags, "--hold-webhooks"]) as server:
        for each in _sent(Replay(server.url, trace)):
            results.append(each)
            if not arguments.json:
                _print(each)
    differing = sum(bool(each.differences) for each in results)
    if arguments.json:
        print(json.dumps({"same": not differing, "calls": [vars(each) for each in results]}, indent=2))
    else:
        _print_summary(results, differing, trace["flags"] if not arguments.flags else "", trace["left_out"])
    return 1 if differing else 0


def _sent(replay: "Replay") -> "Iterator[Replayed]":
    """Yields the results. Raises Failure if the server ends, or a call in the file cannot be sent."""
    from offer_sandbox.testing.control import ControlError

    try:
        yield from replay.calls()
    except (OSError, HTTPException, ControlError) as error:
        raise cli.Failure(f"the server does not respond: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise cli.Failure(f"a call in the file cannot be sent ({type(error).__name__}: {error})") from None


def _print(each: "Replayed") -> None:
    label = "control" if each.number is None else f"{each.number:7}"
    gap = "  (sent without parts that were redacted or cut)" if each.incomplete else ""
    print(f"{label}  {'DIFFERENT' if each.differences else 'same     '}  {printable(each.text)}{gap}", flush=True)
    for difference in each.differences:
        print(f"{'':20}{printable(difference)}", flush=True)


def _print_summary(results: "list[Replayed]", differing: int, flags: str, left_out: int) -> None:
    print(f"{len(results) - differing} of {len(results)} calls have the same result")
    if left_out:
        print(f"note: {left_out} earlier calls are not in the file, which can be the reason of a difference")
    if flags:
        print(f"note: the server of the test had more flags, which this one gets with: replay FILE -- {flags}")
