"""Modules that are imported while the server runs: no thread imports beside another."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from running_server import ROOT

CODE = ROOT / "sandbox/offer_sandbox"
SINGLE_THREADED = ("cli", "testing")  # a verb imports before it starts a thread; tests run in another process
CALLED_WITH_THE_LOCK = {  # functions that only callers with the lock call
    "providers/__init__.py: _provider",
    "contract/provider.py: _parts",
    "contract/provider.py: _optional",
    "admin/__init__.py: _declared",
}
HARMLESS = {"resource"}  # a module of the standard library that imports nothing


def _unlocked(node: ast.AST, function: str = "") -> Iterator[tuple[str, ast.AST]]:
    """The imports inside functions without the lock, each with its function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.With) and "IMPORTING" in {ast.unparse(item.context_expr) for item in child.items}:
            continue
        if function and (isinstance(child, ast.Import | ast.ImportFrom) or _calls_import(child)):
            yield function, child
        named = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else ""
        yield from _unlocked(child, named or function)


def _calls_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module"


def _names(found: ast.AST) -> set[str]:
    if isinstance(found, ast.Import):
        return {each.name for each in found.names}
    return {found.module or ""} if isinstance(found, ast.ImportFrom) else {"import_module"}


def test_every_import_inside_a_function_takes_the_lock():
    late = {
        f"{path.relative_to(CODE)}: {function}"
        for path in CODE.rglob("*.py")
        if path.relative_to(CODE).parts[0] not in SINGLE_THREADED
        for function, found in _unlocked(ast.parse(path.read_text()))
        if not _names(found) <= HARMLESS
    }
    assert late == CALLED_WITH_THE_LOCK


RACING = """
import threading
from offer_sandbox.assembly import assembled
from offer_sandbox.options import Options
from offer_sandbox.providers import providers
from offer_sandbox.server.own_paths import OwnPaths

known = providers()
own = OwnPaths(assembled(Options(), known))
threads = [threading.Thread(target=own.load, daemon=True)]
threads += [threading.Thread(target=lambda each=each: each.parts, daemon=True) for each in known.values()]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(60)
raise SystemExit(any(thread.is_alive() for thread in threads))
"""


@pytest.mark.parametrize("attempt", range(3))
def test_the_application_and_the_providers_are_loaded_beside_each_other(attempt):
    """Each holds a lock of its own while it imports."""
    subprocess.run([sys.executable, "-c", RACING], check=True, timeout=100)


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
