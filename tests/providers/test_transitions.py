"""The tables of transitions hold every change of a state that calls make, and no other."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from catalog_steps import CATALOG
from offer_sandbox.app import Options, create_app
from offer_sandbox.contract import Provider
from offer_sandbox.providers import providers

STATEFUL = [provider for provider in providers().values() if any(kind.state for kind in provider.collections)]
MOVED = [provider for provider in STATEFUL if provider.parts.transitions]


def call(client: FlaskClient, step: dict[str, Any], workspace: str) -> None:
    """One step of the catalogue."""
    body = step["body"]
    content = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
    headers = {**step["headers"], "X-Sandbox-Workspace": workspace}
    client.open(step["path"], method=step["method"], headers=headers, data=content)


def made(provider: Provider) -> set[tuple[str, str, str, str]]:
    """The changes of states (collection, operation, before, after) that the steps to every outcome make, reads left
    out: under `manual` progression they move records on as time does. Evaluations that take no time are tried too."""
    client = create_app(Options(journal_size=1_000)).test_client()
    kinds = {kind.name: kind for kind in provider.collections if kind.state}
    found = set()
    ways = [entry["steps"] for entry in CATALOG if entry["provider"] == provider.name and entry["steps"]]
    for number, steps in enumerate(ways * 2):
        workspace = {"X-Sandbox-Workspace": f"w{number}"}
        if number >= len(ways):
            at_once = {name: {"progression": "immediate"} for name in provider.progressions}
            client.put("/__admin/settings", json={"progressions": at_once}, headers=workspace)
        for step in steps:
            call(client, step, f"w{number}")
        for exchange in client.get("/__admin/requests?limit=100", headers=workspace).get_json()["requests"]:
            operation = (exchange["operation"] or "").rpartition(".")[2]
            if operation not in provider.operations or provider.operations[operation].only_reads:
                continue
            for change in exchange["changes"]:
                if (kind := kinds.get(change["collection"])) and kind.state:
                    before = kind.state(change["before"]) if change["before"] else ""
                    if before != (after := kind.state(change["after"])):
                        found.add((kind.name, operation, before, after))
    return found


@pytest.mark.parametrize("provider", MOVED, ids=lambda each: each.name)
def test_the_table_holds_the_changes_that_calls_make(provider: Provider):
    rows = [row for row in provider.parts.transitions if row.apply is None]
    table = {(row.collection, row.event, row.source, row.target) for row in rows}
    assert len(table) == len(rows), "each once"
    assert made(provider) == table


@pytest.mark.parametrize("provider", MOVED, ids=lambda each: each.name)
def test_a_call_of_the_table_is_an_operation(provider: Provider):
    for row in provider.parts.transitions:
        assert (row.apply is None) is (row.event in provider.operations), row
