"""Save a workspace to a file, or load it from one."""

import argparse
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from offer_sandbox import cli
from offer_sandbox.cli.arguments import http_url, workspace_name
from offer_sandbox.cli.control_call import add_token, control_call

_URL = "http://127.0.0.1:4242"
_BEGINNING = b'{"format":"offer-sandbox/snapshot",'


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the action, the file, and the server and workspace that they apply to."""
    parser.add_argument(
        "action", choices=("save", "load"), help="save the workspace, or replace it with the snapshot"
    )
    parser.add_argument("file", metavar="FILE", help="snapshot file, or - for standard output or input")
    parser.add_argument("--url", default=_URL, help=f"URL of the sandbox (default: {_URL})")
    parser.add_argument("--workspace", default="default", help="workspace to save or load (default: default)")
    add_token(parser)


def run(arguments: argparse.Namespace) -> int:
    """Saves or loads the workspace and reports the result on standard error."""
    http_url(arguments.url)
    workspace_name(arguments.workspace)
    told = _save(arguments) if arguments.action == "save" else _load(arguments)
    print(told, file=sys.stderr)
    return 0


def _save(arguments: argparse.Namespace) -> str:
    payload = _call(arguments, "GET")
    if not payload.startswith(_BEGINNING):
        raise cli.Failure(f"{arguments.url} did not return a snapshot. Is it a sandbox?")
    if arguments.file == "-":
        sys.stdout.buffer.write(payload)
        sys.stdout.flush()
    else:
        _write(Path(arguments.file), payload)
    return f"saved the workspace {arguments.workspace} ({len(payload):,} bytes)"


def _load(arguments: argparse.Namespace) -> str:
    try:
        payload = sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes()
    except OSError as error:
        raise cli.Failure(f"cannot read {arguments.file}: {error.strerror or error}") from None
    try:
        restored = json.loads(_call(arguments, "PUT", payload))["restored"]
        count = sum(restored.values())
    except (ValueError, LookupError, TypeError, AttributeError):
        raise cli.Failure(f"{arguments.url} did not report the restored records. Is it a sandbox?") from None
    return f"loaded the workspace {arguments.workspace} ({count:,} records)"


def _call(arguments: argparse.Namespace, method: str, body: bytes | None = None) -> bytes:
    return control_call(
        arguments.url,
        method,
        "/snapshot",
        token=arguments.admin_token,
        workspace=arguments.workspace,
        body=body,
    )


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
