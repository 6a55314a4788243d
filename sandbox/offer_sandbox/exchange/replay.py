"""Rebuilds the request of a journal entry for rule conditions to test."""

import base64
from typing import Any

from offer_sandbox.contract import Request
from offer_sandbox.exchange.match_input import all_values
from offer_sandbox.exchange.routing import Router
from offer_sandbox.rules.matching import MatchInput
from offer_sandbox.world.journal import Entry


class _Nothing:
    """The parts of a request without an operation: its query and its headers."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def hidden(self, _: str) -> bool:
        return False

    def part(self, name: str) -> Any:
        return {"query": all_values(self._request.query), "header": self._request.headers}.get(name)


def match_input_from_entry(entry: Entry, router: Router) -> MatchInput:
    """Returns the parts of an entry's request that conditions can test. A truncated body counts as empty."""
    request = request_from_entry(entry)
    route = router.match(request)
    if route is None or entry["operation"] is None:
        return _Nothing(request)
    return route.style.match_input(route)


def request_from_entry(entry: Entry) -> Request:
    """Returns the request as far as it was stored."""
    stored = entry["request"]
    text = stored["body"] if not stored["cut"] else ""
    return Request(
        method=stored["method"],
        path=stored["path"],
        query=tuple((name, value) for name, value in stored["query"]),
        headers=stored["headers"],
        body=base64.b64decode(text) if stored["body_base64"] else text.encode(),
    )
