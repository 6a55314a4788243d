"""Start a server in the background."""

import json
from dataclasses import asdict
from typing import Any

import click

from offer_sandbox.cli import background
from offer_sandbox.cli.serve import options_of
from offer_sandbox.cli.serve_flags import ServerVerb, configuration, server_flags
from offer_sandbox.configuration import as_flags


@click.command(cls=ServerVerb)
@server_flags
def command(**given: Any) -> int:
    """Start a server in the background.

    It takes the flags of `serve`, and goes on when the terminal is closed. `status` shows it and `stop` ends it.
    The other verbs use it unless they get another URL. There is one such server for each user. Its log is in the
    folder of OFFER_SANDBOX_STATE, else in $XDG_STATE_HOME/offer-sandbox, by default ~/.local/state/offer-sandbox.
    """
    options_of(configuration(given))
    flags = as_flags({**given, "json": False, "admin_token": None})
    server = background.started(flags, given["admin_token"])
    if given["json"]:
        click.echo(json.dumps(asdict(server)))
    else:
        click.echo(f"started, log in {server.log}")
        click.echo(server.url)
    return 0
