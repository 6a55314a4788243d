"""The command line. Each verb has a file with its `command`, and `command_line` has the list of verbs."""

import io
import sys
from collections.abc import Sequence

_INTERRUPTED = 128 + 2  # as shells report SIGINT


class Failure(Exception):
    """Ends a verb with exit code 1 and one line on standard error."""


class Misuse(Exception):
    """Ends a verb with exit code 2 and one line on standard error, because its arguments cannot be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb. Returns 0 on success, 1 if the verb or one of its checks fails, 2 for unusable arguments, and
    130 after an interruption."""
    import click

    from offer_sandbox.cli.command_line import COMMAND_LINE, PROGRAM

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a pipe may have an encoding that lacks some characters
            stream.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(COMMAND_LINE.main(given, prog_name=PROGRAM, standalone_mode=False) or 0)
    except (Failure, Misuse) as error:
        _tell(str(error))
        return 2 if isinstance(error, Misuse) else 1
    except click.UsageError as error:
        _tell(
            _usage(
                error.format_message().rstrip("."),
                error.ctx.command_path if error.ctx else f"{PROGRAM} {given[0]}",
            )
        )
        return 2
    except click.ClickException as error:
        _tell(error.format_message())
        return 1
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except OSError as error:
        _tell(f"cannot go on: {error.strerror or error}")
        return 1


def _usage(message: str, path: str) -> str:
    """Returns what to tell about unusable arguments: with a suggestion, or where the help is."""
    message = " ".join(message.split())
    return message if "did you mean" in message.lower() else f"{message} (see {path} --help)"


def _tell(text: str) -> None:
    print(f"offer-sandbox: {text}", file=sys.stderr)
