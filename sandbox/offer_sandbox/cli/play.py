"""Play a scenario step by step, against a server of its own or a running one."""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from offer_sandbox import cli
from offer_sandbox.environment import variable

if TYPE_CHECKING:  # costs more to import than other verbs need
    from offer_sandbox.testing.player import Played


def add(parser: argparse.ArgumentParser) -> None:
    """The scenario, and where to play it."""
    parser.add_argument("scenario", help="a ready one's name, or a file")
    parser.add_argument("--url", help="a running sandbox (default: one of its own, ended afterwards)")
    parser.add_argument("--workspace", help="the workspace (default: a fresh one, named play-...)")
    parser.add_argument("--admin-token", default=variable("ADMIN_TOKEN"), help="token of the control API")


def run(arguments: argparse.Namespace) -> int:
    """Prints each step and what came; 1 when something is not as the scenario expects."""
    from offer_sandbox.options import load_scenario
    from offer_sandbox.providers import providers
    from offer_sandbox.rules.scenario import is_ready
    from offer_sandbox.testing.player import CannotPlay, Player
    from offer_sandbox.world.keys import valid_name
    from offer_sandbox.world.rng import request_id

    workspace = arguments.workspace or f"play-{request_id()}"
    if not valid_name(workspace):
        raise cli.Misuse(f"{workspace!r} is no name for a workspace (a-z, 0-9, _ and -)")
    try:
        scenario = load_scenario(arguments.scenario, providers())
    except ValueError as error:
        raise cli.Misuse(str(error)) from None
    print(f"{scenario['scenario']}: {scenario.get('title', '')}".rstrip(": "))
    amiss = 0
    try:
        with _server(arguments.url) as url:
            for played in Player(url, workspace, arguments.admin_token).play(scenario, is_ready(scenario)):
                amiss += bool(played.amiss)
                _print(played)
    except (CannotPlay, OSError) as error:
        raise cli.Failure(str(error)) from None
    print("as expected" if not amiss else f"{amiss} steps are not as expected")
    return 1 if amiss else 0


def _print(played: "Played") -> None:
    print(f"{played.number:3}. {played.text}{f'   # {played.note}' if played.note else ''}", flush=True)
    for text in played.amiss:
        print(f"     NOT AS EXPECTED: {text}", flush=True)


@contextmanager
def _server(url: str | None) -> Iterator[str]:
    """The server's address; without one a server of its own, for as long as it is needed."""
    if url is not None:
        yield url
        return
    command = [sys.executable, "-m", "offer_sandbox", "serve", "--port", "0", "--json"]
    own = {name: value for name, value in os.environ.items() if not name.startswith("OFFER_SANDBOX_")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own)  # noqa: S603 - this very program
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise cli.Failure("the sandbox did not start")
        yield str(json.loads(line)["url"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()
