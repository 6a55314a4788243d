"""Name the documented outcomes that a response can be: a body, an entry of an HTTP archive, or a log line."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from offer_sandbox import cli
from offer_sandbox.cli.at_server import json_flag
from offer_sandbox.cli.command_line import Verb

if TYPE_CHECKING:
    from offer_sandbox.publish.identification import Match

_SHOWN = 5


@click.command(cls=Verb)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@json_flag
def command(file: Path | None, as_json: bool) -> int:
    """Name the documented outcomes that a response can be.

    FILE has a body, an entry of an HTTP archive or a log line. Without it, standard input is read. The likeliest
    outcome is first. If none fits, the exit code is 1.
    """
    from offer_sandbox.providers import providers
    from offer_sandbox.publish.identification import Identifier
    from offer_sandbox.publish.pasted import candidates

    found = Identifier(providers()).best(candidates(_text(file)))
    if as_json:
        print(json.dumps({"outcomes": [each for match in found[:_SHOWN] for each in _rows(match)]}, indent=2))
        return 0 if found else 1
    if not found:
        print("none of the documented outcomes has this response")
        return 1
    for match in found[:_SHOWN]:
        _print(match)
    return 0


def _text(file: Path | None) -> str:
    """Returns the response. Raises Misuse if the file cannot be read, or if the response is too long."""
    from offer_sandbox.publish.pasted import MAX_BYTES

    try:
        with sys.stdin.buffer if file is None else file.open("rb") as stream:
            given = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise cli.Misuse(f"cannot read {file}: {error.strerror}") from None
    if len(given) > MAX_BYTES:
        raise cli.Misuse(f"the response has more than {MAX_BYTES // 1024 // 1024} MiB")
    return given.decode(errors="replace")


def _rows(match: "Match") -> list[dict[str, object]]:
    return [
        {
            "id": answer.id,
            "status": answer.outcome.status,
            "title": answer.outcome.title,
            "evidence": answer.outcome.evidence,
            "source": answer.outcome.source,
            "test": answer.test_line or None,
        }
        for answer in match.answers
    ]


def _print(match: "Match") -> None:
    for answer in match.answers:
        print(f"{answer.id}   # {answer.outcome.status}, {answer.outcome.title}")
    likeliest = match.answers[0]
    print(f"    source: {likeliest.outcome.source} ({likeliest.outcome.evidence})")
    if likeliest.test_line:
        print(f"    in a test: {likeliest.test_line}")
