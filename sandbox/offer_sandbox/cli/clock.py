"""Show, set or advance the clock of a workspace."""

import json

import click

from offer_sandbox.cli.actions import Actions, print_events, print_json
from offer_sandbox.cli.at_server import Target, at_server, json_flag


@click.group(cls=Actions, usual="show")
def command() -> None:
    """Show, set or advance the clock of a workspace.

    Without an action, the clock is shown.
    """


@command.command()
@at_server
@json_flag
def show(target: Target, as_json: bool) -> int:
    """Show the time of the clock, and whether it runs."""
    return _told(target.call("GET", "/clock"), as_json)


@command.command()
@click.argument("duration")
@at_server
@json_flag
def advance(target: Target, duration: str, as_json: bool) -> int:
    """Advance the clock by an ISO 8601 duration, such as P2D or PT5S.

    Prints the state changes that become due on the way.
    """
    return _told(target.send("POST", "/clock/advance", {"by": duration}), as_json)


@command.command("set")
@click.argument("time")
@at_server
@json_flag
def set_to(target: Target, time: str, as_json: bool) -> int:
    """Set the clock to a time, such as 2026-04-17T19:45:00Z. It runs or stands still as before."""
    return _told(target.send("PUT", "/clock", {"now": time}), as_json)


@command.command()
@at_server
@json_flag
def freeze(target: Target, as_json: bool) -> int:
    """Stop the clock at its present time."""
    return _told(target.send("PUT", "/clock", {"mode": "frozen"}), as_json)


@command.command()
@at_server
@json_flag
def run(target: Target, as_json: bool) -> int:
    """Let the clock run on from its present time."""
    return _told(target.send("PUT", "/clock", {"mode": "real"}), as_json)


def _told(payload: bytes, as_json: bool) -> int:
    if as_json:
        print_json(payload)
        return 0
    found = json.loads(payload)
    print_events(found.get("events", ()))
    click.echo(f"{found['now']}{' (frozen)' if found.get('mode') == 'frozen' else ''}")
    return 0
