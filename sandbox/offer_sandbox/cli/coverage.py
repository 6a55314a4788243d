"""Print which documented outcomes the clients of a running sandbox have received, and which not."""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from offer_sandbox import cli
from offer_sandbox.cli.arguments import http_url, percentage
from offer_sandbox.cli.at_server import token_flag
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.cli.control_call import control_call

_MAX_MIB = 256


@click.command(cls=Verb)
@click.argument("url")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Recording from production, a HAR file or log lines: print which of its outcomes are not covered.",
)
@click.option("--format", "form", type=click.Choice(("text", "json", "markdown")), default="text", help="Format.")
@click.option("--kinds", default="", metavar="KINDS", help="Further kinds that count: infrastructure, documented.")
@click.option("--fail-under", default="0", metavar="PERCENT", help="Exit with 1 below this percentage.")
@token_flag
def command(
    url: str, against: Path | None, form: str, kinds: str, fail_under: str, admin_token: str | None
) -> int:
    """Print which documented outcomes the clients of a running sandbox have received, and which not."""
    from offer_sandbox.publish.coverage_report import gap_report, report

    http_url(url)
    minimum = percentage(fail_under)
    if against is None:
        document = coverage_of(url, admin_token, kinds)
        printed = report(document, form)
    else:
        document = _gap(against, url, admin_token)
        printed = gap_report(document, form)
    sys.stdout.write(printed)
    return fell_short(document, minimum)


def coverage_of(url: str, token: str | None, kinds: str) -> dict[str, Any]:
    """Returns the coverage of the sandbox at `url`, with further `kinds` separated by commas. Raises Failure."""
    asked = f"/coverage?{urlencode({'kinds': kinds})}" if kinds else "/coverage"
    payload = control_call(url, "GET", asked, token=token)
    try:
        document: dict[str, Any] = json.loads(payload)
        assert "outcomes" in document
    except (ValueError, AssertionError, TypeError):
        raise cli.Failure(f"{url} did not return a coverage. Is it a sandbox?") from None
    return document


def fell_short(document: dict[str, Any], minimum: float) -> int:
    """Returns 1 if a coverage is lower than the minimum, with a line on standard error. Otherwise returns 0."""
    from offer_sandbox.publish.coverage_report import shortfall

    told = shortfall(document, minimum)
    if told:
        print(f"offer-sandbox: {told}", file=sys.stderr)
    return int(bool(told))


def _gap(against: Path, url: str, token: str | None) -> dict[str, Any]:
    """Reads the recording here. Only the outcomes that were served are requested from the sandbox."""
    from offer_sandbox.providers import providers
    from offer_sandbox.publish.coverage import MORE_KINDS
    from offer_sandbox.publish.recording import gap, read_recording

    recording = read_recording(_text(against), providers())
    if not recording.responses:
        raise cli.Misuse(f"{against} has no response of a provider")
    covered = coverage_of(url, token, ",".join(MORE_KINDS))
    served = [each["id"] for each in covered["outcomes"] if each["served"]]
    return gap(recording, served, against.name)


def _text(file: Path) -> str:
    """Returns the recording. Raises Misuse if the file cannot be read, or if it is too large."""
    try:
        with file.open("rb") as stream:
            given = stream.read(_MAX_MIB * 1024 * 1024 + 1)
    except OSError as error:
        raise cli.Misuse(f"cannot read {file}: {error.strerror}") from None
    if len(given) > _MAX_MIB * 1024 * 1024:
        raise cli.Misuse(f"{file} has more than {_MAX_MIB} MiB")
    return given.decode(errors="replace")
