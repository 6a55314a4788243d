"""How the code is built: floors, who reads time and chance, sizes; what a reader may rely on."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import ROOT

PACKAGE = ROOT / "sandbox" / "offer_sandbox"
FILES = sorted(PACKAGE.rglob("*.py"))
EVERY_FILE = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))


def imported(path: Path) -> set[str]:
    """The top-level names of the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_rooms_know_only_lower_floors():
    """The contracts are in pyproject.toml; import-linter holds them."""
    command = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([command], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout


@EVERY_FILE
def test_only_the_clock_reads_time_and_only_chance_draws(path):
    """`datetime` is imported for arithmetic; asking it, or `time`, for the present is the clock's alone."""
    text = path.read_text()
    where = str(path.relative_to(PACKAGE))
    if where != "world/clock.py":
        assert "time" not in imported(path)
        assert not any(call in text for call in (".now(UTC", "datetime.now(", ".utcnow(", "date.today("))
    if where != "world/chance.py":
        assert not {"random", "secrets", "uuid", "faker"} & imported(path)


@EVERY_FILE
def test_every_module_says_what_belongs_there(path):
    tree = ast.parse(path.read_text())
    documentation = ast.get_docstring(tree)
    assert documentation
    assert documentation.endswith(".")


@EVERY_FILE
def test_files_and_functions_are_short(path):
    text = path.read_text()
    most = 250 if "providers" in path.parts else 400
    assert len(text.splitlines()) <= most
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            data = any(isinstance(each, ast.Return) and isinstance(each.value, ast.List) for each in node.body)
            assert length <= 45 or data, f"{node.name} has {length} lines"


@EVERY_FILE
def test_what_is_public_is_documented(path):
    tree = ast.parse(path.read_text())
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for node in [*tree.body, *(member for each in classes for member in each.body)]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith(
            "_"
        ):
            assert node.name == "Meta" or ast.get_docstring(node), f"{path.name}: {node.name}"


def test_no_file_is_a_catch_all():
    assert not {path.stem for path in FILES} & {"utils", "util", "helpers", "manager", "misc", "common_utils"}
