"""Print the environment variables that point a provider's client to the sandbox."""

import argparse
import shlex

from offer_sandbox.cli.arguments import named_provider, workspace_name


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the provider, the sandbox's URL and the workspace."""
    parser.add_argument("provider")
    parser.add_argument(
        "--url", default="http://127.0.0.1:4242", help="URL of the sandbox (default: http://127.0.0.1:4242)"
    )
    parser.add_argument("--workspace", default="demo", help="workspace of the credentials (default: demo)")


def run(arguments: argparse.Namespace) -> int:
    """Prints `export NAME=value` lines for a shell to evaluate."""
    provider = named_provider(arguments.provider)
    workspace = workspace_name(arguments.workspace)
    for name, value in provider.variables(arguments.url, f"sbx_{workspace}").items():
        print(f"export {name}={shlex.quote(value)}")
    return 0
