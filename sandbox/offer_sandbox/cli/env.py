"""Print the environment variables that point a provider's client to the sandbox."""

import argparse
import shlex

from offer_sandbox import cli


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the provider, the sandbox's URL and the workspace."""
    parser.add_argument("provider")
    parser.add_argument(
        "--url", default="http://127.0.0.1:4242", help="URL of the sandbox (default: http://127.0.0.1:4242)"
    )
    parser.add_argument("--workspace", default="demo", help="workspace of the credentials (default: demo)")


def run(arguments: argparse.Namespace) -> int:
    """Prints `export NAME=value` lines for a shell to evaluate."""
    from offer_sandbox.providers import providers
    from offer_sandbox.world.keys import valid_name

    provider = providers().get(arguments.provider)
    if provider is None:
        known = ", ".join(sorted(providers()))
        raise cli.Misuse(f"unknown provider {arguments.provider!r} (known providers: {known})")
    if not valid_name(arguments.workspace):
        raise cli.Misuse(f"{arguments.workspace!r} is not a valid workspace name (allowed: a-z, 0-9, _ and -)")
    for name, value in provider.environment.items():
        filled = value.format(url=arguments.url.rstrip("/"), key=f"sbx_{arguments.workspace}")
        print(f"export {name}={shlex.quote(filled)}")
    return 0
