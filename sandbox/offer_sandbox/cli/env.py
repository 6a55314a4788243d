"""Print the environment variables that point a provider's client to the sandbox."""

import json
import shlex

import click

from offer_sandbox.cli.arguments import http_url, named_provider, workspace_name
from offer_sandbox.cli.at_server import json_flag, url_flag
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
@click.argument("provider")
@url_flag()
@click.option("--workspace", default="demo", metavar="NAME", help="Workspace of the credentials. [default: demo]")
@json_flag
def command(provider: str, url: str, workspace: str, as_json: bool) -> int:
    """Print the environment variables that point a provider's client to the sandbox.

    They are lines for a shell to evaluate: eval "$(offer-sandbox env ebay)".
    """
    known, key = named_provider(provider), f"sbx_{workspace_name(workspace)}"
    variables = known.variables(http_url(url), key)
    if as_json:
        click.echo(json.dumps(variables, indent=2))
        return 0
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    return 0
