"""List, fire and redeliver the webhooks of a workspace, or forward them to a local receiver."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import click

from offer_sandbox.cli.actions import Actions, print_json, print_table
from offer_sandbox.cli.arguments import http_url
from offer_sandbox.cli.at_server import Target, at_server, json_flag, path_of
from offer_sandbox.cli.failed_call import reason
from offer_sandbox.world.clock import pause

_LOOK_SECONDS = 0.5
_RECEIVER_SECONDS = 30
_OWN_HEADERS = ("content-length", "connection", "host")


@click.group(cls=Actions)
def command() -> None:
    """List, fire and redeliver the webhooks of a workspace, or forward them to a local receiver.

    Without an action, the webhooks are listed.
    """


@command.command("list")
@at_server
@json_flag
def list_webhooks(target: Target, as_json: bool) -> int:
    """List the webhooks, oldest first."""
    payload = target.call("GET", "/webhooks")
    if as_json:
        print_json(payload)
        return 0
    rows = (
        (each["id"], each["topic"], each["record"], each["status"], str(len(each["attempts"])), each["at"])
        for each in json.loads(payload)["webhooks"]
    )
    print_table(rows, ("WEBHOOK", "TOPIC", "RECORD", "STATUS", "ATTEMPTS", "AT"))
    return 0


@command.command()
@click.argument("provider")
@click.argument("record")
@click.option("--topic", help="Topic of the webhook. [default: the provider's first one]")
@at_server
@json_flag
def fire(target: Target, provider: str, record: str, topic: str | None, as_json: bool) -> int:
    """Send a webhook about a record in its current state."""
    body = {"provider": provider, "id": record, **({"topic": topic} if topic else {})}
    return _told(target.send("POST", "/webhooks/fire", body), as_json)


@command.command()
@click.argument("id")
@at_server
@json_flag
def redeliver(target: Target, id: str, as_json: bool) -> int:
    """Send a webhook again, with the same bytes."""
    return _told(target.call("POST", path_of("webhooks", id, "redeliver")), as_json)


@command.command()
@click.argument("receiver", metavar="URL")
@click.option("--all", "every", is_flag=True, help="Also forward the webhooks that are there already.")
@at_server
def listen(target: Target, receiver: str, every: bool) -> int:
    """Forward the webhooks of a workspace to a local receiver, as they are created.

    The receiver gets the same bytes and headers as from the sandbox, whose own target is not changed. Use it if
    the sandbox cannot reach the receiver. Ctrl-C ends it.
    """
    http_url(receiver)
    seen = set() if every else {each["id"] for each in _all(target)}
    click.echo(f"forwarding webhooks of the workspace {target.workspace} to {receiver}", err=True)
    for webhook in _new(target, seen):
        click.echo(f"{webhook['topic']} {webhook['record']} -> {_forwarded(receiver, webhook)}")
    return 0


def _told(payload: bytes, as_json: bool) -> int:
    if as_json:
        print_json(payload)
    else:
        found = json.loads(payload)
        click.echo(f"{found['id']} {found['topic']} {found['record']}: {found['status']}")
    return 0


def _all(target: Target) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(target.call("GET", "/webhooks"))["webhooks"]
    return found


def _new(target: Target, seen: set[str]) -> Iterator[dict[str, Any]]:
    """Yields the webhooks that are not among the seen ones, without an end."""
    while True:
        for each in _all(target):
            if each["id"] not in seen:
                seen.add(each["id"])
                yield each
        pause(_LOOK_SECONDS)


def _forwarded(receiver: str, webhook: dict[str, Any]) -> str:
    """Sends a webhook to the receiver. Returns the status of its response, or why there is none."""
    sent = webhook["request"]
    headers = {name: value for name, value in sent["headers"].items() if name.lower() not in _OWN_HEADERS}
    request = urllib.request.Request(receiver, sent["body"].encode(), headers, method="POST")  # noqa: S310 - http only
    try:
        with urllib.request.urlopen(request, timeout=_RECEIVER_SECONDS) as answer:  # noqa: S310 - http only
            return str(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return str(refusal.code)
    except (OSError, http.client.HTTPException) as error:
        return reason(error)
