"""Print the CA certificate that clients need to trust for `serve --tls`."""

import sys

import click

from offer_sandbox import cli
from offer_sandbox.cli.command_line import Verb


@click.command(cls=Verb)
@click.option("--path", is_flag=True, help="Print the path of the certificate file instead.")
def command(path: bool) -> int:
    """Print the CA certificate that clients need to trust for `serve --tls`.

    Only the PEM certificate or its path is printed. If there is no CA yet, it is created.
    """
    from offer_sandbox.server.authority import AuthorityUnusable, own_authority

    try:
        authority = own_authority()
    except AuthorityUnusable as error:
        raise cli.Failure(str(error)) from None
    sys.stdout.write(f"{authority.path.absolute()}\n" if path else authority.pem)
    return 0
