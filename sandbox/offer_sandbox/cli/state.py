"""Read and change the records of a workspace."""

import json
from urllib.parse import quote

import click

from offer_sandbox.cli.actions import Actions, json_argument, print_events, print_json, print_table
from offer_sandbox.cli.at_server import Target, at_server, json_flag, path_of

_KIND = click.argument("kind", metavar="PROVIDER.COLLECTION")
_ID = click.argument("id")


@click.group(cls=Actions)
def command() -> None:
    """Read and change the records of a workspace.

    Without an action, the collections are listed. A collection is named like ebay.offers.
    """


@command.command("list")
@at_server
@json_flag
def list_collections(target: Target, as_json: bool) -> int:
    """List the collections with their numbers of records."""
    payload = target.call("GET", "/state")
    if as_json:
        print_json(payload)
        return 0
    rows = (
        (f"{each['provider']}.{each['collection']}", str(each["count"]))
        for each in json.loads(payload)["collections"]
    )
    print_table(rows, ("COLLECTION", "RECORDS"))
    return 0


@command.command()
@_KIND
@click.argument("id", required=False)
@at_server
def get(target: Target, kind: str, id: str | None) -> int:
    """Print a record as JSON, or all records of a collection."""
    print_json(target.call("GET", _path(kind, id)))
    return 0


@command.command()
@_KIND
@_ID
@click.argument("record")
@at_server
def put(target: Target, kind: str, id: str, record: str) -> int:
    """Add or replace a record. RECORD is JSON, or @FILE or - for a file or standard input with it."""
    print_json(target.send("PUT", _path(kind, id), json_argument(record)))
    return 0


@command.command()
@_KIND
@_ID
@click.argument("changes")
@at_server
def patch(target: Target, kind: str, id: str, changes: str) -> int:
    """Change members of a record. CHANGES is a JSON merge patch, or @FILE or - with it."""
    print_json(target.send("PATCH", _path(kind, id), json_argument(changes)))
    return 0


@command.command()
@_KIND
@_ID
@at_server
def delete(target: Target, kind: str, id: str) -> int:
    """Delete a record."""
    target.call("DELETE", _path(kind, id))
    return 0


@command.command()
@_KIND
@_ID
@click.argument("status")
@at_server
@json_flag
def make(target: Target, kind: str, id: str, status: str, as_json: bool) -> int:
    """Make a transition of a record happen now, such as an expiry.

    Prints the state changes, also of other records that change with it.
    """
    payload = target.send("POST", f"{_path(kind, id)}/transitions", {"to": status})
    if as_json:
        print_json(payload)
    else:
        print_events(json.loads(payload)["events"])
    return 0


@command.command()
@_KIND
@_ID
@click.argument("status")
@click.option("--timeout", type=float, default=30.0, help="Maximum number of seconds to wait. [default: 30]")
@at_server
def wait(target: Target, kind: str, id: str, status: str, timeout: float) -> int:
    """Wait until a record has a status, and print it."""
    print_json(target.call("GET", f"{_path(kind, id)}/wait?status={quote(status)}&timeout={timeout:g}"))
    return 0


def _path(kind: str, id: str | None) -> str:
    provider, mark, collection = kind.partition(".")
    if not mark or not provider or not collection:
        raise click.UsageError(
            f"a collection is named like ebay.offers, not {kind!r}", click.get_current_context()
        )
    return path_of("state", provider, collection, *([] if id is None else [id]))
