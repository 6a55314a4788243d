"""Print the certificate of the CA that `serve --tls` signs with, for clients to trust."""

import argparse
import sys

from offer_sandbox import cli


def add(parser: argparse.ArgumentParser) -> None:
    """The certificate, or where it is."""
    parser.add_argument("--path", action="store_true", help="print the path of the certificate's file instead")


def run(arguments: argparse.Namespace) -> int:
    """Prints PEM and nothing else; makes the CA where there is none."""
    from offer_sandbox.server.authority import AuthorityUnusable, own_authority

    try:
        authority = own_authority()
    except AuthorityUnusable as error:
        raise cli.Failure(str(error)) from None
    sys.stdout.write(f"{authority.path.absolute()}\n" if arguments.path else authority.pem)
    return 0
