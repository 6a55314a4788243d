"""The scenarios of a workspace: the list with an upload, and one scenario with its steps."""

from flask import Response, request

from offer_sandbox.admin.resources.scenarios import get_scenario, list_scenarios
from offer_sandbox.admin.services import services
from offer_sandbox.console import page
from offer_sandbox.console.presenter import stage_workspace

_OWN = ("name", "title", "providers", "ready", "started")  # members of the list, not of the file


def show_list() -> Response:
    """Returns the list, by default of all providers."""
    provider = request.args.get("provider", "")
    listed = list_scenarios.view()["scenarios"]
    return page.show(
        "scenarios.html",
        "scenarios",
        scenarios=[each for each in listed if provider in ("", *each["providers"])],
        started=[each for each in listed if each["started"]],
        providers=services().providers,
        provider=provider,
    )


def show_one(name: str) -> Response:
    """Returns the page of a scenario. Raises ProblemDetailsError (404) for an unknown one."""
    found = get_scenario.view(name=name)
    return page.show(
        "scenario.html",
        "scenarios",
        title=name,
        scenario=found,
        stage=stage_workspace(ready_made=found["ready"]),
        written={member: value for member, value in found.items() if member not in _OWN or member == "title"},
    )
