"""The filters of the templates: how pages show values."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from offer_sandbox.console.credentials import UNKNOWN_KEY, key_of_workspace, own_authorization
from offer_sandbox.world.clock import parse_duration, real_now
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import dump

_MAX_SHOWN = 20_000  # characters of a body


def register(app: Flask) -> None:
    """Adds the filters."""
    filters = (pretty, whole, compact, coded, duration, instant, short, tone, received, document, own_magic)
    app.jinja_env.filters.update({each.__name__: each for each in filters})


def pretty(value: Any) -> str:
    """Returns a JSON value or a text as lines, without the end of a very long one."""
    text = _indented(value) if isinstance(value, str) else whole(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}\n... ({len(text) - _MAX_SHOWN:,} more)"


def whole(value: Any) -> str:
    """Returns a JSON value as lines."""
    return json.dumps(json.loads(dump(value)), indent=2, ensure_ascii=False)


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


def duration(text: str) -> str:
    """Returns an ISO 8601 duration in words, such as `2 days and 1 hour`."""
    return in_words(parse_duration(text, real_now()))


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


def in_words(span: timedelta) -> str:
    """Returns a span in its two largest units."""
    hours, rest = divmod(span.seconds, 3600)
    parts = {"day": span.days, "hour": hours, "minute": rest // 60, "second": rest % 60}
    named = [f"{count} {unit}{'s' if count > 1 else ''}" for unit, count in parts.items() if count]
    return " and ".join(named[:2])
