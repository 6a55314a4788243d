"""Write the specs (OpenAPI, catalogue, schema), or check that the committed files are up to date."""

import argparse
from pathlib import Path

from offer_sandbox import cli


def add(parser: argparse.ArgumentParser) -> None:
    """Adds `--check` and `--output`."""
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a file is stale")
    parser.add_argument("--output", type=Path, help="folder to write or check (default: the project's specs)")


def run(arguments: argparse.Namespace) -> int:
    """Builds every spec in memory, then writes or compares the files."""
    from offer_sandbox.publish import fixtures
    from offer_sandbox.resources import bundled

    contents = texts()
    folder = arguments.output or bundled("specs")
    if not arguments.check:
        fixtures.write(folder, contents)
        return 0
    stale = fixtures.differing(folder, contents)
    if stale:
        raise cli.Failure(f"stale: {', '.join(stale)} (run `offer-sandbox specs` to update)")
    return 0


def texts() -> dict[str, str]:
    """Returns the content of every generated spec by file name."""
    from offer_sandbox.admin import control_calls, openapi
    from offer_sandbox.app import create_app
    from offer_sandbox.options import Options
    from offer_sandbox.providers import providers
    from offer_sandbox.publish.catalog import entries
    from offer_sandbox.publish.examples import Reached, body_of, examples
    from offer_sandbox.publish.fixtures import pretty
    from offer_sandbox.publish.openapi import SERVER, build
    from offer_sandbox.publish.specs import CONTROL
    from offer_sandbox.rules.schema import SCENARIO
    from offer_sandbox.world.rng import DEFAULT_SEED

    app = create_app(Options())
    client = app.test_client()

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> Reached:
        answer = client.open(path, method=method, headers=headers, data=body, base_url=SERVER)
        outcome = answer.headers.get("X-Sandbox-Outcome", "")
        trigger = answer.headers.get("X-Sandbox-Trigger", "")
        return Reached(answer.status_code, outcome, trigger, body_of(answer.data))

    known = providers().values()
    shown = examples(known, send)
    documents = {f"{provider.name}.json": pretty(build(provider, shown)) for provider in known}
    return {
        **documents,
        f"{CONTROL}.json": pretty(openapi.build(control_calls())),
        "catalog.json": pretty({"outcomes": list(entries(known, DEFAULT_SEED))}),
        "scenario.schema.json": pretty(SCENARIO),
    }
