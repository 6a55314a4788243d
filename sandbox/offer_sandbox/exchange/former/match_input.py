"""What the conditions of rules look into: the parts of a request, each read when it is first asked for."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from offer_sandbox.contract.http import FORM
from offer_sandbox.exchange.former.routing import Route
from offer_sandbox.exchange.redaction import secret_header, secret_name
from offer_sandbox.rules.matching import keys
from offer_sandbox.world.json_codec import DocumentError, parse


def all_values(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Every name with its values, in order."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


class RequestMatchInput:
    """A request of any protocol; a body that cannot be read is none."""

    def __init__(self, route: Route) -> None:
        self.route = route

    def part(self, name: str) -> Any:
        """`body`, `query`, `path` or `header`; None for what the request does not have."""
        return getattr(self, name) if name in ("body", "query", "path", "header") else None

    def hidden(self, path: str) -> bool:
        """Credentials, and everything that a confidential call brings but its headers."""
        source, _, rest = path.partition(".")
        if source == "header":
            return secret_header(rest) or rest.lower() == "referer"
        return self.route.operation.confidential or any(map(secret_name, keys(path)))

    @cached_property
    def body(self) -> Any:
        """A JSON value, or the fields of a form (the first of a repeated one)."""
        request = self.route.request
        try:
            if request.media_type == FORM:
                pairs = parse_qsl(request.body.decode("ascii"), keep_blank_values=True)
                return dict(reversed(pairs))
            return parse(request.body) if request.body.strip() else None
        except (DocumentError, ValueError):
            return None

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The arguments of the address with all their values."""
        return all_values(self.route.request.query)

    @property
    def path(self) -> Any:
        """The arguments that stand in the path."""
        return self.route.arguments

    @property
    def header(self) -> Any:
        """Headers by their names in lower case."""
        return self.route.request.headers
