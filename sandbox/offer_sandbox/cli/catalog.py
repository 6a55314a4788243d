"""List every documented outcome and how to trigger it."""

import json
from collections.abc import Sequence
from typing import Any

import click

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
        _print_table(found)
    return 0


def _print_table(found: Sequence[dict[str, Any]]) -> None:
    rows = [("OUTCOME", "STATUS", "KIND", "EVIDENCE", "MAGIC VALUE", "TITLE")]
    rows += [
        (
            entry["id"],
            str(entry["status"]),
            entry["kind"],
            entry["evidence"],
            (entry["triggers"]["magic"] or {}).get("value", "-"),
            entry["title"],
        )
        for entry in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(f"{len(found)} outcomes")
