"""List every documented outcome and how to trigger it."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from offer_sandbox.cli.arguments import named_provider


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the optional provider and `--json`."""
    parser.add_argument("provider", nargs="?")
    parser.add_argument("--json", action="store_true", help="print the catalogue as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Prints a table, or with --json the data that `GET /__admin/catalog` returns."""
    from offer_sandbox.providers import providers
    from offer_sandbox.publish.catalog import entries
    from offer_sandbox.world.rng import DEFAULT_SEED

    chosen = providers().values() if arguments.provider is None else [named_provider(arguments.provider)]
    found = list(entries(chosen, DEFAULT_SEED))
    if arguments.json:
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
