"""`/__admin/scenarios`: the ready scenarios and the workspace's own, each started and stopped as a whole."""

from typing import Any

from flask import request

from offer_sandbox.admin.call import Body, ControlCall, JsonSchema
from offer_sandbox.admin.fields import ShownSchema
from offer_sandbox.admin.http import json_object, refused, unprocessable
from offer_sandbox.admin.resources.rules import refusing_too_many
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import JSON
from offer_sandbox.exchange.scenario_runner import ScenarioConflict
from offer_sandbox.rules.scenario import (
    MAX_SCENARIOS,
    SCENARIOS,
    Scenario,
    keep,
    read_scenario,
    ready,
    ready_names,
    scenario_issues,
    stored,
    written,
)
from offer_sandbox.rules.schema import SCENARIO
from offer_sandbox.schemas.fields import Boolean, List, Nested, String, described
from offer_sandbox.world.collection import Document
from offer_sandbox.world.store import Transaction, WorkspaceRow

_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
_EXAMPLE = {
    "title": "Sending fails while the clock is frozen",
    "settings": {"switches": {"sibi.absent": "null"}},
    "clock": {"mode": "frozen", "now": "2026-04-17T19:45:00Z"},
    "rules": [{"operation": "ebay.sendOfferToInterestedBuyers", "status": 500, "phase": "before"}],
    "play": [{"call": "ebay.sendOfferToInterestedBuyers", "expect": {"status": 500, "trigger": "rule"}}],
}


_ENTRY = {
    "name": described("The scenario's name.", example="ebay-busy"),
    "title": described("One line about the scenario. Empty if it has none.", example="eBay refuses two calls"),
    "providers": described("The providers that its rules and steps name.", example=["ebay"]),
    "ready": described("Whether the scenario is included in the sandbox.", example=False),
    "started": described("Whether the scenario is running.", example=True),
}


class ListedScenarioSchema(ShownSchema):
    """A scenario in the list."""

    name = String(required=True, metadata=_ENTRY["name"])
    title = String(required=True, metadata=_ENTRY["title"])
    providers = List(String(), required=True, metadata=_ENTRY["providers"])
    ready = Boolean(required=True, metadata=_ENTRY["ready"])
    started = Boolean(required=True, metadata=_ENTRY["started"])


class ScenarioListSchema(ShownSchema):
    """The ready scenarios, then the workspace's own."""

    scenarios = List(
        Nested(ListedScenarioSchema),
        required=True,
        metadata=described("The ready scenarios, then the workspace's own."),
    )


_SCENARIO = {name: value for name, value in SCENARIO.items() if name not in ("$schema", "title")}
_UPLOADED = JsonSchema(
    "Scenario",
    {**_SCENARIO, "description": "A scenario. By default, its name is the one in the path.", "required": []},
)
_TYPES: dict[str, dict[str, Any]] = {
    "name": {"type": "string"},
    "title": {"type": "string"},
    "providers": {"type": "array", "items": {"type": "string"}},
    "ready": {"type": "boolean"},
    "started": {"type": "boolean"},
}
_LISTED = {name: {**of_type, **_ENTRY[name]} for name, of_type in _TYPES.items()}
_WHOLE = JsonSchema(
    "StoredScenario",
    {
        **_SCENARIO,
        "description": "A scenario as it was written, and its entry in the list.",
        "required": [*_LISTED, "scenario"],
        "properties": {**SCENARIO["properties"], **_LISTED},
    },
)


@ControlCall(method="GET", path="/__admin/scenarios", answers={200: ScenarioListSchema()})
def list_scenarios() -> Any:
    """Lists the ready scenarios, then the workspace's own.

    Each has its title, its providers and whether it is running. A ready scenario is included in the sandbox and
    cannot be changed.
    """
    with workspace() as (transaction, row):
        own = [
            record["name"] for record in transaction.select(row.id, SCENARIOS, {}) if ready(record["name"]) is None
        ]
        found = [stored(transaction, row.id, name) for name in (*ready_names(), *own)]
    return {"scenarios": [_listed(record) for record in found if record]}


@ControlCall(method="GET", path="/__admin/scenarios/{name}", answers={200: _WHOLE}, refusals=(404,))
def get_scenario(name: str) -> Any:
    """Returns a scenario as it was written.

    To write your own scenario, begin with a copy of a ready one.
    """
    with workspace() as (transaction, row):
        return _whole(_found(transaction, row, name))


@ControlCall(
    method="PUT",
    path="/__admin/scenarios/{name}",
    body=Body(shape=_UPLOADED, example=_EXAMPLE, raw=True, media_types=(JSON, _YAML[0])),
    answers={200: _WHOLE, 201: _WHOLE},
    refusals=(409,),
)
def put_scenario(name: str, body: bytes) -> Any:
    """Uploads a scenario as JSON, or as YAML with a YAML content type.

    Its name must be the one in the path, and may be left out in JSON. A scenario that is stored already is
    replaced. Uploading does not start it. Returns 409 if the scenario is running, if a ready scenario has the
    name, or if the workspace already has 200 scenarios.
    """
    scenario = _given(name, body)
    if ready(name) is not None:
        detail = f"{name} is the name of a ready scenario (choose another name)"
        raise ProblemDetailsError(409, "ready-scenario", "Ready scenario", detail)
    with workspace() as (transaction, row):
        former = stored(transaction, row.id, name)
        _stopped(former)
        if former is None and transaction.count(row.id, SCENARIOS, {}) >= MAX_SCENARIOS:
            detail = f"the workspace {row.name} already has {MAX_SCENARIOS} scenarios (delete some first)"
            raise ProblemDetailsError(409, "too-many-scenarios", "Too many scenarios", detail)
        record: Document = {"name": name, "scenario": scenario, "started": None}
        keep(transaction, row.id, record)
    return _whole(record), 201 if former is None else 200


@ControlCall(method="DELETE", path="/__admin/scenarios/{name}", answers={204: None}, refusals=(404, 409))
def remove_scenario(name: str) -> None:
    """Deletes one of the workspace's own scenarios.

    Returns 409 for a ready scenario, and for a scenario that is running.
    """
    with workspace() as (transaction, row):
        record = _found(transaction, row, name)
        if record["scenario"] is None:
            detail = f"{name} is a ready scenario, which cannot be deleted"
            raise ProblemDetailsError(409, "ready-scenario", "Ready scenario", detail)
        _stopped(record)
        transaction.delete(row.id, SCENARIOS, name)


@ControlCall(
    method="POST",
    path="/__admin/scenarios/{name}/start",
    answers={200: ListedScenarioSchema()},
    refusals=(404, 409),
)
def start_scenario(name: str) -> Any:
    """Starts a scenario: arms its rules and applies its settings and clock.

    Its steps (`play`) are not run. Starting a running scenario again changes nothing. Returns 409 if another
    running scenario sets the clock or a setting that this one sets too, or if there is no room for its rules.
    """
    with workspace() as (transaction, row):
        record = _found(transaction, row, name)
        try:
            with refusing_too_many():
                return _listed(services().scenario_runner.start(transaction, row, record))
        except ScenarioConflict as error:
            raise ProblemDetailsError(409, "conflict", "Another scenario is running", str(error)) from None


@ControlCall(
    method="POST", path="/__admin/scenarios/{name}/stop", answers={200: ListedScenarioSchema()}, refusals=(404,)
)
def stop_scenario(name: str) -> Any:
    """Stops a scenario: removes its rules and restores the former settings and clock.

    The clock returns to its former time, and records keep their changes. Stopping a scenario that is not running
    changes nothing.
    """
    with workspace() as (transaction, row):
        return _listed(services().scenario_runner.stop(transaction, row, _found(transaction, row, name)))


def _given(name: str, body: bytes) -> Scenario:
    """Returns the validated scenario from the body. Its name is the one in the path."""
    if request.mimetype in _YAML:
        read, mistakes = read_scenario(body, services().providers)
        if read is None:
            problems = [_problem(mistake) for mistake in mistakes if not mistake.advisory]
            raise unprocessable(str(mistakes[0]), problems=problems)
        scenario = read
    else:
        scenario = {"scenario": name, **_json()}
        issues = [issue for issue in scenario_issues(scenario, services().providers) if not issue.advisory]
        if issues:
            raise refused(issues)
    if scenario["scenario"] != name:
        raise unprocessable(f"the scenario's name is {scenario['scenario']!r}, but {name[:80]!r} in the path")
    return scenario


def _json() -> dict[str, Any]:
    try:
        return json_object()
    except ProblemDetailsError as error:
        if error.status == 400:
            hint = f"{error.detail} (send YAML with Content-Type: application/yaml)"
            raise ProblemDetailsError(400, error.kind, error.title, hint) from None
        raise


def _problem(mistake: Any) -> dict[str, Any]:
    return {"line": mistake.position.line, "column": mistake.position.column, "detail": mistake.text}


def _found(transaction: Transaction, row: WorkspaceRow, name: str) -> Document:
    record = stored(transaction, row.id, name)
    if record is None:
        detail = f"the workspace {row.name} has no scenario {name[:80]!r}"
        raise ProblemDetailsError(404, "unknown-scenario", "Unknown scenario", detail)
    return record


def _stopped(record: Document | None) -> None:
    if record and record["started"]:
        raise ProblemDetailsError(
            409, "scenario-runs", "Scenario is running", f"{record['name']} is running (stop it first)"
        )


def _listed(record: Document) -> dict[str, Any]:
    scenario = written(record)
    operations = [rule["operation"] for rule in scenario.get("rules", [])]
    called = [step["call"] for step in scenario.get("play", []) if "call" in step]
    owners = {name.partition(".")[0] for name in (*operations, *called)} & set(services().providers)
    return {
        "name": record["name"],
        "title": scenario.get("title", ""),
        "providers": sorted(owners),
        "ready": record["scenario"] is None,
        "started": record["started"] is not None,
    }


def _whole(record: Document) -> dict[str, Any]:
    return {**_listed(record), **written(record)}
