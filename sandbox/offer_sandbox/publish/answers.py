"""The response of every outcome, as the published documents print it, for comparison with other responses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offer_sandbox.contract import Outcome, Provider, Request
from offer_sandbox.contract.outcome import UNMATCHED
from offer_sandbox.publish.specs import committed


@dataclass(frozen=True)
class Answer:
    """A printed response: the outcome with its provider, the status, and the body (None if there is none)."""

    provider: Provider
    outcome: Outcome
    body: Any

    @property
    def id(self) -> str:
        """The full id of the outcome."""
        return f"{self.operation}.{self.outcome.name}"

    @property
    def operation(self) -> str:
        """The operation, prefixed with its provider's name."""
        return f"{self.provider.name}.{self.outcome.operation}"

    @property
    def test_line(self) -> str:
        """The line of a Python test, with the plugin's fixture, that makes the next call have this outcome. For a
        call of no operation, the call that has it."""
        if self.outcome.operation == UNMATCHED:
            step = self.outcome.steps[-1] if self.outcome.steps else None
            return f"# {step.method} {step.path}" if step and isinstance(step.path, str) else ""
        return f'offer_sandbox.rules.add("{self.operation}", outcome="{self.outcome.name}", times=1)'


def answers(providers: Iterable[Provider]) -> Iterator[Answer]:
    """Yields the response of each outcome in catalogue order."""
    for provider in providers:
        printed = _printed(provider)
        for outcome in provider.parts.outcomes:
            id = f"{outcome.operation}.{outcome.name}"
            yield Answer(provider, outcome, printed[id] if id in printed else _rendered(provider, outcome))


def _printed(provider: Provider) -> dict[str, Any]:
    """Returns the examples of the provider's document by operation and outcome."""
    document = committed(provider.name)
    found = {}
    for operations in document["paths"].values():
        for operation in operations.values():
            prefix = "" if provider.protocol == "graphql" else f"{operation['operationId']}."
            for name, example in _examples(operation, document):
                found[f"{prefix}{name}"] = example
    return found


def _examples(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for response in operation["responses"].values():
        if "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        for content in response.get("content", {}).values():
            for name, example in content.get("examples", {}).items():
                yield name, example.get("value")


def _rendered(provider: Provider, outcome: Outcome) -> Any:
    """Returns the body of an outcome that the document does not print, because no documented call has it."""
    if outcome.problem is None or outcome.status == 204:
        return None
    request = Request(method="GET", path="/", base_url="")
    return provider.parts.dialect.render(outcome, [outcome.problem], request).body
