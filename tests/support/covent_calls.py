"""Calls to Covent for its tests."""

import json

from offer_sandbox.providers.covent import samples
from running_server import Client

HEADERS = {"Authorization": "Bearer sbx_test", "Accept": "application/json"}
JSON = {**HEADERS, "Content-Type": "application/json"}


def covent(client: Client, method: str, path: str, body=None, **headers):
    """A call with a JSON body, with raw bytes, or without a body; a header given as None is left out."""
    data = body if isinstance(body, bytes | None) else json.dumps(body)
    usual = HEADERS if body is None else JSON
    return client.call(method, f"/api/v1{path}", data=data, headers={**usual, **headers})


def create(client: Client, **changes):
    """The sample's creation with changes of its body; a member given as Ellipsis is left out."""
    body = {name: value for name, value in {**samples.CREATE_OFFER, **changes}.items() if value is not ...}
    return covent(client, "POST", "/offers", body)


def read(client: Client, id: str):
    """An offer as a read shows it."""
    return covent(client, "GET", f"/offers/{id}")


def faults(answer) -> list[str]:
    """The fields that a 422 names, in its order."""
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["code"] == "validation_error"
    return [detail["field"] for detail in answer.json()["error"]["details"]]
