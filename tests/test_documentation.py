"""The ledger of documented statements: each behaviour has a test that names it, and no test names a wrong one."""

import ast

import yaml

from running_server import ROOT

LEDGER = yaml.safe_load((ROOT / "tests" / "documented.yaml").read_text())
MARK = "pytest.mark.documented("
KINDS = ("behaviour", "advice", "not-imitated")


def test_every_entry_is_whole():
    for key, entry in LEDGER.items():
        assert entry["kind"] in KINDS, key
        assert entry["statement"].endswith("."), key
        assert (entry["kind"] == "behaviour") != bool(entry.get("reason")), key


def named_by_tests() -> set[str]:
    """The statements in the `documented` marks of all test files, whichever of them are run."""
    named: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = [each for each in node.decorator_list if ast.unparse(each).startswith(MARK)]
                named |= {argument.value for mark in marks for argument in mark.args}
    return named


def test_every_behaviour_is_named_by_a_test():
    behaviours = {key for key, entry in LEDGER.items() if entry["kind"] == "behaviour"}
    assert named_by_tests() == behaviours
