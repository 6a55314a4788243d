"""`/__admin/scenarios`: the ready ones and a workspace's own, started and stopped as one each."""

from typing import Any

from flask import Blueprint, Response, request

from offer_sandbox.admin.arguments import accepts
from offer_sandbox.admin.http import body_bytes, json_object, json_response, no_content, unprocessable
from offer_sandbox.admin.resources.rules import refused
from offer_sandbox.admin.services import services, workspace
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.http import MAX_BODY_BYTES
from offer_sandbox.exchange.scenario_runner import ScenarioConflict
from offer_sandbox.rules.repository import TooManyRules
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
from offer_sandbox.world.collection import Document
from offer_sandbox.world.store import Transaction, WorkspaceRow

resource = Blueprint("scenarios", __name__)
_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


@resource.get("/scenarios")
def list_scenarios() -> Response:
    """The ready scenarios, then the workspace's own, with what each is and whether it runs."""
    with workspace() as (transaction, row):
        own = [
            record["name"] for record in transaction.select(row.id, SCENARIOS, {}) if ready(record["name"]) is None
        ]
        found = [stored(transaction, row.id, name) for name in (*ready_names(), *own)]
    return json_response({"scenarios": [_listed(record) for record in found if record]})


@resource.get("/scenarios/<name>")
def one(name: str) -> Response:
    """A scenario as it was written."""
    with workspace() as (transaction, row):
        return json_response(_whole(_found(transaction, row, name)))


@resource.put("/scenarios/<name>")
@accepts(body=True)
def put(name: str) -> Response:
    """Uploads a scenario, in JSON or (by its content type) in YAML; one that runs has to be stopped first."""
    scenario = _given(name)
    if ready(name) is not None:
        detail = f"{name} comes with the sandbox; give yours another name"
        raise ProblemDetailsError(409, "ready-scenario", "A ready scenario", detail)
    with workspace() as (transaction, row):
        former = stored(transaction, row.id, name)
        _stopped(former)
        if former is None and transaction.count(row.id, SCENARIOS, {}) >= MAX_SCENARIOS:
            detail = f"the workspace {row.name} has {MAX_SCENARIOS} scenarios already; delete some"
            raise ProblemDetailsError(409, "too-many-scenarios", "Too many scenarios", detail)
        record: Document = {"name": name, "scenario": scenario, "started": None}
        keep(transaction, row.id, record)
    return json_response(_whole(record), 201 if former is None else 200)


@resource.delete("/scenarios/<name>")
def remove(name: str) -> Response:
    """Removes one of the workspace's own scenarios."""
    with workspace() as (transaction, row):
        record = _found(transaction, row, name)
        if record["scenario"] is None:
            detail = f"{name} comes with the sandbox and stays"
            raise ProblemDetailsError(409, "ready-scenario", "A ready scenario", detail)
        _stopped(record)
        transaction.delete(row.id, SCENARIOS, name)
    return no_content()


@resource.post("/scenarios/<name>/start")
def start(name: str) -> Response:
    """Arms its rules and sets its settings and clock; again, it goes on as it is."""
    with workspace() as (transaction, row):
        record = _found(transaction, row, name)
        try:
            return json_response(_listed(services().scenario_runner.start(transaction, row, record)))
        except ScenarioConflict as error:
            raise ProblemDetailsError(409, "conflict", "Another scenario runs", str(error)) from None
        except TooManyRules as error:
            raise ProblemDetailsError(409, "too-many-rules", "Too many rules", str(error)) from None


@resource.post("/scenarios/<name>/stop")
def stop(name: str) -> Response:
    """Removes its rules and puts settings and clock back to what they had been."""
    with workspace() as (transaction, row):
        return json_response(
            _listed(services().scenario_runner.stop(transaction, row, _found(transaction, row, name)))
        )


def _given(name: str) -> Scenario:
    """The scenario of the body, judged; its name is the one in the address."""
    if request.mimetype in _YAML:
        read, mistakes = read_scenario(body_bytes(MAX_BODY_BYTES), services().providers)
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
        raise unprocessable(f"the scenario is named {scenario['scenario']!r}, and {name[:80]!r} in the address")
    return scenario


def _json() -> dict[str, Any]:
    try:
        return json_object()
    except ProblemDetailsError as error:
        if error.status == 400:
            hint = f"{error.detail}; YAML is sent with Content-Type: application/yaml"
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
            409, "scenario-runs", "The scenario runs", f"{record['name']} runs; stop it first"
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
