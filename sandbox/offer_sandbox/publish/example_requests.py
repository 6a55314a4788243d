"""Example requests of operations, made from the steps of the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from offer_sandbox.contract import Operation, Provider
from offer_sandbox.exchange.path_table import PathTable
from offer_sandbox.publish.catalog import Entry, entries
from offer_sandbox.world.rng import DEFAULT_SEED


@dataclass(frozen=True)
class ExampleRequest:
    """The request of an outcome.

    - `name`: the name of the outcome.
    - `title`: the outcome's title.
    - `path`, `query`, `headers`: the parameters by name. Names of headers are in lower case.
    - `body`: the JSON value, the text of a form, or None.
    """

    name: str
    title: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    def value(self, place: str, name: str) -> str | None:
        """Returns the value of a parameter (`place` is `path`, `query` or `header`), or None."""
        found = {"path": self.path, "query": self.query, "header": self.headers}[place]
        return found.get(name.lower() if place == "header" else name)


def example_requests(provider: Provider) -> dict[str, ExampleRequest]:
    """Returns the request of each operation's plain success, by the operation's name."""
    catalog = list(entries([provider], DEFAULT_SEED))
    found = {}
    for operation in provider.parts.operations:
        entry = _plain(catalog, operation)
        if entry is not None:
            found[operation.name] = _request(provider, operation, entry)
    return found


def _plain(catalog: Iterable[Entry], operation: Operation) -> Entry | None:
    """Returns the first outcome of the operation that steps produce."""
    return next((each for each in catalog if each["operation"] == operation.name and each["steps"]), None)


def _request(provider: Provider, operation: Operation, entry: Entry) -> ExampleRequest:
    step = entry["steps"][-1]
    path, _, query = step["path"].removeprefix(f"/{provider.name}").partition("?")
    return ExampleRequest(
        name=entry["outcome"],
        title=entry["title"],
        path=_path_parameters(operation, path),
        query=dict(parse_qsl(query)),
        headers={name.lower(): value for name, value in step["headers"].items()},
        body=step["body"],
    )


def _path_parameters(operation: Operation, path: str) -> dict[str, str]:
    found = PathTable([(operation.method, operation.path, operation.name)]).match(operation.method, path)
    return {name: unquote(value) for name, value in found[1].items()} if found else {}
