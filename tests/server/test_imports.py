"""Modules that are imported while the server runs: no thread imports beside another."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from running_server import ROOT

CODE = ROOT / "sandbox/offer_sandbox"
SINGLE_THREADED = ("cli",)  # a verb imports before it starts a thread
HARMLESS = {"resource"}  # a module of the standard library that imports nothing


def _unlocked(node: ast.AST, inside: bool = False) -> Iterator[ast.stmt]:
    """The imports inside functions without the lock."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.With) and "IMPORTING" in {ast.unparse(item.context_expr) for item in child.items}:
            continue
        if inside and isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        yield from _unlocked(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def _names(found: ast.stmt) -> set[str]:
    if isinstance(found, ast.ImportFrom):
        return {found.module or ""}
    assert isinstance(found, ast.Import)
    return {each.name for each in found.names}


def test_every_import_inside_a_function_takes_the_lock():
    late = [
        f"{path.relative_to(CODE)}:{found.lineno}"
        for path in CODE.rglob("*.py")
        if path.relative_to(CODE).parts[0] not in SINGLE_THREADED
        for found in _unlocked(ast.parse(path.read_text()))
        if not _names(found) <= HARMLESS
    ]
    assert late == []


FORKING = """
import os, threading
from offer_sandbox.imports import IMPORTING

holding, ending = threading.Event(), threading.Event()

def hold():
    with IMPORTING:
        holding.set()
        ending.wait(10)

threading.Thread(target=hold).start()
holding.wait(10)
threading.Timer(0.2, ending.set).start()
pid = os.fork()  # waits for the thread
if pid == 0:
    os._exit(0 if IMPORTING.acquire(timeout=5) else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_new_process_does_not_begin_in_the_middle_of_an_import():
    """It would find the lock held for ever, by a thread that it does not have."""
    subprocess.run([sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING], check=True, timeout=60)
