"""Show the calls of a workspace as they arrive, each with its outcome and reason."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import click

from offer_sandbox import cli
from offer_sandbox.cli.at_server import Target, at_server, json_flag
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.cli.control_call import opened
from offer_sandbox.cli.trace import printable

_COLOURS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
_FILTERS = ("operation", "outcome", "status", "trigger", "method", "path")


@click.command(cls=Verb)
@click.option(
    "-n",
    "--number",
    type=click.IntRange(min=0),
    default=10,
    metavar="N",
    help="Number of earlier calls to show. [default: 10]",
)
@click.option("--no-follow", is_flag=True, help="Show the earlier calls only.")
@click.option("--operation", help="Only calls of this operation, such as ebay.findEligibleItems or ebay.*.")
@click.option("--outcome", help="Only calls with this outcome, by its whole id.")
@click.option("--status", type=int, help="Only responses with this HTTP status.")
@click.option("--trigger", help="Only outcomes that this decided: header, rule, magic or natural.")
@click.option("--method", help="Only calls with this HTTP method.")
@click.option("--path", help="Only calls with this path.")
@at_server
@json_flag
def command(target: Target, number: int, no_follow: bool, as_json: bool, **filters: Any) -> int:
    """Show the calls of a workspace as they arrive, each with its outcome and reason.

    With --json, each call is one line of JSON. Ctrl-C ends it.
    """
    wanted = {name: filters[name] for name in _FILTERS if filters[name] is not None}
    query = urlencode({**wanted, "limit": max(number, 1)})
    earlier = json.loads(target.call("GET", f"/requests?{query}"))["requests"]
    for entry in reversed(earlier if number > 0 else ()):
        _show(entry, as_json)
    if not no_follow:
        for entry in _live(target, wanted, earlier[0]["id"] if earlier else None):
            _show(entry, as_json)
    return 0


def _live(target: Target, wanted: dict[str, Any], last: str | None) -> Iterator[dict[str, Any]]:
    """Yields the calls after the one with the id `last`, as the server sends them. Raises Failure if it ends."""
    request = target.request("GET", f"/requests/stream?{urlencode(wanted)}")
    if last is not None:
        request.add_header("Last-Event-ID", last)
    yield from _events(request)
    raise cli.Failure(f"{target.url} ended the stream")


def _events(request: urllib.request.Request) -> Iterator[dict[str, Any]]:
    with opened(request, seconds=None) as answer:
        for line in answer:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])


def _show(entry: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(entry, ensure_ascii=False))
        return
    status = entry["response"]["status"]
    shown = click.style(str(status), fg=_COLOURS.get((status or 0) // 100)) if status else "no response"
    request = entry["request"]
    result = f"{entry['outcome']} ({entry['trigger']})" if entry["outcome"] else "no outcome"
    at = entry["at"][11:23]
    click.echo(f"{at} {entry['id']} {request['method']} {printable(request['path'])} -> {shown} {result}")
    for text in (entry["reason"], *entry["notes"]):
        if text:
            click.echo(f"{'':13}{printable(text)}")
