"""A trace as text: its timeline, and one of its exchanges in detail."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from offer_sandbox.publish.trace import Trace
from offer_sandbox.publish.trace_comparison import in_order
from offer_sandbox.world.json_codec import dump

_SHOWN = 200  # characters of a value in the timeline
_INDENT = " " * 8
Entry = Mapping[str, Any]


def timeline(trace: Trace) -> Iterator[str]:
    """Yields the lines of the timeline: the failure, each call with its reason and the records that it changed,
    the webhooks, and the rules at the end."""
    yield from _head(trace)
    yield ""
    number, clock = 0, ""
    for kind, call in in_order(trace):
        if kind == "control":
            yield from _control_lines(call)
            continue
        if call.get("clock") not in (None, clock):
            clock = call["clock"]
            yield f"clock {clock}"
        number += 1
        yield from _exchange_lines(number, call)
    for title, items, lines in (
        ("webhooks", trace["webhooks"], _webhook_line),
        ("rules at the end", trace["rules"], _rule_line),
    ):
        if items:
            yield from ("", title, *(f"  {lines(each)}" for each in items))


def details(entry: Entry) -> Iterator[str]:
    """Yields the lines that show all of an exchange."""
    yield entry["explanation"]["summary"]
    yield f"at {entry['at']}, clock of the workspace {entry.get('clock')}, {entry.get('milliseconds')} ms"
    yield from (f"note: {note}" for note in entry.get("notes", ()))
    yield from (f"rule {each['id']}: {each['verdict']}" for each in entry.get("rules", ()))
    yield from ("", *_message(_request_line(entry["request"]), entry["request"]))
    yield from ("", *_message(f"status {entry['response']['status']}", entry["response"]))
    for change in entry.get("changes", ()):
        yield from ("", f"{_record(change)} before", *_json(change["before"]))
        yield from (f"{_record(change)} after", *_json(change["after"]))


def _head(trace: Trace) -> Iterator[str]:
    yield trace["test"] or "trace"
    if trace["failure"]:
        yield f"failed ({', '.join(filter(None, (trace['phase'], trace['place'])))}):"
        yield from (f"  {line}" for line in trace["failure"].splitlines())
    yield f"workspace {trace['workspace']}, seed {trace['seed']}, offer-sandbox {trace['program']}"
    yield f"clock at the end: {trace['clock']['now']} ({trace['clock']['mode']})"
    if trace["flags"]:
        yield f"flags of the server: {trace['flags']}"
    if trace["left_out"]:
        yield f"{trace['left_out']} earlier calls are left out"


def _control_lines(call: Entry) -> Iterator[str]:
    body = "" if call["body"] is None else f" {_brief(call['body'])}"
    refused = f" -> {call['refused']}" if call["refused"] else ""
    yield f"control {call['method']} /__admin{call['path']}{body}{refused}"
    yield from _event_lines(call["events"])


def _exchange_lines(number: int, entry: Entry) -> Iterator[str]:
    result = entry["response"]["status"]
    fault = f", fault {entry['fault']['type']}" if entry.get("fault") else ""
    delay = f", after {entry['delay_ms']} ms" if entry.get("delay_ms") else ""
    outcome = f" {entry['outcome']} ({entry['trigger']}{fault}{delay})" if entry.get("outcome") else ""
    yield f"{number:7} {_request_line(entry['request'])} -> {result}{outcome}"
    if entry["reason"]:
        yield f"{_INDENT}why: {entry['reason']}"
    yield from (f"{_INDENT}note: {note}" for note in entry.get("notes", ()))
    for state in entry["explanation"].get("state", ()):
        yield f"{_INDENT}{state['record']}: {_difference(state)}"
    yield from _event_lines(entry.get("events", []))


def _event_lines(events: list[Entry]) -> Iterator[str]:
    return (
        f"{_INDENT}{each['kind']}/{each['id']}: {each['from']} -> {each['to']} at {each['at']}" for each in events
    )


def _difference(state: Entry) -> str:
    before, after = state["before"], state["after"]
    if before is None or after is None:
        return "created" if before is None else "deleted"
    pairs = (f"{name} {_brief(before.get(name))} -> {_brief(after.get(name))}" for name in {**before, **after})
    return ", ".join(pairs)


def _webhook_line(webhook: Entry) -> str:
    return f"{webhook['topic']} of {webhook['record']}: {webhook['status']}, attempts: {len(webhook['attempts'])}"


def _rule_line(rule: Entry) -> str:
    effect = {
        name: rule[name] for name in ("operation", "outcome", "fault", "mutate", "webhook") if rule.get(name)
    }
    return f"{rule['id']}: {_brief(effect)}, hits: {rule['hits']}"


def _request_line(request: Entry) -> str:
    query = "&".join(f"{name}={value}" for name, value in request["query"])
    return f"{request['method']} {request['path']}{'?' if query else ''}{query}"


def _message(title: str, message: Entry) -> Iterator[str]:
    yield title
    yield from (f"  {name}: {value}" for name, value in message["headers"].items())
    if message.get("body") not in (None, ""):
        yield from _json(message["body"])


def _json(value: Any) -> list[str]:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return [f"  {line}" for line in text.splitlines()]


def _record(change: Entry) -> str:
    return f"{change['provider']}.{change['collection']}/{change['id']}"


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else dump(value).decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
