"""The Postman collections: every request is ready to send, and brings about the outcome that it names."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from offer_sandbox.providers import providers
from running_server import Server


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server of these tests' own: they use a workspace for each request."""
    server = Server()
    yield server
    assert server.stop() == 0


EVERY = pytest.mark.parametrize("name", sorted(providers()))


def collection(server: Server, name: str) -> dict[str, Any]:
    """A provider's collection."""
    return requests.get(f"{server.url}/__admin/specs/{name}.postman.json", timeout=30).json()


def items(folder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every request in a folder."""
    for item in folder["item"]:
        if "request" in item:
            yield item
        else:
            yield from items(item)


def send(item: dict[str, Any], variables: dict[str, str], session: requests.Session) -> requests.Response:
    """Sends a request as Postman does, its variables filled in."""
    text = json.dumps(item["request"])
    for key, value in variables.items():
        text = text.replace(f"{{{{{key}}}}}", value)
    request = json.loads(text)
    headers = {each["key"]: each["value"] for each in request["header"]}
    body = request.get("body", {}).get("raw")
    if body is not None and request["method"] == "GET":
        assert item["protocolProfileBehavior"]["disableBodyPruning"]
    url = request["url"]["raw"]
    return session.request(request["method"], url, headers=headers, data=body, timeout=30, allow_redirects=False)


@EVERY
def test_every_operation_has_a_request_that_works(own: Server, name: str, session: requests.Session):
    found = collection(own, name)
    assert found["info"]["schema"].endswith("/v2.1.0/collection.json")
    variables = {each["key"]: each["value"] for each in found["variable"]}
    assert variables["baseUrl"] == own.url
    assert [folder["name"] for folder in found["item"]] == [
        operation.name for operation in providers()[name].parts.operations
    ]
    for number, folder in enumerate(found["item"]):
        response = send(folder["item"][0], {**variables, "workspace": f"plain-{number}"}, session)
        assert response.status_code < 400, (folder["name"], response.text)
        assert response.headers["X-Sandbox-Workspace"] == f"plain-{number}"


@EVERY
def test_every_outcome_has_a_request(own: Server, name: str, session: requests.Session):
    """An error is always answered as asked. Another outcome needs a record in the right state, so that it may be
    declined, but never with an error of the sandbox."""
    found = collection(own, name)
    variables = {"baseUrl": own.url}
    outcomes = {(each.operation, each.name): each for each in providers()[name].parts.outcomes}
    seen = set()
    for folder in found["item"]:
        for number, item in enumerate(items(folder["item"][1])):
            wanted = item["request"]["header"][-1]["value"]
            outcome = outcomes[folder["name"], wanted]
            seen.add((folder["name"], wanted))
            response = send(item, {**variables, "workspace": f"{folder['name'].lower()}-{number}"}, session)
            reached = response.headers["X-Sandbox-Outcome"].rpartition(".")[2]
            if outcome.status >= 400 or outcome.kind == "error":
                assert (reached, response.status_code) == (wanted, outcome.status)
            assert reached == wanted or response.headers["X-Sandbox-Trigger"] != "header"
    assert seen == {key for key in outcomes if key[0] != "unmatched"}


def test_an_unknown_provider_has_none(own: Server):
    assert requests.get(f"{own.url}/__admin/specs/nobody.postman.json", timeout=30).status_code == 404
