"""Print the environment variables that point a provider's client at the sandbox."""

import argparse
import shlex

from offer_sandbox import cli


def add(parser: argparse.ArgumentParser) -> None:
    """The provider, the sandbox's URL and the workspace."""
    parser.add_argument("provider")
    parser.add_argument("--url", default="http://127.0.0.1:4242", help="the sandbox (http://127.0.0.1:4242)")
    parser.add_argument("--workspace", default="demo", help="the workspace that the credentials name (demo)")


def run(arguments: argparse.Namespace) -> int:
    """Prints `export NAME=value` lines for a shell to read."""
    from offer_sandbox.providers import providers
    from offer_sandbox.world.keys import valid_name

    provider = providers().get(arguments.provider)
    if provider is None:
        known = ", ".join(sorted(providers()))
        raise cli.Misuse(f"there is no provider {arguments.provider!r}; there are {known}")
    if not valid_name(arguments.workspace):
        raise cli.Misuse(f"{arguments.workspace!r} is no name for a workspace (a-z, 0-9, _ and -)")
    for name, value in provider.environment.items():
        filled = value.format(url=arguments.url.rstrip("/"), key=f"sbx_{arguments.workspace}")
        print(f"export {name}={shlex.quote(filled)}")
    return 0
