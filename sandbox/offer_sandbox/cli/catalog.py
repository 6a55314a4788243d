"""List every documented outcome and how to trigger it."""

import json

import click

from offer_sandbox.cli.actions import magic_value, print_table
from offer_sandbox.cli.arguments import named_provider
from offer_sandbox.cli.at_server import json_flag
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
@click.argument("provider", required=False)
@json_flag
def command(provider: str | None, as_json: bool) -> int:
    """List every documented outcome and how to trigger it.

    With --json, prints what GET /__admin/catalog returns.
    """
    from offer_sandbox.providers import providers
    from offer_sandbox.publish.catalog import entries
    from offer_sandbox.world.rng import DEFAULT_SEED

    chosen = providers().values() if provider is None else [named_provider(provider)]
    found = list(entries(chosen, DEFAULT_SEED))
    if as_json:
        print(json.dumps({"outcomes": found}, indent=2))
    else:
        rows = (
            (each["id"], str(each["status"]), each["kind"], each["evidence"], magic_value(each), each["title"])
            for each in found
        )
        print_table(rows, ("OUTCOME", "STATUS", "KIND", "EVIDENCE", "MAGIC VALUE", "TITLE"))
        print(f"{len(found)} outcomes")
    return 0
