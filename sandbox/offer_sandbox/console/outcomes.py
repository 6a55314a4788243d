"""The catalogue of outcomes: the filtered list, and one outcome with all its triggers."""

from typing import Any, get_args

from flask import Response, request

from offer_sandbox.admin.call import ADMIN
from offer_sandbox.admin.resources.catalog import list_outcomes
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.console import page
from offer_sandbox.console.credentials import UNKNOWN_KEY, key_of_workspace, own_authorization
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.contract.outcome import UNMATCHED, Evidence, Kind
from offer_sandbox.publish.catalog import Entry
from offer_sandbox.publish.examples import forcing

_SIZE = 100
_FILTERS = {
    "provider": "",
    "operation": "",
    "kind": "",
    "evidence": "",
    "q": "",
    "times": "1",
}


def show_list() -> Response:
    """Returns the list. The query parameters are the filters, `q` with words, and `times`, the number of calls to
    arm for (empty: until the rule is removed)."""
    chosen = {name: request.args.get(name, usual).strip() for name, usual in _FILTERS.items()}
    catalog = list_outcomes.view(query={})["outcomes"]
    found = [each for each in catalog if _matches(each, chosen)]
    shown, numbers = page.on_page(found, len(found), _SIZE)
    titles = [(name, each.title) for name, each in services().providers.items()]
    return page.show(
        "outcomes.html",
        "outcomes",
        outcomes=[_row(each, catalog, chosen["times"]) for each in shown],
        numbers=numbers,
        chosen=chosen,
        providers=titles,
        operations=[
            f"{name}.{each}" for name, provider in services().providers.items() for each in provider.operations
        ],
        kinds=get_args(Kind),
        grades=get_args(Evidence),
    )


def show_one(id: str) -> Response:
    """Returns the page of an outcome. Raises ProblemDetailsError (404) for an unknown one."""
    catalog = list_outcomes.view(query={})["outcomes"]
    found = next((each for each in catalog if each["id"] == id), None)
    if found is None:
        detail = f"there is no outcome {id[:120]!r}"
        raise ProblemDetailsError(404, "unknown-outcome", "Unknown outcome", detail)
    return page.show(
        "outcome.html",
        "outcomes",
        title=found["id"],
        outcome=_row(found, catalog, "1"),
        provider=services().providers[found["provider"]],
        until_removed=_rule(found, ""),
    )


def _matches(entry: Entry, chosen: dict[str, str]) -> bool:
    operation = f"{entry['provider']}.{entry['operation']}"
    text = f"{entry['id']} {entry['title']} {entry['status']} {entry['source']}".lower()
    return (
        chosen["provider"] in ("", entry["provider"])
        and chosen["operation"] in ("", operation, entry["operation"])
        and chosen["kind"] in ("", entry["kind"])
        and chosen["evidence"] in ("", entry["evidence"])
        and all(word in text for word in chosen["q"].lower().split())
    )


def _row(entry: Entry, catalog: list[Entry], times: str) -> dict[str, Any]:
    """Returns an outcome with the rule that arms it and the calls that try it. Either is None if there is none."""
    return {**entry, "arm": _rule(entry, times), "trial": trial(entry, catalog)}


def _rule(entry: Entry, times: str) -> dict[str, Any] | None:
    rule = entry["triggers"]["rule"]
    if rule is None:
        return None
    return {**rule, "times": int(times)} if times.isascii() and times.isdigit() and 0 < len(times) < 6 else rule


def trial(entry: Entry, catalog: list[Entry]) -> list[Entry] | None:
    """Returns the calls that show an outcome in the workspace of the page. The last one forces the outcome, if
    that is possible. Returns None if no key of the workspace is known, or if there are no such calls."""
    if key_of_workspace() == UNKNOWN_KEY:
        return None
    if entry["operation"] == UNMATCHED:  # nothing can force it
        return [_own(step) for step in entry["steps"]] or None
    steps = [_own(step) for step in forcing(entry, catalog)["steps"]]
    steps[-1]["headers"]["X-Sandbox-Outcome"] = entry["outcome"]
    return steps


def _own(step: Entry) -> Entry:
    """Returns a call with the credential of the workspace, where it has the demo's."""
    headers = dict(step["headers"])
    if "Authorization" in headers:
        headers["Authorization"] = own_authorization(headers["Authorization"])
    if not step["path"].startswith(ADMIN):
        headers["X-Sandbox-Workspace"] = workspace_name()
    return {**step, "headers": headers}
