"""Print which documented outcomes the clients of a running sandbox have received, and which not."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from offer_sandbox import cli
from offer_sandbox.cli.arguments import http_url, percentage
from offer_sandbox.cli.control_call import add_token, control_call

_MAX_MIB = 256


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the server, the recording, the format and the limit."""
    parser.add_argument("url", help="URL of the sandbox, for example http://127.0.0.1:4242")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="recording from production, a HAR file or log lines: print which of its outcomes are not covered",
    )
    parser.add_argument(
        "--format", choices=("text", "json", "markdown"), default="text", help="format (default: text)"
    )
    parser.add_argument(
        "--kinds", default="", help="further kinds that count: infrastructure, documented (default: none)"
    )
    parser.add_argument("--fail-under", default="0", metavar="PERCENT", help="exit with 1 below this percentage")
    add_token(parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints the report. Returns 1 if less than `--fail-under` percent is covered."""
    from offer_sandbox.publish.coverage_report import gap_report, report

    http_url(arguments.url)
    minimum = percentage(arguments.fail_under)
    if arguments.against is None:
        document = _coverage(arguments, arguments.kinds)
        printed = report(document, arguments.format)
    else:
        document = _gap(arguments)
        printed = gap_report(document, arguments.format)
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


def _gap(arguments: argparse.Namespace) -> dict[str, Any]:
    """Reads the recording here. Only the outcomes that were served are requested from the sandbox."""
    from offer_sandbox.providers import providers
    from offer_sandbox.publish.coverage import MORE_KINDS
    from offer_sandbox.publish.recording import gap, read_recording

    recording = read_recording(_text(arguments.against), providers())
    if not recording.responses:
        raise cli.Misuse(f"{arguments.against} has no response of a provider")
    covered = _coverage(arguments, ",".join(MORE_KINDS))
    served = [each["id"] for each in covered["outcomes"] if each["served"]]
    return gap(recording, served, arguments.against.name)


def _coverage(arguments: argparse.Namespace, kinds: str) -> dict[str, Any]:
    return coverage_of(arguments.url, arguments.admin_token, kinds)


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
