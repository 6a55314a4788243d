"""Print the CA certificate that clients need to trust for `serve --tls`."""

import argparse
import sys

from offer_sandbox import cli


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the flag that prints the path instead of the certificate."""
    parser.add_argument("--path", action="store_true", help="print the path of the certificate file instead")


def run(arguments: argparse.Namespace) -> int:
    """Prints only the PEM certificate or its path. Creates the CA if there is none."""
    from offer_sandbox.server.authority import AuthorityUnusable, own_authority

    try:
        authority = own_authority()
    except AuthorityUnusable as error:
        raise cli.Failure(str(error)) from None
    sys.stdout.write(f"{authority.path.absolute()}\n" if arguments.path else authority.pem)
    return 0
