"""Print the environment variables that point a provider's client to the sandbox."""

import shlex

import click

from offer_sandbox.cli.arguments import http_url, named_provider, workspace_name
from offer_sandbox.cli.at_server import url_flag
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
@click.argument("provider")
@url_flag()
@click.option("--workspace", default="demo", metavar="NAME", help="Workspace of the credentials. [default: demo]")
def command(provider: str, url: str, workspace: str) -> int:
    """Print the environment variables that point a provider's client to the sandbox.

    They are lines for a shell to evaluate: eval "$(offer-sandbox env ebay)".
    """
    known, key = named_provider(provider), f"sbx_{workspace_name(workspace)}"
    for name, value in known.variables(http_url(url), key).items():
        click.echo(f"export {name}={shlex.quote(value)}")
    return 0
