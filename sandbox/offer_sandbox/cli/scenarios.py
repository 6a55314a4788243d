"""List, show, start and stop the scenarios of a workspace."""

import json

import click

from offer_sandbox.cli.actions import Actions, print_json, print_table
from offer_sandbox.cli.at_server import Target, at_server, json_flag, path_of


@click.group(cls=Actions)
def command() -> None:
    """List, show, start and stop the scenarios of a workspace.

    Without an action, the scenarios are listed. The verb `play` also makes the calls of a scenario.
    """


@command.command("list")
@at_server
@json_flag
def list_scenarios(target: Target, as_json: bool) -> int:
    """List the ready-made scenarios and those of the workspace."""
    payload = target.call("GET", "/scenarios")
    if as_json:
        print_json(payload)
        return 0
    rows = (
        (each["name"], "running" if each["started"] else "", each["title"] or "")
        for each in json.loads(payload)["scenarios"]
    )
    print_table(rows, ("SCENARIO", "STATE", "TITLE"))
    return 0


@command.command()
@click.argument("name")
@at_server
def show(target: Target, name: str) -> int:
    """Show a scenario as JSON."""
    print_json(target.call("GET", path_of("scenarios", name)))
    return 0


@command.command()
@click.argument("name")
@at_server
def start(target: Target, name: str) -> int:
    """Start a scenario: its rules, clock and settings."""
    target.call("POST", path_of("scenarios", name, "start"))
    click.echo(f"started {name} in the workspace {target.workspace}")
    return 0


@command.command()
@click.argument("name")
@at_server
def stop(target: Target, name: str) -> int:
    """Stop a scenario. Its rules are removed, and clock and settings restored."""
    running = {
        each["name"] for each in json.loads(target.call("GET", "/scenarios"))["scenarios"] if each["started"]
    }
    target.call("POST", path_of("scenarios", name, "stop"))
    told = "stopped" if name in running else "not running:"
    click.echo(f"{told} {name} in the workspace {target.workspace}")
    return 0
