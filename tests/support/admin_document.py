"""The control API's committed document, read as its reader would, and answers held against it."""

import json
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import requests

from offer_sandbox.resources import bundled

DOCUMENT = json.loads((bundled("specs") / "admin.json").read_text())


def resolved(part: Any) -> Any:
    """A part of the document, or what it refers to."""
    if "$ref" not in part:
        return part
    found = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


@dataclass(frozen=True)
class Operation:
    """A call as the document describes it."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def id(self) -> str:
        """Its name."""
        return self.described["operationId"]

    @property
    def tag(self) -> str:
        """The resource."""
        return self.described["tags"][0]

    @property
    def responses(self) -> dict[str, Any]:
        """What is described by status."""
        return self.described["responses"]

    @property
    def example(self) -> Any:
        """The body of the example, None where there is none."""
        content = self.described.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("example")

    def parameters(self, place: str) -> list[dict[str, Any]]:
        """The parameters of that place."""
        every = map(resolved, self.described.get("parameters", []))
        return [parameter for parameter in every if parameter["in"] == place]

    def content(self, status: int) -> dict[str, Any]:
        """The content of a status that is described; `default` does not count."""
        assert str(status) in self.responses, f"{self.id} does not tell of {status}"
        return resolved(self.responses[str(status)]).get("content", {})

    def check(self, answer: requests.Response) -> Any:
        """The body of an answer that must be as described, parsed where it is JSON."""
        content = self.content(answer.status_code)
        if not content:
            assert answer.content == b""
            return None
        media_type = answer.headers["Content-Type"].partition(";")[0]
        assert media_type in content
        value = answer.json() if "json" in media_type else answer.text
        fits(content[media_type]["schema"], value)
        return value


OPERATIONS = {
    operation.id: operation
    for path, operations in DOCUMENT["paths"].items()
    for method, described in operations.items()
    for operation in [Operation(method.upper(), path, described)]
}


def fits(schema: Any, value: Any) -> None:
    """Fails where a value is not as a schema of the document says, or has members that it does not tell of."""
    found = misfits(schema, value)
    assert not found, found


def misfits(schema: Any, value: Any) -> list[str]:
    """What is wrong with a value by a schema of the document, members that it does not tell of among it."""
    whole = _closed({**schema, "components": {"schemas": DOCUMENT["components"]["schemas"]}})
    found = jsonschema_rs.validator_for(whole).iter_errors(value)
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message[:500]}" for error in found]


def _closed(value: Any) -> Any:
    """Schemas in which an object has the members that are told and no other."""
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    closed = {name: _closed(item) for name, item in value.items()}
    if value.get("type") == "object" and "properties" in value and "additionalProperties" not in value:
        closed["unevaluatedProperties"] = False
    return closed
