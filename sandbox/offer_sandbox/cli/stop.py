"""Stop the server in the background."""

import click

from offer_sandbox import cli
from offer_sandbox.cli import background
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
def command() -> int:
    """Stop the server in the background. Without one, the exit code is 1."""
    server = background.running()
    if server is None:
        raise cli.Failure("no server is running in the background")
    background.stopped(server)
    click.echo(f"stopped {server.url}")
    return 0
