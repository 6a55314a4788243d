"""A refused control call changes nothing: every call, with every kind of bad head and body, and the whole store."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from admin_document import OPERATIONS, Operation
from offer_sandbox.world.store import journal, sqlite
from provider_calls import CALLS, send
from running_server import Client, Server

CONTROL = [each for each in OPERATIONS.values() if each.path.startswith("/__admin/")]
WRITING = [each for each in CONTROL if each.method != "GET"]
RECORD = {"provider": "sibi", "collection": "offers", "id": "offer-unknown"}
HEADS: dict[str, dict[str, Any]] = {
    "workspace in the header": {"headers": {"X-Sandbox-Workspace": "BAD NAME"}},
    "workspace in the query": {"headers": {"X-Sandbox-Workspace": None}, "params": {"workspace": "BAD NAME"}},
    "workspace in the query behind a good header": {"params": {"workspace": "BAD NAME"}},
    "workspace in the query behind a good one": {"params": {"workspace": ["kept", "BAD NAME"]}},
    "an empty workspace": {"headers": {"X-Sandbox-Workspace": ""}},
    "key behind a good header": {"headers": {"Authorization": "Bearer sbx!"}},
    "key": {"headers": {"X-Sandbox-Workspace": None, "Authorization": "Bearer sbx!"}},
    "foreign host": {"headers": {"Host": "elsewhere.example"}},
    "host with a blank": {"headers": {"Host": "local host"}},
    "other origin": {"headers": {"Origin": "https://elsewhere.example"}},
    "other site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "unknown argument": {"params": {"scope": "journal"}},
    "a filter of another call": {"params": {"evidence": "seed"}},
}
BODIES = {
    "no JSON": b'{"name":',
    "no object": b'["ghost"]',
    "an unknown member": b'{"colour": "red"}',
    "no UTF-8": b'{"name": "\xff"}',
    "no number": b'{"seed": NaN}',
    "a name twice": b'{"name": "ghost", "name": "ghost2"}',
    "deep": b'{"name": ' + b"[" * 100 + b"]" * 100 + b"}",
    "a form": b"scope=journal",
}
FOREIGN_FILTERS = ("a filter of another call", "unknown argument")


class Kept:
    """A server with one of everything in a workspace, and its store."""

    def __init__(self, folder: Path) -> None:
        self.server = Server("--data", str(folder))
        self.client = Client(self.server.url, "kept", requests.Session())
        self._files = [folder / sqlite.FILE_NAME, folder / journal.FILE_NAME]
        self.client.admin("PUT", "/clock", {"mode": "frozen"})  # so that no time passes for any record
        self.client.admin("GET", "/snapshot")  # every provider's records are there
        rule = self.client.admin(
            "POST", "/rules", {"operation": "ebay.*", "match": {"query.x": "1"}, "status": 503}
        )["id"]
        self.client.admin("PUT", "/scenarios/mine", {"rules": [{"operation": "*", "status": 500}]})
        webhook = self.client.admin("POST", "/webhooks/fire", {"provider": "sibi", "id": "offer-unknown"})["id"]
        exchange = ""
        for provider in CALLS:
            exchange = send(self.server.url, provider, "sbx_kept", "write").headers["X-Sandbox-Request-Id"]
        self.names = {
            "rules": {"id": rule},
            "webhooks": {"id": webhook},
            "requests": {"id": exchange},
            "scenarios": {"name": "mine"},
            "workspaces": {"name": "kept"},
            "specs": {"provider": "opendoor"},
        }

    def call(self, operation: Operation, **options: Any) -> requests.Response:
        """The operation on what there is, with the body of its example unless another is sent."""
        path = operation.path.format(**{**RECORD, **self.names.get(operation.tag, {})})
        content = {} if "data" in options else {"json": operation.example}
        # as a stream: one that was opened by mistake would have no end
        return self.client.call(operation.method, path, stream=True, **{**content, **options})

    def dump(self) -> list[list[str]]:
        """Everything that is stored, the journal too."""
        return [dumped(file) for file in self._files]


def dumped(file: Path) -> list[str]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    there = Kept(tmp_path_factory.mktemp("kept"))
    yield there
    assert there.server.stop() == 0


@pytest.fixture(scope="module")
def before(kept: Kept) -> list[list[str]]:
    """The store as it is before the first refused call; no later one may change it."""
    kept.client.call("GET", "/__admin/requests/wait?count=99&timeout=0.5")  # the journal's tail is on the disk
    return kept.dump()


@pytest.mark.parametrize("operation", CONTROL, ids=lambda each: each.id)
def test_with_a_bad_head(kept: Kept, before: list[list[str]], operation: Operation):
    for name, options in HEADS.items():
        if name == "a filter of another call" and operation.id == "listOutcomes":
            continue
        answer = kept.call(operation, **options)
        assert answer.status_code in (400, 401, 403, 422), f"{name}: {answer.status_code}"
        assert answer.headers["Content-Type"] == "application/problem+json"
        if name in FOREIGN_FILTERS:
            problem = answer.json()
            assert (problem["status"], problem["known"][-1]) == (422, "workspace")
            assert problem["type"] == "urn:offer-sandbox:problem:unprocessable"
    assert kept.dump() == before


@pytest.mark.parametrize("operation", WRITING, ids=lambda each: each.id)
def test_with_a_bad_body(kept: Kept, before: list[list[str]], operation: Operation):
    for workspace in ("kept", "never-made"):
        for name, body in BODIES.items():
            headers = {"Content-Type": "application/json", "X-Sandbox-Workspace": workspace}
            answer = kept.call(operation, data=body, headers=headers)
            assert answer.status_code in (400, 404, 422), f"{name}: {answer.status_code}"
            assert answer.headers["Content-Type"] == "application/problem+json"
    too_large = kept.call(operation, data=b" " * (1024 * 1024 + 1) + b"x")
    assert too_large.status_code in (400, 413)
    assert kept.dump() == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/rules/rule_0"),
        ("DELETE", "/rules/rule_0"),
        ("GET", "/webhooks/whk_0"),
        ("POST", "/webhooks/whk_0/redeliver"),
        ("POST", "/scenarios/nobody/start"),
        ("GET", "/state/covent/offers/nobody"),
        ("GET", "/state/covent/nothing"),
        ("GET", "/state/covent/offers/off_123/wait?status=unheard"),
        ("GET", "/state/covent/listings/lst_123/wait?status=unheard"),
        ("GET", "/requests/nobody"),
        ("GET", "/requests?limit=-1"),
        ("GET", "/requests/wait?count=x"),
        ("GET", "/requests/wait?operation=nobody"),
        ("POST", "/reset?scope=journal"),
        ("DELETE", "/rules?operation=ebay.*"),
    ],
)
def test_a_refused_call_makes_no_workspace(kept: Kept, before: list[list[str]], method: str, path: str):
    answer = kept.client.call(method, f"/__admin{path}", headers={"X-Sandbox-Workspace": "never-made"})
    assert answer.status_code in (404, 422)
    assert kept.dump() == before


def test_the_store_that_is_compared_changes_with_an_accepted_call(tmp_path: Path):
    there = Kept(tmp_path)
    before = there.dump()
    there.client.admin("PUT", "/clock", {"now": "2031-01-01T00:00:00Z"})
    changed = there.dump()
    assert changed[0] != before[0]
    send(there.server.url, "sibi", "sbx_kept")
    assert there.server.stop() == 0
    assert there.dump()[1] != changed[1]
