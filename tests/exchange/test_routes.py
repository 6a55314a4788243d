"""Flask's routes: every documented path is listed with its methods, and the pipeline answers behind each."""

import os
import re
import subprocess
import sys

import pytest

from catalog_steps import CALLS
from offer_sandbox.app import Options, create_app
from offer_sandbox.contract import Operation, Provider
from offer_sandbox.providers import providers


def listed() -> set[tuple[str, str, str]]:
    """The routes that Flask's own command lists: endpoint, method, path."""
    command = [sys.executable, "-m", "flask", "--app", "offer_sandbox.app:create_app()", "routes"]
    shown = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True, env={**os.environ, "COLUMNS": "500"}
    )
    rows = [re.split(r"\s{2,}", line.strip()) for line in shown.stdout.splitlines()[2:]]
    return {(row[0], method.strip(), row[2]) for row in rows if len(row) == 3 for method in row[1].split(",")}


def test_flask_lists_every_documented_path_with_its_method():
    routes = listed()
    for provider in providers().values():
        for operation in provider.parts.operations:
            name = "graphql" if provider.protocol == "graphql" else operation.name
            for path in (operation.path, *operation.also):
                rule = path.replace("{", "<").replace("}", ">")
                assert (f"provider.{provider.name}.{name}", operation.method, rule) in routes


@pytest.mark.parametrize(("provider", "operation"), CALLS, ids=lambda each: each.name)
def test_a_documented_path_is_found_under_its_own_name(provider: Provider, operation: Operation):
    """Another method, a slash at the end, a prefix or an unknown path go to the pipeline all the same."""
    adapter = create_app(Options()).url_map.bind("sandbox")
    path = operation.path.replace("{", "").replace("}", "")
    name = "graphql" if provider.protocol == "graphql" else operation.name
    assert adapter.match(path, operation.method)[0] == f"provider.{provider.name}.{name}"
    assert adapter.match(f"{path}/", operation.method)[0] == f"provider.{provider.name}.{name}"
    assert adapter.match(path, "DELETE")[0] == "provider"
    assert adapter.match(f"/{provider.name}{path}", operation.method)[0] == "provider"
