"""The command line. Each verb has a file with `add`, which adds its arguments, and `run`."""

import argparse
import io
import sys
from collections.abc import Sequence
from importlib import import_module

from offer_sandbox import __version__

VERBS = (
    "serve",
    "exec",
    "play",
    "validate",
    "wait",
    "env",
    "catalog",
    "coverage",
    "identify",
    "trace",
    "replay",
    "specs",
    "fixtures",
    "snapshot",
    "ca",
    "doctor",
)

_INTERRUPTED = 128 + 2  # as shells report SIGINT


class Failure(Exception):
    """Ends a verb with exit code 1 and one line on standard error."""


class Misuse(Exception):
    """Ends a verb with exit code 2 and one line on standard error, because its arguments cannot be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb. Returns 0 on success, 1 if the verb or one of its checks fails, 2 for unusable arguments."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a pipe may have an encoding that lacks some characters
            stream.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="offer-sandbox",
        description="A mock server for five offer APIs, in each provider's own format.",
    )
    parser.add_argument("--version", action="version", version=f"offer-sandbox {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name in VERBS:
        module = import_module(f"offer_sandbox.cli.{name}")
        verb = verbs.add_parser(name, help=(module.__doc__ or "").split("\n")[0], description=module.__doc__)
        module.add(verb)
        verb.set_defaults(run=module.run)
    raw = given[:1] == ["exec"] and given[1:2] not in (["-h"], ["--help"])
    parsed = parser.parse_args(given[:1] if raw else given)
    try:
        return int(parsed.run(given[1:] if raw else parsed))
    except (Failure, Misuse) as error:
        print(f"offer-sandbox: {error}", file=sys.stderr)
        return 2 if isinstance(error, Misuse) else 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader closed the pipe, as `| head` does
        sys.stderr.close()
        return 0
