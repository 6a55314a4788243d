"""Write the seeded records of every provider, or check that the committed files are up to date."""

import argparse
import json
from pathlib import Path

from offer_sandbox import cli
from offer_sandbox.cli.arguments import seed_number


def add(parser: argparse.ArgumentParser) -> None:
    """Adds `--check`, `--seed` and `--output`."""
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a file is stale or invalid")
    parser.add_argument(
        "--seed", help="seed of the records (default: 42), prints them unless --check or --output is set"
    )
    parser.add_argument("--output", type=Path, help="folder to write or check (default: the project's fixtures)")


def run(arguments: argparse.Namespace) -> int:
    """Writes, prints or checks the fixtures of every provider."""
    from offer_sandbox.providers import providers
    from offer_sandbox.publish import fixtures
    from offer_sandbox.resources import bundled

    known = providers().values()
    contents = fixtures.texts(known, seed_number(arguments.seed))
    wrong = [
        text
        for provider in known
        for text in fixtures.complaints(provider, json.loads(contents[f"{provider.name}.json"]))
    ]
    if wrong:
        raise cli.Failure("; ".join(wrong[:5]))
    if arguments.check:
        stale = fixtures.differing(arguments.output or bundled("fixtures"), contents)
        if stale:
            raise cli.Failure(f"stale: {', '.join(stale)} (run `offer-sandbox fixtures` to update)")
    elif arguments.seed is not None and arguments.output is None:
        print(json.dumps({name: json.loads(text) for name, text in contents.items()}, indent=2))
    else:
        fixtures.write(arguments.output or bundled("fixtures"), contents)
    return 0
