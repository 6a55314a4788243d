"""Open the console of a running sandbox in a browser."""

import webbrowser
from urllib.parse import urlencode

import click

from offer_sandbox.cli.at_server import Target, at_server
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
@click.option("--print", "printed", is_flag=True, help="Print the URL only.")
@at_server
def command(target: Target, printed: bool) -> int:
    """Open the console of a running sandbox in a browser, and print its URL."""
    target.call("GET", "/clock")  # fails with a reason where the browser would show its own page
    query = {"workspace": target.workspace, **({"token": target.token} if target.token else {})}
    url = f"{target.url.rstrip('/')}/__admin/ui/?{urlencode(query)}"
    click.echo(url)
    if not printed:
        webbrowser.open(url)
    return 0
