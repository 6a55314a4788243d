"""Plays a scenario, and compares the result of each step with the expected one."""

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from offer_sandbox.providers import providers
from offer_sandbox.rules.matching import holds, reach
from offer_sandbox.rules.scenario import Scenario
from offer_sandbox.rules.schema import NO_FAULT
from offer_sandbox.world.json_codec import dump, parse

_TIMEOUT_SECONDS = 30.0
_SHOWN = 2_000  # characters of a body
_PLACE = re.compile(r"\{([a-z]+\.[A-Za-z]+)(?:\.([A-Za-z0-9_.]+))?\}")
Step = Mapping[str, Any]


class CannotPlay(Exception):
    """A call that playing needs was refused or cannot be sent. The message is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The response as the client received it. `status` is 0 if there was none. `fault` is the sandbox's name for
    the observed fault, empty if there was none."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: str = ""

    @property
    def json(self) -> Any:
        """The body as JSON, or None if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def outcome(self) -> str:
        """The last part of the outcome's id, empty if there is none."""
        return self.headers.get("x-sandbox-outcome", "").rpartition(".")[2]


@dataclass(frozen=True)
class Played:
    """A completed step: its number from 1, its action and result as text, its note, every difference from the
    expected result, the details of its last call (request, response, reason) as lines, and the id of that call in
    the journal, empty without one."""

    number: int
    text: str
    note: str
    amiss: tuple[str, ...]
    details: tuple[str, ...] = ()
    call: str = ""


@dataclass(frozen=True)
class _Made:
    """A call that was made: the request line, the body sent, the response and the journal entry."""

    request: str
    sent: str
    seen: Seen
    entry: Mapping[str, Any]


# Makes a call with method, path, headers, body and a timeout in seconds. Raises ValueError if it cannot be sent.
Send = Callable[[str, str, Mapping[str, str], bytes | None, float], Seen]


class Player:
    """Plays scenarios in one workspace of a server. `send` makes the calls. `token` authorizes those to the
    control API if it requires one."""

    def __init__(self, send: Send, workspace: str, token: str | None = None) -> None:
        self._send = send
        self._workspace = workspace
        self._token = token
        self._plain: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}  # collection to the id of its last created or changed record
        self._changed: set[str] = set()  # the ids of all records that the calls changed
        self._counts_webhooks = False  # whether a step expects webhooks
        self._webhooks: set[str] = set()  # the ids of those that earlier steps caused
        self._answers: dict[str, Any] = {}  # operation to the JSON of its last response

    def play(self, scenario: Scenario, ready: bool) -> Generator[Played, None, None]:
        """Starts the scenario, yields each step when it is completed, and stops the scenario. A scenario that is
        not `ready` on the server is uploaded first. Raises CannotPlay, and OSError if there is no server."""
        self.start(scenario, ready)
        try:
            for number, step in enumerate(scenario.get("play", []), start=1):
                yield self.step(number, step)
        finally:
            self.control("POST", f"/scenarios/{quote(scenario['scenario'])}/stop")

    def start(self, scenario: Scenario, ready: bool) -> None:
        """Starts the scenario, so that its steps can be played. One that is not `ready` on the server is uploaded
        first. Raises CannotPlay."""
        name = quote(scenario["scenario"])
        if not ready:
            self.control("PUT", f"/scenarios/{name}", scenario)
        self._learn()
        self._counts_webhooks = any("webhooks" in step.get("expect", {}) for step in scenario.get("play", []))
        if self._counts_webhooks:
            self._webhooks = {each["id"] for each in self.control("GET", "/webhooks")["webhooks"]}
        self.control("POST", f"/scenarios/{name}/start")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Makes a control call that must succeed, and returns its JSON. Raises CannotPlay."""
        headers = {"X-Sandbox-Workspace": self._workspace, "Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        sent = dump(body) if body is not None else b""
        seen = self._send(method, f"/__admin{path}", headers, sent, _TIMEOUT_SECONDS)
        if not 200 <= seen.status < 300:
            description = seen.json if isinstance(seen.json, dict) else {}
            raise CannotPlay(
                f"{method} {path} was answered with {seen.status}: {description.get('detail', seen.fault)}"
            )
        return seen.json

    def _learn(self) -> None:
        """Stores the last step of every outcome that has steps, with ids as the workspace creates them."""
        for entry in self.control("GET", "/catalog")["outcomes"]:
            if entry["steps"]:
                operation = f"{entry['provider']}.{entry['operation']}"
                self._plain.setdefault(operation, entry["steps"][-1])  # the first outcome is the plain call
                self._plain[entry["id"]] = entry["steps"][-1]

    def step(self, number: int, step: Step) -> Played:
        """Plays one step, after those before it. Raises CannotPlay."""
        if "advance" in step:
            return self._advance(number, step)
        amiss: list[str] = []
        for _ in range(step.get("times", 1)):
            made = self._call(step)
            amiss += _unexpected(made.seen, step.get("expect", {}))
        amiss += self._missing_webhooks(step)
        description = f"{step['call']} -> {_describe(made)}"
        differences, details = tuple(dict.fromkeys(amiss)), tuple(_details(made))
        return Played(number, description, step.get("note", ""), differences, details, made.entry.get("id", ""))

    def _call(self, step: Step) -> _Made:
        plain = self._plain[f"{step['call']}.{step['like']}" if "like" in step else step["call"]]
        given = self._filled(step.get("headers", {}))
        headers = {**plain["headers"], "X-Sandbox-Workspace": self._workspace, **given}
        stored = {name: value for name, value in headers.items() if value is not None}
        body = self._filled(step.get("body", plain["body"]))
        sent = None if body is None else body.encode() if isinstance(body, str) else dump(body)
        path = self._filled(step.get("path", plain["path"]))
        if step.get("query"):
            path += ("&" if "?" in path else "?") + urlencode(self._filled(step["query"]))
        if path.lower().startswith("/__admin"):  # the console's player would send it with its visitor's credential
            raise CannotPlay(f"the step {step['call']} has a path of the control API")
        timeout = float(step.get("timeout", _TIMEOUT_SECONDS))
        try:
            seen = self._send(plain["method"], path, stored, sent, timeout)
        except ValueError as error:  # a header with a line break, or a path that is not ASCII
            raise CannotPlay(f"the call of {step['call']} cannot be sent: {error}") from None
        entry = self._remember(step["call"], seen)
        return _Made(f"{plain['method']} {path}", (sent or b"").decode(errors="replace"), seen, entry)

    def _filled(self, value: Any) -> Any:
        """Returns the value with its placeholders replaced. `{covent.offers}` becomes the id of that collection's
        last record. `{ebay.token.access_token}` becomes the value at that place in the call's last response."""
        if isinstance(value, str):
            return _PLACE.sub(self._filling, value)
        if isinstance(value, dict):
            return {name: self._filled(item) for name, item in value.items()}
        return [self._filled(item) for item in value] if isinstance(value, list) else value

    def _filling(self, hole: re.Match[str]) -> str:
        """Returns the value of a placeholder, or the placeholder itself if its value is unknown."""
        if hole[2] is None:
            return self._ids.get(hole[1], hole[0])
        return next((str(value) for value in reach(hole[2], self._answers.get(hole[1]))), hole[0])

    def _remember(self, called: str, seen: Seen) -> dict[str, Any]:
        """Stores the response, and reads from the journal which records the call changed. Returns the journal
        entry, which is empty if the response names none."""
        if seen.json is not None:
            self._answers[called] = seen.json
        id = seen.headers.get("x-sandbox-request-id")
        entry: dict[str, Any] = self.control("GET", f"/requests/{id}") if id else {}
        for change in entry.get("changes", ()):
            self._ids[f"{change['provider']}.{change['collection']}"] = change["id"]
            self._changed.add(change["id"])
        return entry

    def _advance(self, number: int, step: Step) -> Played:
        answer = self.control("POST", "/clock/advance", {"by": step["advance"]})
        events = answer["events"]
        description = self._describe_events(events)
        expected = step.get("expect", {}).get("events")
        amiss = tuple(_missing(expected or [], events))
        if expected == [] and events:
            amiss = ("something happens, expected nothing",)
        amiss += tuple(self._missing_webhooks(step))
        return Played(number, f"advance {step['advance']}: {description}", step.get("note", ""), amiss)

    def _missing_webhooks(self, step: Step) -> list[str]:
        """Returns a sentence for each webhook that the step should have caused, and did not."""
        expected = step.get("expect", {}).get("webhooks")
        if expected is None and not self._counts_webhooks:
            return []
        every = self.control("GET", "/webhooks")["webhooks"]
        new = [{**each, "fault": each["fault"] or NO_FAULT} for each in every if each["id"] not in self._webhooks]
        self._webhooks |= {each["id"] for each in every}
        if expected == [] and new:
            return [f"there is a webhook {new[0]['topic']}, expected none"]
        return [*_missing(expected or [], new, "webhook")]

    def _describe_events(self, events: list[Mapping[str, str]]) -> str:
        """Describes the changes of the records that the scenario's calls changed, and counts the others."""
        own = [each for each in events if each["id"] in self._changed] or events[:1]
        changes = [f"{each['id']} {each['from']} -> {each['to']}" for each in own]
        others = len(events) - len(own)
        if others:
            changes.append(f"and {others} {'change' if others == 1 else 'changes'} of other records")
        return ", ".join(changes) or "nothing happens"


def _describe(made: _Made) -> str:
    """Describes a response by its status, outcome, fault and trigger. An outcome that a record gets later is named
    after the record's present state."""
    seen, trigger = made.seen, made.seen.headers.get("x-sandbox-trigger", "")
    outcome, present = seen.outcome, _present_state(made)
    if present:
        outcome, trigger = present, f"{trigger}: {seen.outcome} later"
    description = [str(seen.status)] if seen.status else []
    description += [outcome] if outcome else []
    description += [seen.fault] if seen.fault else []
    return f"{' '.join(description)}{f' ({trigger})' if trigger else ''}"


def _present_state(made: _Made) -> str:
    """Returns the state of the changed record if the record does not have the call's outcome yet, otherwise an
    empty string. A response that contains the outcome's name shows that the record has it."""
    kind, outcome = made.entry.get("kind"), made.seen.outcome
    if kind not in ("state", "denial") or made.seen.status >= 400 or outcome in _texts(made.seen.json):
        return ""
    for change in reversed(made.entry["changes"]):
        collections = {each.name: each for each in providers()[change["provider"]].collections}
        state = collections[change["collection"]].state
        if state is not None and change["after"]:
            found = state(change["after"])
            return "" if found == outcome else found
    return ""


def _texts(value: Any) -> Iterator[str]:
    """Yields every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _details(made: _Made) -> Iterator[str]:
    """Yields the request, the response and the reason of a call as lines."""
    yield f"> {made.request}"
    if made.sent:
        yield f"> {_cut(made.sent)}"
    if made.seen.status:
        yield f"< {made.seen.status} {made.seen.headers.get('content-type', '')}".rstrip()
    if made.seen.body:
        yield f"< {_cut(made.seen.body.decode(errors='replace'))}"
    if reason := made.seen.headers.get("x-sandbox-reason"):
        yield f"reason: {reason}"


def _cut(text: str) -> str:
    """Returns a body on one line, without its end if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}... ({len(line) - _SHOWN:,} more characters)"


def _unexpected(seen: Seen, expected: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence for each difference from the expected result. A fault that was not expected is one of
    them."""
    found = {
        "outcome": seen.outcome,
        "status": seen.status,
        "trigger": seen.headers.get("x-sandbox-trigger", ""),
        "fault": seen.fault,
    }
    for name, value in {"fault": "", **expected}.items():
        if name in found and str(found[name]) != str(value):
            yield f"{name} is {found[name] or 'none'}, expected {value or 'none'}"
    for path, wanted in expected.get("body", {}).items():
        values = list(reach(path, _parsed(seen)))
        if not holds(wanted, values):
            yield f"body.{path} is {_shown(values)}, expected {json.dumps(wanted, default=str)}"
    for name, wanted in expected.get("header", {}).items():
        values = [seen.headers[name.lower()]] if name.lower() in seen.headers else []
        if not holds(wanted, values, text_only=True):
            yield f"header {name} is {_shown(values)}, expected {json.dumps(wanted, default=str)}"


def _parsed(seen: Seen) -> Any:
    """Returns the body with exact numbers, as conditions require."""
    return parse(seen.body) if seen.json is not None else None


def _shown(values: list[Any]) -> str:
    return json.dumps(values[0] if len(values) == 1 else values or None, default=str)[:200]


def _missing(
    expected: Sequence[Mapping[str, str]], events: Sequence[Mapping[str, str]], name: str = "event"
) -> Iterator[str]:
    """Yields a sentence for each expected event that did not occur in this order. Other events may occur in
    between."""
    left = iter(events)
    for wanted in expected:
        if not any(wanted.items() <= event.items() for event in left):
            yield f"no {name} {json.dumps(wanted)}"
