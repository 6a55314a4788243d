"""The tools that `make test-tools` installs, and what the programs that use generated clients print."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from offer_sandbox.providers import providers
from running_server import ROOT

TOOLS = ROOT / "build/tools"
CLIENTS = ROOT / "tools/clients"
NAMES = [*providers(), "admin", "all"]
_FOLDERS = (TOOLS / "python/bin", TOOLS / "node_modules/.bin")


@dataclass(frozen=True)
class Tool:
    """A program. `run` gives what it printed, and fails with it when the program does."""

    path: str

    def run(self, *arguments: object, cwd: Path, **variables: str) -> str:
        done = subprocess.run(
            [self.path, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **variables},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=900,
        )
        assert done.returncode == 0, f"{Path(self.path).name} ended with {done.returncode}:\n{done.stdout[-8000:]}"
        return done.stdout


def find(name: str) -> Tool:
    """A program among the installed tools, else on the PATH. Without it the test does not run."""
    path = shutil.which(name, path=os.pathsep.join([*map(str, _FOLDERS), os.environ["PATH"]]))
    if path is None:
        pytest.skip(f"not run: {name} is missing")
    return Tool(path)


REFUSED = {  # the status and a word of the refusal that each client's program asks for
    "ebay": (409, "150011"),
    "covent": (422, "validation_error"),
    "sibi": (404, "OFFER_NOT_FOUND"),
    "estateprime": (404, "Offer not found"),
    "opendoor": (401, "UNAUTHENTICATED"),
}


def assert_called(printed: str) -> None:
    """Each provider was called twice: once it answered, once it refused, and the client could read why."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    assert {each["provider"] for each in lines} == set(REFUSED)
    for each in lines:
        status, word = REFUSED[each["provider"]]
        assert (each["good"], each["refused"]) == (200, status), each
        assert word in each["error"], each
