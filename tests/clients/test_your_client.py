"""The programs of docs/your-client.md that are not Python's, run where the machine has their language."""

import os
import shutil
import subprocess

import pytest

from doc_examples import Page
from running_server import ROOT, Server

PAGE = Page(ROOT / "docs/your-client.md")
LANGUAGES = {  # the program, its arguments, and the file that it reads
    "js": ("node", [], "example.mjs"),
    "java": ("java", [], "Example.java"),
    "go": ("go", ["run"], "example.go"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_program_of_the_page_prints_what_the_page_says(server: Server, tmp_path, language):
    name, arguments, file = LANGUAGES[language]
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"not run: {name} is missing")
    [at] = [number for number, (kind, _) in enumerate(PAGE.blocks) if kind == language]
    (tmp_path / file).write_text(PAGE.blocks[at][1])
    own = {"SANDBOX_URL": server.url, "GOCACHE": str(tmp_path / "cache"), "GOTOOLCHAIN": "local"}
    done = subprocess.run(
        [program, *arguments, file],
        cwd=tmp_path,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout) == (0, PAGE.blocks[at + 1][1]), done.stderr
