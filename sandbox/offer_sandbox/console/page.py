"""Renders a page of the console with the parts that all pages share."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from offer_sandbox.admin.auth import confined_to
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.console.filters import in_words, instant
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.world.clock import Clock, print_instant
from offer_sandbox.world.store import StoreError
from offer_sandbox.world.world import clock_from_json

SECTIONS = {
    "overview": "Overview",
    "calls": "Calls",
    "outcomes": "Outcomes",
    "records": "Records",
    "clock": "Clock",
    "scenarios": "Scenarios",
    "webhooks": "Webhooks",
    "settings": "Settings",
    "coverage": "Coverage",
    "presenter": "Presenter",
    "identify": "Identify an error",
}
_MAX_NAMES = 500


def show(template: str, section: str, status: int = 200, **values: Any) -> Response:
    """Returns a page of a section. `title` is the title of the page, by default the section's."""
    name = workspace_name()
    with services().store.transaction(writes=False) as transaction:
        row = transaction.workspace(name)
        rows = transaction.workspaces() if confined_to() is None else []
    latest = sorted(rows, key=lambda each: each.used, reverse=True)[:_MAX_NAMES]
    clock = clock_from_json(row.clock) if row else services().workspaces.beginning.clock()
    shared = {
        "section": section,
        "sections": {name: text for name, text in SECTIONS.items() if name != "coverage" or confined_to() is None},
        "title": SECTIONS.get(section, ""),
        "workspace": name,
        "workspaces": sorted({*(each.name for each in latest), name}),
        "confined": confined_to() is not None,
        "notice": clock_notice(clock),
        "last": next(iter(services().journal.newest(name, limit=1)), None),
        "made": row.made if row else "",
        "guarded": services().admin_token is not None,
        "link": link,
    }
    return make_response(rendered(template, **{**shared, **values}), status)


def rendered(template: str, **values: Any) -> bytes:
    """Returns the HTML of a template. Half a surrogate pair, which JSON may contain, becomes a question mark."""
    return render_template(template, **values).encode(errors="replace")


def link(view: str, **values: Any) -> str:
    """Returns the address of a view in the page's workspace."""
    return url_for(f"ui.{view}", **{"workspace": workspace_name(), **values})


def page_number() -> int:
    """Returns the page that the address names, from 1."""
    given = request.args.get("page", "1")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else 1


def clock_notice(clock: Clock) -> str:
    """Returns one sentence about a clock that does not show the real time, or an empty string."""
    if clock.mode == "frozen":
        return f"The clock is frozen at {instant(print_instant(clock.now()))}."
    if abs(clock.offset) < 1000:
        return ""
    ahead = "ahead of" if clock.offset > 0 else "behind"
    return f"The clock is {in_words(timedelta(milliseconds=abs(clock.offset)))} {ahead} real time."


def pages_of(total: int, size: int) -> Mapping[str, int]:
    """Returns the present page, the last one and the number of items, for the links below a list."""
    last = max(1, -(-total // size))
    return {"page": min(page_number(), last), "last": last, "total": total, "size": size}


def on_page(items: Iterable[Any], total: int, size: int) -> tuple[list[Any], Mapping[str, int]]:
    """Returns the items of the present page, and the numbers of `pages_of`."""
    numbers = pages_of(total, size)
    start = (numbers["page"] - 1) * size
    return [*items][start : start + size], numbers


def problem(error: ProblemDetailsError, alone: bool) -> Response:
    """Returns the page of an error, with its status. An error page that stands `alone` shows nothing of a
    workspace, because its visitor may see none."""
    if not alone:
        try:
            return show("problem.html", "", error.status, title=error.title, problem=error)
        except (ProblemDetailsError, StoreError):
            pass
    return make_response(render_template("problem_alone.html", problem=error), error.status)
