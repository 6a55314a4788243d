"""Small projects whose tests use the pytest plugin, each in a folder of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

_PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q")
# Without the plugins of other packages, which take a second. The variable belongs to the command.
PYTEST_ALONE = (*_PYTEST, "-p", "offer_sandbox.testing.pytest_plugin")
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
PREAMBLE = """
import pytest, requests

@pytest.fixture
def status(offer_sandbox):
    env = offer_sandbox.env("sibi")
    def read(id="offer-123"):
        headers = {"Authorization": f"Bearer {env['SIBI_API_KEY']}"}
        answer = requests.get(f"{env['SIBI_API_URL']}/offers/{id}", headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()["status"]
    return read
"""


def project(folder: Path, tests: str, *flags: str, ini: str = "") -> subprocess.CompletedProcess[str]:
    """Runs pytest in a project with these tests."""
    (folder / "test_project.py").write_text(PREAMBLE + tests)
    (folder / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n{ini}")
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "OFFER_SANDBOX"))
    }
    alone = "-n" not in flags and "import sys" not in tests
    variables = {**clean, **ALONE} if alone else clean
    command = [*(PYTEST_ALONE if alone else _PYTEST), *flags]
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False
    )


def passed(ended: subprocess.CompletedProcess[str], number: int) -> None:
    assert re.search(rf"\b{number} passed", ended.stdout), ended.stdout + ended.stderr
    assert ended.returncode == 0
