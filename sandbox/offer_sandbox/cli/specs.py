"""Write the specs (OpenAPI, catalogue, schema), or check that the committed files are up to date."""

from pathlib import Path

import click

from offer_sandbox import cli
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.cli.project_files import output_folder


@click.command(cls=Verb)
@click.option("--check", is_flag=True, help="Write nothing, fail if a file is stale.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder. [default: the project's specs]")
def command(check: bool, output: Path | None) -> int:
    """Write the specs (OpenAPI, catalogue, schema), or check that the committed files are up to date."""
    from offer_sandbox.publish import fixtures

    folder = output_folder("specs", output, writes=not check)
    contents = texts()
    if not check:
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
