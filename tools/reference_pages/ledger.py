"""The ledger of documented statements, with the tests that hold each."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_MARK = "pytest.mark.documented("


@cache
def statements() -> dict[str, dict[str, Any]]:
    """Returns every documented statement by its id, such as `ebay:5`."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "tests" / "documented.yaml").read_text())
    return found


@cache
def tests() -> dict[str, list[str]]:
    """Returns the names of the tests that name each statement."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for each in _named(node):
                    found.setdefault(each, []).append(node.name)
    return found


def _named(function: ast.FunctionDef) -> list[str]:
    marks = [each for each in function.decorator_list if ast.unparse(each).startswith(_MARK)]
    return [ast.literal_eval(argument) for mark in marks if isinstance(mark, ast.Call) for argument in mark.args]


def of(provider: str) -> dict[str, dict[str, Any]]:
    """Returns the statements of a provider."""
    return {key: entry for key, entry in statements().items() if key.startswith(f"{provider}:")}
