"""Check scenario files and report each mistake with its line and column."""

import argparse
import sys
from pathlib import Path

from offer_sandbox import cli


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the files."""
    parser.add_argument("file", nargs="+", type=Path, help="scenario file in YAML or JSON")


def run(arguments: argparse.Namespace) -> int:
    """Prints `FILE:LINE:COLUMN: mistake` lines. Returns 1 if a file cannot be used, and 0 for warnings alone."""
    from offer_sandbox.providers import providers
    from offer_sandbox.rules.scenario import read_scenario

    broken = False
    for path in arguments.file:
        scenario, mistakes = read_scenario(_text(path), providers())
        for mistake in mistakes:
            print(f"{path}:{mistake}", file=sys.stdout)
        broken = broken or scenario is None
        if not mistakes:
            print(f"{path}: ok")
    return 1 if broken else 0


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise cli.Misuse(f"cannot read {path}: {error.strerror or error}") from None
