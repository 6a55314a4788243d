"""Which documented calls a request came nearest to that was none of them, and in what it differs from each."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from offer_sandbox.contract import Operation, Provider
from offer_sandbox.world.journal import Entry

_MOST = 3
_LONGEST = 200  # characters of a path that are compared
_WRONG_METHOD = 0.1  # how much nearer another path's right method is than the right path's wrong one


def unmatched(entry: Entry) -> bool:
    """Whether a request was refused because it is none of the documented calls."""
    if entry["operation"] is None:
        return entry["provider"] is None
    return str(entry["operation"]).endswith(".unmatched") and entry["kind"] != "success"


def nearest(entry: Entry, providers: Iterable[Provider]) -> list[dict[str, Any]]:
    """The three nearest calls, each with its distance from 0 (the same) to 1 and what differs."""
    owners = [provider for provider in providers if entry["provider"] in (None, provider.name)]
    found = [_miss(entry, provider, each) for provider in owners for each in provider.parts.operations]
    return sorted(found, key=lambda miss: float(miss["distance"]))[:_MOST]


def _miss(entry: Entry, provider: Provider, operation: Operation) -> dict[str, Any]:
    method, path = entry["request"]["method"], _own_path(entry["request"]["path"], provider)[:_LONGEST]
    wanted = [operation.method] if provider.protocol == "rest" else ["POST", "GET"]
    likeness, pieces = _compare(path, operation.path)
    differs = [{"part": "path", "wanted": operation.path, "found": path, "at": pieces}] if pieces else []
    if method not in wanted:
        differs.append({"part": "method", "wanted": " or ".join(wanted), "found": method})
    if not differs:
        differs.append({"part": "request", "wanted": operation.name, "found": entry["reason"]})
    distance = 1 - likeness + (_WRONG_METHOD if method not in wanted else 0)
    return {
        "operation": f"{provider.name}.{operation.name}",
        "method": wanted[0],
        "path": operation.path,
        "distance": round(min(distance, 1.0), 3),
        "differs": differs,
    }


def _own_path(path: str, provider: Provider) -> str:
    prefix = f"/{provider.name}"
    return path[len(prefix) :] if path.startswith(f"{prefix}/") else path


def _compare(path: str, template: str) -> tuple[float, list[str]]:
    """How like the path is to a template, from 0 to 1, and the pieces that differ."""
    ours, theirs = path.rstrip("/").split("/"), template.rstrip("/").split("/")
    filled = [
        mine if wanted.startswith("{") and mine else wanted
        for mine, wanted in zip(ours + [""] * len(theirs), theirs, strict=False)
    ]
    likeness = SequenceMatcher(None, path.rstrip("/"), "/".join(filled)).ratio()
    differing = [mine for mine, wanted in zip(ours, filled, strict=False) if mine != wanted]
    beyond = ours[len(filled) :] or [f"(missing: {each})" for each in filled[len(ours) :]]
    return likeness, [*differing, *beyond]
