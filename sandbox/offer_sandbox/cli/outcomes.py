"""List the outcomes of a running sandbox, or those that no client has received yet."""

import json
from typing import Any
from urllib.parse import urlencode

import click

from offer_sandbox.cli.actions import magic_value, print_table
from offer_sandbox.cli.at_server import Target, at_server, json_flag
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
@click.argument("name", required=False, metavar="[PROVIDER[.OPERATION]]")
@click.option(
    "--not-covered", is_flag=True, help="Only outcomes that no client has received from this server yet."
)
@at_server
@json_flag
def command(target: Target, name: str | None, not_covered: bool, as_json: bool) -> int:
    """List the outcomes of a running sandbox, with what triggers each.

    With --not-covered, outcomes of the operations that were called are listed if nobody has received them.
    """
    covered: list[dict[str, Any]] = []
    name = name.removesuffix(".*") if name else None
    if not_covered:
        covered = _covered(target)
        found = [each for each in covered if not each["served"] and _is_of(name, each["operation"])]
        rows = ((each["id"], str(each["status"]), each["kind"], each["title"]) for each in found)
        titles: tuple[str, ...] = ("OUTCOME", "STATUS", "KIND", "TITLE")
    else:
        found = _listed(target, name)
        rows = ((each["id"], str(each["status"]), magic_value(each), each["title"]) for each in found)
        titles = ("OUTCOME", "STATUS", "MAGIC VALUE", "TITLE")
    if as_json:
        click.echo(json.dumps({"outcomes": found}, indent=2, ensure_ascii=False))
    elif not_covered and not covered:
        click.echo("no operation was called yet")
    else:
        print_table(rows, titles)
        click.echo(f"{len(found)} outcomes")
    return 0


def _covered(target: Target) -> list[dict[str, Any]]:
    outcomes: list[dict[str, Any]] = json.loads(target.call("GET", "/coverage"))["outcomes"]
    return outcomes


def _listed(target: Target, name: str | None) -> list[dict[str, Any]]:
    provider, _, operation = (name or "").partition(".")
    query = {key: value for key, value in (("provider", provider), ("operation", operation)) if value}
    outcomes: list[dict[str, Any]] = json.loads(target.call("GET", f"/catalog?{urlencode(query)}"))["outcomes"]
    return outcomes


def _is_of(name: str | None, operation: str) -> bool:
    return name is None or operation == name or operation.startswith(f"{name}.")
