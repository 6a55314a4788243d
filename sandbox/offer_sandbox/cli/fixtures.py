"""Write the seeded records of every provider, or check that the committed files are up to date."""

import json
from pathlib import Path

import click

from offer_sandbox import cli
from offer_sandbox.cli.arguments import seed_number
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.cli.project_files import output_folder


@click.command(cls=Verb)
@click.option("--check", is_flag=True, help="Write nothing, fail if a file is stale or invalid.")
@click.option("--seed", metavar="NUMBER", help="Seed of the records. They are printed, unless --output is given.")
@click.option("--output", type=click.Path(path_type=Path), help="Folder. [default: the project's fixtures]")
def command(check: bool, seed: str | None, output: Path | None) -> int:
    """Write the seeded records of every provider, or check that the committed files are up to date."""
    from offer_sandbox.providers import providers
    from offer_sandbox.publish import fixtures

    known, number = providers().values(), seed_number(seed)
    printed = seed is not None and output is None and not check
    folder = output_folder("fixtures", output, writes=not (check or printed))
    contents = fixtures.texts(known, number)
    wrong = [
        text
        for provider in known
        for text in fixtures.complaints(provider, json.loads(contents[f"{provider.name}.json"]))
    ]
    if wrong:
        raise cli.Failure("; ".join(wrong[:5]))
    if check:
        stale = fixtures.differing(folder, contents)
        if stale:
            raise cli.Failure(f"stale: {', '.join(stale)} (run `offer-sandbox fixtures` to update)")
    elif printed:
        print(json.dumps({name: json.loads(text) for name, text in contents.items()}, indent=2))
    else:
        fixtures.write(folder, contents)
    return 0
