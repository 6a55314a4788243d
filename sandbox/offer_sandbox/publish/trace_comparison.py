"""The order of a trace's calls, and the comparison of an exchange with the one that was recorded."""

from collections import deque
from collections.abc import Iterator
from typing import Any, Literal

from offer_sandbox.exchange.secret_names import REDACTED
from offer_sandbox.publish.trace import Trace, is_cut, texts
from offer_sandbox.world.json_codec import dump

Kind = Literal["control", "exchange"]
Entry = dict[str, Any]
_SHOWN = 80  # characters of a value
_MOST = 10  # differences of one exchange
_MISSING = object()


def in_order(trace: Trace) -> Iterator[tuple[Kind, dict[str, Any]]]:
    """Yields the calls of the control API and the exchanges in the order in which they happened."""
    places = {entry["id"]: number for number, entry in enumerate(trace["exchanges"], start=1)}
    control = deque(trace["control"])
    for number, entry in enumerate([*trace["exchanges"], None]):
        while control and places.get(control[0]["after"], 0) <= number:
            yield "control", control.popleft()
        if entry is not None:
            yield "exchange", entry


def differences(recorded: Entry, repeated: Entry) -> list[str]:
    """Returns the differences of two journal entries in status, outcome, fault and body, as sentences. Redacted
    and cut parts are equal to anything."""
    found = [
        *_unequal(recorded["response"]["status"], repeated["response"]["status"], "status"),
        *_unequal(recorded.get("outcome"), repeated.get("outcome"), "outcome"),
        *_unequal(_fault(recorded), _fault(repeated), "fault"),
    ]
    before, after = recorded["response"].get("body"), repeated["response"].get("body")
    if not isinstance(before, str) or not is_cut(before):
        found += _unequal(before, after, "body")
    return found if len(found) <= _MOST else [*found[:_MOST], f"and {len(found) - _MOST} more"]


def has_gaps(recorded: Entry) -> bool:
    """Returns whether a recorded request lacks parts, which are redacted or cut, so that it cannot be sent exactly
    as it was."""
    request = recorded["request"]
    sent = [request["path"], request["query"], request["body"]]
    return bool(request["cut"]) or is_cut(sent) or any(REDACTED in text for text in texts(sent))


def _fault(entry: Entry) -> str | None:
    fault = entry.get("fault")
    return str(fault["type"]) if fault else None


def _unequal(recorded: Any, repeated: Any, place: str) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(repeated, dict):
        for name in {**recorded, **repeated}:
            yield from _unequal(recorded.get(name, _MISSING), repeated.get(name, _MISSING), f"{place}.{name}")
    elif isinstance(recorded, list) and isinstance(repeated, list):
        if len(recorded) != len(repeated):
            yield f"{place}: {len(recorded)} items were recorded, and now there are {len(repeated)}"
        for number, pair in enumerate(zip(recorded, repeated, strict=False)):
            yield from _unequal(*pair, f"{place}.{number}")
    elif _without_scheme(recorded) != _without_scheme(repeated) and not _matches_anything(recorded):
        yield f"{place}: recorded {_brief(recorded)}, now {_brief(repeated)}"


def _without_scheme(value: Any) -> Any:
    """Returns a URL in the form that it has without TLS, because calls are repeated without it."""
    return value.replace("https://", "http://") if isinstance(value, str) else value


def _matches_anything(value: Any) -> bool:
    return isinstance(value, str) and (REDACTED in value or is_cut(value))


def _brief(value: Any) -> str:
    if value is _MISSING:
        return "nothing"
    text = dump(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
