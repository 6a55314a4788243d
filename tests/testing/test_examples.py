"""The examples of the repository, run as their page says, each where its runtime is there."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from running_server import COMMAND, ROOT

FOLDER = ROOT / "examples"
ROWS = dict(
    re.findall(r"^\| \[(\w+)\]\(\w+\) \|.*\| `(.+)` \|$", (FOLDER / "README.md").read_text(), re.MULTILINE)
)


def test_the_page_lists_every_example():
    assert set(ROWS) == {each.name for each in FOLDER.iterdir() if each.is_dir()}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_an_example_runs_as_its_page_says(tmp_path, name):
    words = ROWS[name].split()
    if words[0] == "pytest":
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words[1:]]
    else:
        assert words[0] == "offer-sandbox"
        tool = words[words.index("--") + 1]
        if shutil.which(tool) is None:
            pytest.skip(f"not run: no {tool} on the PATH")
        command = [*COMMAND, *words[1:]]
    clean = {variable: value for variable, value in os.environ.items() if not variable.startswith("PYTEST_")}
    clean["OFFER_SANDBOX_CA"] = str(tmp_path / "ca")
    shutil.copytree(FOLDER / name, tmp_path / name)
    ended = subprocess.run(
        command, cwd=tmp_path / name, env=clean, capture_output=True, text=True, timeout=180, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"[1-9]\d* passed|# pass 3|^. pass 3|^ok$", ended.stdout, re.MULTILINE), ended.stdout
