"""Renders a page of the console with the parts that all pages share."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask import Flask, Response, make_response, render_template, request, url_for
from markupsafe import Markup, escape

from offer_sandbox.admin.auth import confined_to
from offer_sandbox.admin.services import services, workspace_name
from offer_sandbox.console.credentials import UNKNOWN_KEY, key_of_workspace, own_authorization
from offer_sandbox.contract.errors import ProblemDetailsError
from offer_sandbox.exchange.workspace_auth import DEFAULT_WORKSPACE
from offer_sandbox.world.clock import Clock, parse_duration, print_instant, real_now
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import dump
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
    "presenter": "Presenter",
    "identify": "Identify an error",
}
_MAX_SHOWN = 20_000  # characters of a body
_MAX_NAMES = 500


def register(app: Flask) -> None:
    """Adds the filters and functions that the templates use."""
    filters = (pretty, compact, coded, duration, instant, short, tone, received, document, own_magic)
    app.jinja_env.filters.update({each.__name__: each for each in filters})


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
        "sections": SECTIONS,
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
    return f"The clock is {_span(timedelta(milliseconds=abs(clock.offset)))} {ahead} real time."


def _span(span: timedelta) -> str:
    hours, rest = divmod(span.seconds, 3600)
    parts = {"day": span.days, "hour": hours, "minute": rest // 60, "second": rest % 60}
    named = [f"{count} {unit}{'s' if count > 1 else ''}" for unit, count in parts.items() if count]
    return " and ".join(named[:2])


def duration(text: str) -> str:
    """Returns an ISO 8601 duration in words, such as `2 days and 1 hour`."""
    return _span(parse_duration(text, real_now()))


def known_workspace() -> bool:
    """Returns whether a page may show the workspace: it exists, or it is the one that every client may use."""
    name = workspace_name()
    if confined_to() == name or (name == DEFAULT_WORKSPACE and not services().workspaces.keyed):
        return True
    with services().store.transaction(writes=False) as transaction:
        return transaction.workspace(name) is not None


def pretty(value: Any) -> str:
    """Returns a JSON value or a text as lines, without the end of a very long one."""
    text = value if isinstance(value, str) else json.dumps(json.loads(dump(value)), indent=2, ensure_ascii=False)
    text = _indented(text) if isinstance(value, str) else text
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}\n... ({len(text) - _MAX_SHOWN:,} more)"


def _indented(text: str) -> str:
    """Returns JSON text with indentation, and any other text unchanged."""
    if not text.startswith(("{", "[")) or len(text) > 10 * _MAX_SHOWN:
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def coded(text: str) -> Markup:
    """Returns text whose parts between backticks are shown as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


def compact(value: Any) -> str:
    """Returns a JSON value on one line."""
    return dump(value).decode()


def instant(text: str | None) -> str:
    """Returns a timestamp as people read it, such as `2026-04-17 19:45:00 UTC`."""
    return f"{text[:10]} {text[11:19]} UTC" if text else ""


def short(outcome: str | None) -> str:
    """Returns the last part of an outcome's id."""
    return (outcome or "").rpartition(".")[2]


def tone(entry: Entry) -> str:
    """Returns the class of a call: `fault`, `error`, `denied` or `good`."""
    if entry["fault"]:
        return "fault"
    if (entry["response"]["status"] or 0) >= 400 or entry["kind"] in ("error", "infrastructure"):
        return "error"
    return "denied" if entry["kind"] == "denial" else "good"


_RECEIVED = {
    "CONNECTION_RESET_BY_PEER": "The connection was reset. The client received nothing.",
    "EMPTY_RESPONSE": "The connection was closed. The client received nothing.",
    "TRUNCATED_BODY": "The client received half of the body.",
    "MALFORMED_RESPONSE_CHUNK": "The client received half of the body, then an invalid chunk.",
    "RANDOM_DATA_THEN_CLOSE": "The client received random bytes.",
    "HANG": "The client received nothing, and waited.",
    "GATEWAY_HTML": "The client received a proxy's error page with status 502.",
    "DRIBBLE": "The client received the response in small pieces.",
}


def received(entry: Entry) -> str:
    """Returns what the client received if its connection was broken on purpose, or an empty string."""
    return _RECEIVED.get(entry["fault"]["type"], "") if entry["fault"] else ""


def document(entry: Entry) -> dict[str, Any] | None:
    """Returns the query and the variables of a GraphQL request, or None for any other request."""
    text = entry["request"]["body"]
    try:
        body = json.loads(text) if text and '"query"' in text else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not isinstance(body.get("query"), str) or "errors" in body:
        return None
    return {"query": body["query"], "variables": body.get("variables")}


def own_magic(magic: Mapping[str, str]) -> str:
    """Returns a magic value as it is in the page's workspace: a credential names its workspace."""
    if magic["field"] != "header.authorization" or key_of_workspace() == UNKNOWN_KEY:
        return magic["value"]
    return own_authorization(magic["value"])


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
