"""Play a scenario step by step, on a new server or a running one."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from offer_sandbox import cli
from offer_sandbox.cli.arguments import workspace_name
from offer_sandbox.cli.at_server import json_flag, token_flag
from offer_sandbox.cli.command_line import Verb

if TYPE_CHECKING:  # the player is imported only when a scenario is played
    from offer_sandbox.publish.player import Played
    from offer_sandbox.rules.scenario import Scenario


@click.command(cls=Verb)
@click.argument("scenario", required=False)
@click.option("--list", "listed", is_flag=True, help="List the ready-made scenarios.")
@click.option("--url", metavar="URL", help="URL of a running sandbox. [default: a new one, which is stopped]")
@click.option("--workspace", metavar="NAME", help="Workspace to play in. [default: a new one, play-...]")
@token_flag
@click.option("--pause", is_flag=True, help="Wait for Enter before each step.")
@click.option("-v", "--verbose", is_flag=True, help="Print requests, responses and reasons.")
@json_flag
def command(
    scenario: str | None,
    listed: bool,
    url: str | None,
    workspace: str | None,
    admin_token: str | None,
    pause: bool,
    verbose: bool,
    as_json: bool,
) -> int:
    """Play a scenario step by step, on a new server or a running one.

    SCENARIO is the name of a ready-made one, or a file. If a result differs from the scenario's expectation, the
    exit code is 1.
    """
    if listed:
        return _list()
    chosen, where = _chosen(scenario, workspace)
    if as_json:
        return _play_as_json(chosen, _played(url, admin_token, chosen, where, pause))
    print(f"{chosen['scenario']}: {chosen.get('title', '')}".rstrip(": "))
    amiss = 0
    for played in _played(url, admin_token, chosen, where, pause):
        amiss += bool(played.amiss)
        _print(played, verbose)
    total = len(chosen.get("play", []))
    print(f"all {total} steps as expected" if not amiss else f"{amiss} of {total} steps not as expected")
    return 1 if amiss else 0


def _play_as_json(scenario: "Scenario", steps: "Iterable[Played]") -> int:
    told = [{name: value for name, value in vars(each).items() if name != "details"} for each in steps]
    as_expected = not any(each["amiss"] for each in told)
    print(json.dumps({"scenario": scenario["scenario"], "as_expected": as_expected, "steps": told}, indent=2))
    return 0 if as_expected else 1


def _list() -> int:
    from offer_sandbox.rules.scenario import ready, ready_names

    names = ready_names()
    width = max(map(len, names), default=0)
    for name in names:
        print(f"{name:<{width}}  {(ready(name) or {}).get('title', '')}".rstrip())
    return 0


def _chosen(name: str | None, workspace: str | None) -> tuple["Scenario", str]:
    """Returns the scenario and the workspace. Raises Misuse if one of them is missing or invalid."""
    from offer_sandbox.options import load_scenario
    from offer_sandbox.providers import providers
    from offer_sandbox.world.rng import request_id

    if not name:
        raise cli.Misuse("name a scenario or a file (--list lists the ready-made scenarios)")
    where = workspace_name(workspace or f"play-{request_id()}")
    try:
        return load_scenario(name, providers()), where
    except ValueError as error:
        raise cli.Misuse(str(error)) from None


def _played(
    given_url: str | None, token: str | None, scenario: "Scenario", workspace: str, pause: bool
) -> "Iterator[Played]":
    """Plays the scenario, and pauses before each step if requested. Raises Failure if it cannot be played."""
    from offer_sandbox.publish.player import CannotPlay, Player
    from offer_sandbox.rules.scenario import is_ready
    from offer_sandbox.testing.client import call

    try:
        with _server(given_url) as url:
            player = Player(partial(call, url), workspace, token)
            with closing(player.play(scenario, is_ready(scenario))) as steps:
                for number, step in enumerate(scenario.get("play", []), start=1):
                    if pause:
                        _pause(f"{number:3}. {step.get('call') or 'advance ' + step['advance']}")
                    yield next(steps)
                next(steps, None)
    except (CannotPlay, OSError) as error:
        raise cli.Failure(str(error)) from None


def _pause(upcoming: str) -> None:
    """Shows the next step and waits for Enter. If standard input has ended, the scenario continues."""
    print(f"{upcoming} (press Enter) ", end="", flush=True)
    if not sys.stdin.readline().endswith("\n") or not sys.stdin.isatty():
        print(flush=True)


def _print(played: "Played", verbose: bool) -> None:
    print(f"{played.number:3}. {played.text}{f'   # {played.note}' if played.note else ''}", flush=True)
    for text in played.details if verbose else ():
        print(f"     {text}", flush=True)
    for text in played.amiss:
        print(f"     NOT AS EXPECTED: {text}", flush=True)


@contextmanager
def _server(url: str | None) -> Iterator[str]:
    """Yields the given URL, or the URL of a new server that runs until the block ends."""
    if url is not None:
        yield url
        return
    command = [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json", "--log", "off"]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OFFER_SANDBOX_")}
    with tempfile.TemporaryFile("w+") as log:  # its lines must not appear between the steps
        process = subprocess.Popen(  # noqa: S603 - this program itself
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=inherited,
            start_new_session=True,  # Ctrl-C must not stop it before the scenario is stopped
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                log.seek(0)
                raise cli.Failure(f"the sandbox did not start: {log.read().strip()}")
            yield str(json.loads(line)["url"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
