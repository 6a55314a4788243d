"""Show and change the settings of a workspace."""

import click

from offer_sandbox.cli.actions import Actions, json_argument, print_json
from offer_sandbox.cli.at_server import Target, at_server


@click.group(cls=Actions, usual="show")
def command() -> None:
    """Show and change the settings of a workspace.

    Without an action, the settings in force are shown.
    """


@command.command()
@at_server
def show(target: Target) -> int:
    """Show the settings in force as JSON, with the defaults."""
    print_json(target.call("GET", "/settings"))
    return 0


@command.command("set")
@click.argument("changes")
@at_server
def change(target: Target, changes: str) -> int:
    """Change settings, and show those in force.

    CHANGES is JSON, or @FILE or - with it: '{"progressions": {"ebay.buyers": {"progression": "immediate"}}}'
    """
    print_json(target.send("PUT", "/settings", json_argument(changes)))
    return 0
