"""Wait until the sandbox at a URL is ready."""

import http.client
import ssl
import urllib.error
import urllib.request

import click

from offer_sandbox import cli
from offer_sandbox.cli.arguments import http_url
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.cli.failed_call import cause, reason
from offer_sandbox.world.clock import pause, stopwatch

_PAUSE = 0.05


@click.command(cls=Verb)
@click.argument("url")
@click.option("--timeout", type=float, default=30.0, help="Maximum number of seconds to wait. [default: 30]")
def command(url: str, timeout: float) -> int:
    """Wait until the sandbox at a URL is ready, for example http://127.0.0.1:4242."""
    http_url(url)
    end = stopwatch() + timeout
    while obstacle := _obstacle(url):
        if stopwatch() > end:
            raise cli.Failure(f"{url} was not ready within {timeout:g} seconds: {obstacle}")
        pause(_PAUSE)
    return 0


def _obstacle(url: str) -> str:
    """Returns why the server is not ready, or an empty string if it is."""
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/health/ready", timeout=2) as answer:  # noqa: S310 - http only
            return "" if answer.status == 200 else f"/health/ready returned {answer.status}"
    except urllib.error.HTTPError as error:
        with error:
            return f"/health/ready returned {error.code}"
    except (OSError, http.client.HTTPException) as error:
        if isinstance(cause(error), ssl.SSLCertVerificationError):
            return "its certificate is not trusted (set SSL_CERT_FILE to the file that `offer-sandbox ca` prints)"
        return reason(error)
