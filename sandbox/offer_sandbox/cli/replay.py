"""Send the calls of a trace file again to a new server, and compare the results."""

import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import TYPE_CHECKING

import click

from offer_sandbox import cli
from offer_sandbox.cli.at_server import json_flag
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.cli.served_command import demand_fresh, served
from offer_sandbox.cli.trace import printable, read_trace

if TYPE_CHECKING:
    from offer_sandbox.testing.replay import Replay, Replayed


@click.command(cls=Verb)
@click.argument("file")
@click.argument("flags", metavar="[-- FLAG...]", nargs=-1, type=click.UNPROCESSED)
@json_flag
def command(file: str, flags: tuple[str, ...], as_json: bool) -> int:
    """Send the calls of a trace file again to a new server, and compare the results.

    After -- come the flags of that server, which are those of `serve`. If FILE is -, standard input is read. If a
    call has another result than the recorded one, the exit code is 1.
    """
    from offer_sandbox.testing.replay import Replay

    trace = read_trace(file)
    demand_fresh(flags, "replay", ("data", "admin_token", "auth"))
    results: list[Replayed] = []
    if not as_json:
        print(printable(f"replay of {trace['test'] or trace['workspace']}"))
    with served([*flags, "--hold-webhooks"]) as server:
        for each in _sent(Replay(server.url, trace)):
            results.append(each)
            if not as_json:
                _print(each)
    differing = sum(bool(each.differences) for each in results)
    if as_json:
        print(json.dumps({"same": not differing, "calls": [vars(each) for each in results]}, indent=2))
    else:
        _print_summary(results, differing, trace["flags"] if not flags else "", trace["left_out"])
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
