"""Explain why the sandbox answered a call as it did."""

import json
from collections.abc import Iterator
from typing import Any

import click

from offer_sandbox import cli
from offer_sandbox.cli.actions import print_json
from offer_sandbox.cli.at_server import Target, at_server, json_flag, path_of
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.cli.trace import printable

_SHOWN = 12


@click.command(cls=Verb)
@click.argument("id", required=False)
@click.option("--all", "whole", is_flag=True, help="Also show the request, the response and the changed records.")
@at_server
@json_flag
def command(target: Target, id: str | None, whole: bool, as_json: bool) -> int:
    """Explain why the sandbox answered a call as it did.

    ID is in the header X-Sandbox-Request-Id of the response, and in `logs`. Without it, the last call of the
    workspace is explained.
    """
    from offer_sandbox.publish.trace_report import details

    payload = target.call("GET", path_of("requests", id or _last(target)))
    if as_json:
        print_json(payload)
        return 0
    entry = json.loads(payload)
    for line in details(entry) if whole else _explained(entry):
        click.echo(printable(line))
    return 0


def _last(target: Target) -> str:
    found = json.loads(target.call("GET", "/requests?limit=1"))["requests"]
    if not found:
        raise cli.Failure(f"the workspace {target.workspace} has no calls")
    return str(found[0]["id"])


def _explained(entry: dict[str, Any]) -> Iterator[str]:
    why = entry["explanation"]
    yield why["summary"]
    yield from (f"rule {each['id']}: {each['verdict']}" for each in entry["rules"])
    yield from (f"note: {note}" for note in entry["notes"])
    if entry["source"]:
        yield f"source: {entry['source']} ({entry['evidence']})"
    others = [each["outcome"].rpartition(".")[2] for each in why["alternatives"]]
    if others:
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        yield f"other outcomes (header X-Sandbox-Outcome): {', '.join(others[:_SHOWN])}{more}"
    yield f"call: {entry['id']} (--all shows all of it)"
