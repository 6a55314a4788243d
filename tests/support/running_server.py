"""A real server process for the tests, and a client that speaks to it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from offer_sandbox.providers import providers

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "offer_sandbox"]
COLLECTIONS = [
    f"{provider.name}/{kind.name}"
    for provider in providers().values()
    for kind in provider.collections
    if kind.visible
]
EBAY_SEND = "/sell/negotiation/v1/send_offer_to_interested_buyers"
EBAY_FIND = "/sell/negotiation/v1/find_eligible_items"
EBAY_TOKEN = "/identity/v1/oauth2/token"


def printed_until_url(process: "subprocess.Popen[str]") -> list[str]:
    """The lines that `serve` prints; the last is its URL."""
    assert process.stdout is not None
    lines = [""]
    while not re.fullmatch(r"http://127\.0\.0\.1:\d+", lines[-1]):
        line = process.stdout.readline()
        assert line, lines
        lines.append(line.rstrip("\n"))
    return lines[1:]


class Server:
    """`offer-sandbox serve` on a free port, ended by `stop` (SIGTERM) or `kill` (SIGKILL). With `ca`, a folder, it
    serves HTTPS too, by a CA that lives there. It logs nothing but warnings unless the flags say otherwise. A `command` other than serve
    takes its flags."""

    def __init__(self, *flags: str, ca: Path | None = None, command: Sequence[str] = ()) -> None:
        secured, variables = (["--tls"], {"OFFER_SANDBOX_CA": str(ca)}) if ca else ([], {})
        self.process = subprocess.Popen(
            [*(command or [*COMMAND, "serve"]), "--port", "0", "--json", "--log", "off", *secured, *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.communicate()[1])
        started = json.loads(line)
        self.url: str = started["url"]
        self.admin_token: str | None = started["admin_token"]
        self.tls_url: str = started.get("tls_url", "")
        self.ca: str = started.get("ca", "")

    def stop(self) -> int:
        """Asks the server to end, waits for it, gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def kill(self) -> None:
        """Ends the server as a crash would."""
        self.process.kill()
        self.process.communicate(timeout=60)


@dataclass
class Client:
    """Calls a server in one workspace, as an integrator's code would."""

    url: str
    workspace: str
    session: requests.Session

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Any call; the workspace goes along unless the caller names another."""
        headers = {"X-Sandbox-Workspace": self.workspace, **options.pop("headers", {})}
        kept = {name: value for name, value in headers.items() if value is not None}
        return self.session.request(method, f"{self.url}{path}", headers=kept, timeout=30, **options)

    def ebay(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call of eBay with a user token, on EBAY_US unless the headers say otherwise."""
        headers = {
            "Authorization": "Bearer sbx_test",
            "X-EBAY-C-MARKETPLACE-ID": "EBAY_US",
            **options.pop("headers", {}),
        }
        return self.call(method, path, headers=headers, **options)

    def send(self, body: Any = None, item: Any = None, **options: Any) -> requests.Response:
        """An eBay send of a body, or of a valid one with these members of its item."""
        if body is None:
            body = {"offeredItems": [{"listingId": "110000000001", "discountPercentage": "10", **(item or {})}]}
        return self.ebay("POST", EBAY_SEND, json=body, **options)

    def graphql(self, query: str, variables: Any = None, **options: Any) -> requests.Response:
        """A GraphQL request to Opendoor."""
        headers = {"Authorization": "Basic sbx_test", **options.pop("headers", {})}
        body = {"query": query, **({"variables": variables} if variables is not None else {})}
        return self.call("POST", "/graphql", json=body, headers=headers, **options)

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """A control call that must succeed; its JSON."""
        answer = self.call(method, f"/__admin{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def state(self, collection: str) -> Any:
        """Every record of a collection such as `ebay/offers`."""
        return self.admin("GET", f"/state/{collection}")[collection.partition("/")[2]]

    def world(self, provider: str = "") -> Any:
        """All that a refused call may not change, of every provider or of one."""
        return [self.state(kind) for kind in COLLECTIONS if kind.startswith(f"{provider}/" if provider else "")]


def outcome(answer: requests.Response) -> str:
    """The last part of the outcome's id."""
    return answer.headers["X-Sandbox-Outcome"].rpartition(".")[2]


def until(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    """Waits for a condition; fails when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a verb of the command line to its end."""
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, **options)


def statement_ids(items: Sequence[Any]) -> set[str]:
    """The documented statements that tests name."""
    return {each for item in items for mark in item.iter_markers("documented") for each in mark.args}
