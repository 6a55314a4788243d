"""Sends the calls of a trace again, and compares what they return."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from offer_sandbox.providers import providers
from offer_sandbox.publish.export.request import Call, call_for, message
from offer_sandbox.publish.trace import Trace
from offer_sandbox.publish.trace_comparison import differences, has_gaps, in_order
from offer_sandbox.testing.client import call
from offer_sandbox.testing.control import Control, ControlError

_WAIT_SECONDS = 5  # for the journal, after the call has ended
_PATIENCE_SECONDS = 60.0  # beyond the delay of an exchange
_HANG_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """A call of the trace that was sent again.

    - `number`: of the exchange in the trace, from 1. None for a call of the control API.
    - `text`: the call, and its recorded result.
    - `differences`: the differences of the result, as sentences.
    - `incomplete`: whether parts of the recorded request were redacted or cut, so that it was not sent
      exactly.
    """

    number: int | None
    text: str
    differences: list[str] = field(default_factory=list)
    incomplete: bool = False


class Replay:
    """The calls of a trace, on the server at `url`, which must be fresh and hold its webhooks."""

    def __init__(self, url: str, trace: Trace) -> None:
        self._url = url
        self._trace = trace
        self._control = Control(url, trace["workspace"])
        self._ids: dict[str, str] = {}  # of rules and webhooks: recorded and new
        self._scenarios: set[str] = set()

    def calls(self) -> Iterator[Replayed]:
        """Sends one call after the other in their order, and yields each result. Raises OSError if the server is
        gone."""
        number = 0
        for kind, recorded in in_order(self._trace):
            if kind == "control":
                yield self._controlled(recorded)
            else:
                number += 1
                yield self._sent(number, recorded)

    def _controlled(self, recorded: dict[str, Any]) -> Replayed:
        path = "/".join(self._ids.get(each, each) for each in recorded["path"].split("/"))
        refused, found = None, None
        try:
            found = self._control.call(recorded["method"], path, recorded["body"], **recorded["query"])
        except ControlError as error:
            refused = error.status
        if isinstance(found, dict) and recorded["id"] is not None and "id" in found:
            self._ids[recorded["id"]] = found["id"]
        if path.endswith("/start") and refused is None:
            self._scenarios.add(path.split("/")[-2])
        same = refused == recorded["refused"]
        found_differences = [] if same else [_refusal(recorded["refused"], refused)]
        return Replayed(number=None, text=f"{recorded['method']} /__admin{path}", differences=found_differences)

    def _sent(self, number: int, recorded: dict[str, Any]) -> Replayed:
        request, outcome = recorded["request"], recorded.get("outcome")
        result = recorded["response"]["status"] or (recorded.get("fault") or {}).get("type")
        text = f"{request['method']} {request['path']} -> {result}{f' {outcome}' if outcome else ''}"
        entry = self._repeated(recorded)
        found = ["the call is not in the journal"] if entry is None else differences(recorded, entry)
        return Replayed(number=number, text=text, differences=found, incomplete=has_gaps(recorded))

    def _repeated(self, recorded: dict[str, Any]) -> dict[str, Any] | None:
        """Returns the journal entry of the repeated call."""
        sent = message(recorded, self._planned(recorded))
        headers = {**dict(sent.headers), **self._own_headers(recorded)}
        before = self._control.call("POST", "/requests/count", {})["count"]
        call(self._url, sent.method, sent.target, headers, sent.body or None, _patience(recorded))
        try:
            self._control.call("GET", "/requests/wait", count=before + 1, timeout=_WAIT_SECONDS)
        except ControlError:
            return None
        latest: dict[str, Any] = self._control.call("GET", "/requests", limit=1)["requests"][0]
        return latest

    def _planned(self, recorded: dict[str, Any]) -> Call:
        """Returns how to make a call again. One that belongs to no provider is made as it was."""
        provider = providers().get(recorded["provider"])
        if provider is None or "trigger" not in recorded:
            return Call(url=self._url)
        planned = replace(call_for(provider, recorded, self._url), prefix="")  # its Host header is sent again
        if recorded["trigger"] == "rule" and self._has_rules(recorded):
            planned = replace(planned, outcome="")
        return planned

    def _own_headers(self, recorded: dict[str, Any]) -> dict[str, str]:
        """Returns the Host of a call, and the fault and the delay of rules that have not been made again."""
        host = recorded["request"]["headers"].get("host")
        headers = {"Host": host} if host else {}
        if self._has_rules(recorded):
            return headers
        fault, delay = recorded.get("fault"), recorded.get("delay_ms")
        if fault:
            headers["X-Sandbox-Fault"] = fault["type"]
        if delay:
            headers["X-Sandbox-Delay"] = str(delay)
        return headers

    def _has_rules(self, recorded: dict[str, Any]) -> bool:
        """Returns whether the rules that decided an exchange have been made again."""
        fired = [each for each in recorded.get("rules", ()) if each["verdict"] == "fired"]
        return all(each["id"] in self._ids or each.get("scenario") in self._scenarios for each in fired)


def _patience(recorded: dict[str, Any]) -> float:
    """Returns how many seconds to wait for a response."""
    hangs = (recorded.get("fault") or {}).get("type") == "HANG"
    return float(recorded.get("delay_ms", 0)) / 1000 + (_HANG_SECONDS if hangs else _PATIENCE_SECONDS)


def _refusal(recorded: int | None, now: int | None) -> str:
    return f"status: recorded {recorded or 'success'}, now {now or 'success'}"
