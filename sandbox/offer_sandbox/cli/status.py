"""Show the server in the background."""

import json
from dataclasses import asdict

import click

from offer_sandbox.cli import background
from offer_sandbox.cli.at_server import json_flag
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
@json_flag
def command(as_json: bool) -> int:
    """Show the server in the background. Without one, the exit code is 1."""
    server = background.running()
    if as_json:
        click.echo(json.dumps({"running": server is not None, **(asdict(server) if server else {})}))
    elif server is None:
        click.echo("not running")
    else:
        click.echo(f"running at {server.url} since {server.since} (process {server.pid}, log {server.log})")
        if server.admin_token:
            click.echo(f"token of the control API: {server.admin_token}")
    return 0 if server else 1
