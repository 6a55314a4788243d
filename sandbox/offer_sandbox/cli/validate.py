"""Check scenario files and report each mistake with its line and column."""

import json
from pathlib import Path

import click

from offer_sandbox import cli
from offer_sandbox.cli.at_server import json_flag
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_flag
def command(files: tuple[Path, ...], as_json: bool) -> int:
    """Check scenario files and report each mistake with its line and column.

    A file is YAML or JSON. If one cannot be used, the exit code is 1. Warnings alone do not change it.
    """
    from offer_sandbox.providers import providers
    from offer_sandbox.rules.scenario import read_scenario

    broken, found = False, []
    for path in files:
        scenario, mistakes = read_scenario(_text(path), providers())
        broken = broken or scenario is None
        told = [str(mistake) for mistake in mistakes]
        found.append({"file": str(path), "usable": scenario is not None, "mistakes": told})
        if not as_json:
            print("\n".join(f"{path}:{each}" for each in told) or f"{path}: ok")
    if as_json:
        print(json.dumps({"files": found}, indent=2))
    return 1 if broken else 0


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise cli.Misuse(f"cannot read {path}: {error.strerror or error}") from None
