"""List, add and remove the rules of a workspace."""

import json
from typing import Any

import click

from offer_sandbox.cli.actions import Actions, json_argument, print_json, print_table
from offer_sandbox.cli.at_server import Target, at_server, json_flag, path_of

_EFFECTS = ("outcome", "status", "delay", "fault", "mutate", "state", "webhook")


@click.group(cls=Actions)
def command() -> None:
    """List, add and remove the rules of a workspace.

    Without an action, the rules are listed.
    """


@command.command("list")
@at_server
@json_flag
def list_rules(target: Target, as_json: bool) -> int:
    """List the rules, the one with the highest priority first."""
    payload = target.call("GET", "/rules")
    if as_json:
        print_json(payload)
        return 0
    print_table(map(_row, json.loads(payload)["rules"]), ("RULE", "OPERATION", "EFFECT", "HITS", "LEFT"))
    return 0


@command.command()
@click.argument("rule")
@at_server
def add(target: Target, rule: str) -> int:
    """Add a rule. RULE is JSON, or @FILE or - for a file or standard input with it.

    For example: offer-sandbox rules add '{"operation": "ebay.*", "outcome": "rate_limited", "times": 2}'
    """
    payload = target.send("POST", "/rules", json_argument(rule))
    click.echo(json.loads(payload)["id"])
    return 0


@command.command()
@click.argument("ids", metavar="RULE...", nargs=-1, required=True)
@at_server
def remove(target: Target, ids: tuple[str, ...]) -> int:
    """Remove rules by their ids."""
    for each in ids:
        target.call("DELETE", path_of("rules", each))
    return 0


@command.command()
@at_server
def clear(target: Target) -> int:
    """Remove all rules."""
    target.call("DELETE", "/rules")
    return 0


def _row(rule: dict[str, Any]) -> tuple[str, ...]:
    effects = (f"{name} {_brief(rule[name])}" for name in _EFFECTS if rule.get(name) is not None)
    times = rule.get("times")
    left = "any" if times is None else str(max(times - rule.get("hits", 0), 0))
    return rule["id"], rule["operation"], ", ".join(effects), str(rule.get("hits", 0)), left


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
