"""Runs the steps of every outcome and keeps the answers, so that published examples are real answers."""

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
    """The answer to the last step of an outcome: `outcome` as it says, `body` parsed, None without one."""

    status: int
    outcome: str
    trigger: str
    body: Any


Send = Callable[[str, str, dict[str, str], bytes], Reached]


def walk(entry: Entry, workspace: str, send: Send, forced: bool = False) -> Reached | None:
    """Sends an entry's steps in order in a workspace, the last one with the outcome forced if asked; None
    when the entry has no steps."""
    reached = None
    for index, step in enumerate(entry["steps"], start=1):
        headers = {**step["headers"], "X-Sandbox-Workspace": workspace}
        if forced and index == len(entry["steps"]):
            headers["X-Sandbox-Outcome"] = entry["outcome"]
        reached = send(step["method"], step["path"], headers, _bytes(step["body"]))
    return reached


def forcing(entry: Entry, catalog: list[Entry]) -> Entry:
    """The entry with the steps on which it is forced: its own, or the operation's plain success for what is
    answered whatever the call (errors, and printed samples, which have no steps)."""
    if entry["status"] < 400 and entry["kind"] != "error" and entry["steps"]:
        return entry
    plain = next(
        other
        for other in catalog
        if (other["provider"], other["operation"]) == (entry["provider"], entry["operation"])
    )
    return {**entry, "steps": plain["steps"]}


def examples(providers: Iterable[Provider], send: Send) -> dict[str, Any]:
    """Outcome id to the body of its answer, for the default seed and a clock that stands still."""
    catalog = list(entries(providers, DEFAULT_SEED))
    found = {}
    numbers = dict.fromkeys((entry["provider"] for entry in catalog), 0)
    for entry in catalog:  # numbered by provider: one more provider changes no other's examples
        numbers[entry["provider"]] += 1
        workspace = f"example-{entry['provider']}-{numbers[entry['provider']]}"
        send("PUT", "/__admin/clock", {"X-Sandbox-Workspace": workspace}, dump(FROZEN))
        reached = walk(entry, workspace, send) or walk(forcing(entry, catalog), workspace, send, forced=True)
        assert reached is not None
        assert reached.outcome == entry["id"], f"{entry['id']} led to {reached.outcome}"
        found[entry["id"]] = reached.body
    return found


def body_of(text: bytes) -> Any:
    """An answer's body as a JSON value (of a page its HTML), None without one."""
    if text.startswith(b"<"):
        return text.decode()
    return parse(text) if text else None


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else dump(body)
