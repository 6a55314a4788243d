"""Runs the steps of every outcome and collects the responses, so that published examples are real responses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.publish.catalog import Entry, entries
from offer_sandbox.world.json_codec import dump, parse
from offer_sandbox.world.rng import DEFAULT_SEED

FROZEN = {"mode": "frozen", "now": "2026-04-17T19:45:00Z"}


@dataclass(frozen=True)
class Reached:
    """The response to the last step of an outcome.

    - `status`: the HTTP status.
    - `outcome`: the outcome's id according to the response.
    - `trigger`: the trigger according to the response.
    - `body`: the parsed body, None if there is none.
    """

    status: int
    outcome: str
    trigger: str
    body: Any


Send = Callable[[str, str, dict[str, str], bytes], Reached]


def walk(entry: Entry, workspace: str, send: Send, forced: bool = False) -> Reached | None:
    """Sends an entry's steps in order in a workspace and returns the last response. With `forced`, the last step
    forces the outcome. Returns None if the entry has no steps."""
    reached = None
    for index, step in enumerate(entry["steps"], start=1):
        headers = {**step["headers"], "X-Sandbox-Workspace": workspace}
        if forced and index == len(entry["steps"]):
            headers["X-Sandbox-Outcome"] = entry["outcome"]
        reached = send(step["method"], step["path"], headers, _bytes(step["body"]))
    return reached


def forcing(entry: Entry, catalog: list[Entry]) -> Entry:
    """Returns the entry with the steps on which its outcome is forced. These are its own steps, or those of the
    operation's plain success if the response does not depend on the call (errors, and printed samples, which have
    no steps)."""
    if entry["status"] < 400 and entry["kind"] != "error" and entry["steps"]:
        return entry
    plain = next(
        other
        for other in catalog
        if (other["provider"], other["operation"]) == (entry["provider"], entry["operation"])
    )
    return {**entry, "steps": plain["steps"]}


def examples(providers: Iterable[Provider], send: Send) -> dict[str, Any]:
    """Returns the response body of each outcome by the outcome's id, for the default seed and a frozen clock."""
    catalog = list(entries(providers, DEFAULT_SEED))
    found = {}
    numbers = dict.fromkeys((entry["provider"] for entry in catalog), 0)
    for entry in catalog:  # numbered by provider, so that a new provider changes no other's examples
        numbers[entry["provider"]] += 1
        workspace = f"example-{entry['provider']}-{numbers[entry['provider']]}"
        send("PUT", "/__admin/clock", {"X-Sandbox-Workspace": workspace}, dump(FROZEN))
        reached = walk(entry, workspace, send) or walk(forcing(entry, catalog), workspace, send, forced=True)
        assert reached is not None
        assert reached.outcome == entry["id"], f"{entry['id']} returned {reached.outcome}"
        found[entry["id"]] = reached.body
    return found


def body_of(text: bytes) -> Any:
    """Returns the body of a response as a JSON value, as text if it is HTML, or None if it is empty."""
    if text.startswith(b"<"):
        return text.decode()
    return parse(text) if text else None


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else dump(body)
