"""Calls of a workspace as text for a failed test: five lines for each, the reason first."""

import json
from typing import Any

_SHOWN = 300  # characters of a body
_MOST = 10  # calls in a report


def report(calls: list[dict[str, Any]], url: str) -> str:
    """Returns the latest calls, oldest first. `url` is that of the server, for links."""
    if not calls:
        return "The sandbox has received no calls."
    left = len(calls) - _MOST
    first = [f"({left} earlier calls are left out)"] if left > 0 else []
    return "\n".join([*first, *(line for call in calls[-_MOST:] for line in lines(call, url))])


def lines(call: dict[str, Any], url: str) -> list[str]:
    """Returns the five lines of a call."""
    request, response = call["request"], call["response"]
    outcome = f" {call['outcome']} ({call['trigger']})" if call["outcome"] else ""
    return [
        f"why: {call['reason'] or 'it took its natural course'}",
        f"{request['method']} {request['path']} -> {response['status']}{outcome}",
        f"  request: {_brief(request['body'])}",
        f"  response: {_brief(response.get('body'))}",
        f"  more: {url}/__admin/requests/{call['id']}",
    ]


def _brief(body: Any) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    shown = " ".join(text.split())
    return (shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}...") or "(no body)"
