"""Asks `offer-sandbox doctor` in an environment of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from running_server import COMMAND

NOBODY = 65534
Found = dict[str, dict[str, Any]]


def bare(**variables: str) -> dict[str, str]:
    """The environment without any variable of the sandbox but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OFFER_SANDBOX_")}
    return {**kept, **variables}


def ask(*flags: str, port: str | None = "0", through: Sequence[str] = (), **variables: str) -> tuple[int, Found]:
    """Its exit code and its checks by name; `through` is a command that runs another."""
    at = [] if port is None else ["--port", port]
    command = [*through, *COMMAND, "doctor", "--json", *at, *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=bare(**variables))
    assert done.stderr == "", done.stderr
    checks = json.loads(done.stdout)["checks"]
    found = {check["name"]: check for check in checks}
    assert len(found) == len(checks)
    assert (done.returncode == 1) == any(check["status"] == "wrong" for check in checks)
    return done.returncode, found


def isolated(namespace: str, prepare: str) -> list[str]:
    """A command that runs another in a namespace of its own (-n the network, -m mounts) after a line of shell."""
    command = ["unshare", "-r", namespace, "sh", "-ec", f'{prepare}; exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody make namespaces")
    return command


def without_privilege() -> list[str]:
    """A command that runs another as a user whom files do not obey, as they do root."""
    if os.geteuid():
        return []
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if (
        shutil.which("setpriv") is None
        or subprocess.run([*command, *COMMAND, "--version"], capture_output=True).returncode
    ):
        pytest.skip("nobody but root can run the sandbox here")
    return command


def lying(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that lies in a folder and the folder itself: mode, time of the last change, content."""
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in [folder, *sorted(folder.rglob("*"))]
    }
