"""List, create and delete the workspaces of a server."""

import json

import click

from offer_sandbox.cli.actions import Actions, print_json, print_table
from offer_sandbox.cli.at_server import Target, at_server, json_flag, path_of


@click.group(cls=Actions)
def command() -> None:
    """List, create and delete the workspaces of a server.

    Without an action, the workspaces are listed.
    """


@command.command("list")
@at_server
@json_flag
def list_workspaces(target: Target, as_json: bool) -> int:
    """List the workspaces with their seeds and numbers of records."""
    payload = target.call("GET", "/workspaces")
    if as_json:
        print_json(payload)
        return 0
    found = json.loads(payload)["workspaces"]
    print_table(
        ((each["name"], str(each["seed"]), str(each["records"])) for each in found), ("NAME", "SEED", "RECORDS")
    )
    return 0


@command.command()
@click.argument("name")
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="NUMBER", help="Seed of the records. [default: the server's]"
)
@at_server
@json_flag
def add(target: Target, name: str, seed: int | None, as_json: bool) -> int:
    """Create a workspace, and print its key.

    A server that requires keys shows the key only here.
    """
    body = {"name": name, **({} if seed is None else {"seed": seed})}
    payload = target.send("POST", "/workspaces", body)
    if as_json:
        print_json(payload)
    else:
        click.echo(json.loads(payload)["key"])
    return 0


@command.command()
@click.argument("name")
@at_server
def delete(target: Target, name: str) -> int:
    """Delete a workspace with all its records."""
    target.call("DELETE", path_of("workspaces", name))
    click.echo(f"deleted the workspace {name}")
    return 0
