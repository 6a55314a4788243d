"""Save a workspace to a file, or load it from one."""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from offer_sandbox import cli
from offer_sandbox.cli.at_server import Target, at_server
from offer_sandbox.cli.command_line import Verb

_BEGINNING = b'{"format":"offer-sandbox/snapshot",'


@click.command(cls=Verb)
@click.argument("action", type=click.Choice(("save", "load")))
@click.argument("file")
@at_server
def command(target: Target, action: str, file: str) -> int:
    """Save a workspace to a file, or load it from one.

    `load` replaces the workspace with the snapshot. If FILE is -, standard output or input is used.
    """
    print(_save(target, file) if action == "save" else _load(target, file), file=sys.stderr)
    return 0


def _save(target: Target, file: str) -> str:
    payload = target.call("GET", "/snapshot")
    if not payload.startswith(_BEGINNING):
        raise cli.Failure(f"{target.url} did not return a snapshot. Is it a sandbox?")
    if file == "-":
        sys.stdout.buffer.write(payload)
        sys.stdout.flush()
    else:
        _write(Path(file), payload)
    return f"saved the workspace {target.workspace} ({len(payload):,} bytes)"


def _load(target: Target, file: str) -> str:
    try:
        payload = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise cli.Failure(f"cannot read {file}: {error.strerror or error}") from None
    try:
        restored = json.loads(target.call("PUT", "/snapshot", payload))["restored"]
        count = sum(restored.values())
    except (ValueError, LookupError, TypeError, AttributeError):
        raise cli.Failure(f"{target.url} did not report the restored records. Is it a sandbox?") from None
    return f"loaded the workspace {target.workspace} ({count:,} records)"


def _write(path: Path, payload: bytes) -> None:
    """Writes the whole file or nothing, through a temporary file next to it. Writes devices and pipes directly."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(payload)
            return
        path = path.resolve()
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with part.open("xb") as file:
                file.write(payload)
            part.replace(path)
        except BaseException:  # KeyboardInterrupt too
            with suppress(OSError):
                part.unlink()
            raise
    except OSError as error:
        raise cli.Failure(f"cannot write {path}: {error.strerror or error}") from None
