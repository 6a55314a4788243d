"""Reset a workspace, or parts of it."""

import json

import click

from offer_sandbox.cli.actions import print_json
from offer_sandbox.cli.at_server import Target, at_server, json_flag
from offer_sandbox.cli.command_line import Verb

_PARTS = ("state", "rules", "clock", "settings", "journal")


@click.command(cls=Verb)
@click.argument("parts", metavar="[PART]...", nargs=-1, type=click.Choice(_PARTS))
@at_server
@json_flag
def command(target: Target, parts: tuple[str, ...], as_json: bool) -> int:
    """Reset a workspace, or parts of it: state, rules, clock, settings, journal."""
    payload = target.send("POST", "/reset", {"scope": list(parts)} if parts else {})
    if as_json:
        print_json(payload)
    else:
        click.echo(f"reset {', '.join(json.loads(payload)['reset'])} of the workspace {target.workspace}")
    return 0
