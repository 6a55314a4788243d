"""The request parts that rule conditions can test, each read on first use."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from offer_sandbox.contract.http import FORM
from offer_sandbox.exchange.routing import Route
from offer_sandbox.exchange.secret_names import secret_header, secret_name
from offer_sandbox.rules.matching import keys


def all_values(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Returns each name with all its values, in order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


class RequestMatchInput:
    """The parts of a request of any protocol. An unreadable body counts as missing."""

    def __init__(self, route: Route) -> None:
        self.route = route

    def part(self, name: str) -> Any:
        """Returns `body`, `query`, `path` or `header`, or None for a part that the request does not have."""
        return getattr(self, name) if name in ("body", "query", "path", "header") else None

    def hidden(self, path: str) -> bool:
        """Returns whether the value at a path is secret. Credentials and the Referer header are secret, and in a
        confidential call everything except the other headers."""
        source, _, rest = path.partition(".")
        if source == "header":
            return secret_header(rest) or rest.lower() == "referer"
        return self.route.operation.confidential or any(map(secret_name, keys(path)))

    @cached_property
    def body(self) -> Any:
        """The JSON value, or the fields of a form (the first value of a repeated field)."""
        request = self.route.request
        try:
            if request.media_type == FORM:
                pairs = parse_qsl(request.body.decode("ascii"), keep_blank_values=True)
                return dict(reversed(pairs))
            return request.json
        except ValueError:
            return None

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query parameters with all their values."""
        return all_values(self.route.request.query)

    @property
    def path(self) -> Any:
        """The arguments in the path."""
        return self.route.arguments

    @property
    def header(self) -> Any:
        """The headers by their lower-case names."""
        return self.route.request.headers
