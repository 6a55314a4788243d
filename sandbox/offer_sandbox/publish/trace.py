"""The trace file of a failed test: its form, its size limit, and how it is read."""

import copy
import gzip
import io
import json
import math
import zlib
from collections.abc import Iterator
from typing import Any

from offer_sandbox.world.json_codec import dump

FORMAT, VERSION = "offer-sandbox/trace", 1
SUFFIX = ".trace.json.gz"
CUT = " (cut)"  # at the end of each text that was shortened
MAX_EXCHANGES = 1_000
_BYTES_PER_HUNDRED = 300_000
_LIMITS = (65_536, 16_384, 4_096, 1_024, 256, 64)  # characters of a text, until the file is small enough
_MEMBERS: dict[str, type] = {
    **dict.fromkeys(("test", "phase", "place", "failure", "workspace", "flags", "program"), str),
    **dict.fromkeys(("seed", "left_out"), int),
    **dict.fromkeys(("clock", "settings"), dict),
    **dict.fromkeys(("rules", "webhooks", "control", "exchanges"), list),
}
_MAX_READ = 64 * 1024 * 1024  # bytes of a decompressed file
Trace = dict[str, Any]
"""The document of a trace file. Its members:

- `format`, `version`: FORMAT and VERSION.
- `program`: the version of the program that wrote it.
- `test`: the id of the test, `phase`: `setup`, `call` or `teardown`, `place`: the file and line of its failure,
  `failure`: the message.
- `workspace`, `seed`, `flags`: the name and the seed of the workspace, and the flags of its server.
- `clock`: the workspace's clock at the end.
- `settings`, `rules`, `webhooks`: those of the workspace at the end, as the control API shows them.
- `control`: the calls of the control API that changed something, each with `after` (the id of the exchange before
  it, or None), `at`, `method`, `path`, `query`, `body`, `refused` (the status, or None), `id` and `events`.
- `exchanges`: the entries of the journal, oldest first, each with its `explanation`.
- `left_out`: the number of older exchanges that are not in the file.
"""


class TraceError(ValueError):
    """The file is no trace that this version can read. The message gives the reason."""


def packed(trace: Trace) -> bytes:
    """Returns the file of a trace. It has at most 300 kB for each (begun) hundred exchanges. Texts are cut where
    that is not enough, and then the oldest exchanges are left out. The calls of the control API are cut only if
    they take more than half of the room themselves, because nothing can be repeated without them."""
    budget = _BYTES_PER_HUNDRED * max(1, math.ceil(len(trace["exchanges"]) / 100))
    trace = {**trace, "control": _control_within(trace["control"], budget // 2)}
    tried = trace
    for limit in (None, *_LIMITS):
        tried = trace if limit is None else _shortened(trace, limit)
        data = _within(tried, budget)
        if data is not None:
            return data
    while (data := _within(tried, budget)) is None:
        tried = _halved(tried)
    return data


def _within(value: Any, budget: int) -> bytes | None:
    """Returns the compressed JSON of a value, or None if it is too large, compressed or not."""
    printed = dump(value)
    if len(printed) > _MAX_READ:
        return None
    data = gzip.compress(printed, mtime=0)
    return data if len(data) <= budget else None


def _control_within(calls: list[dict[str, Any]], budget: int) -> list[dict[str, Any]]:
    """Returns the calls with their bodies cut, if they are too large, and without the oldest if need be."""
    tried = calls
    for limit in (None, *_LIMITS):
        tried = calls if limit is None else [{**each, "body": _shorter(each["body"], limit)} for each in calls]
        if _within(tried, budget) is not None:
            return tried
    while _within(tried, budget) is None:
        tried = tried[(len(tried) + 1) // 2 :]
    return tried


def unpacked(data: bytes) -> Trace:
    """Returns the trace of a file. Raises TraceError if it is none."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            text = stream.read(_MAX_READ + 1)
        trace = json.loads(text)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError):
        raise TraceError("it is no trace file") from None
    if len(text) > _MAX_READ or not isinstance(trace, dict) or trace.get("format") != FORMAT:
        raise TraceError("it is no trace file")
    if trace.get("version") != VERSION:
        raise TraceError(f"its version is {trace.get('version')!r}, and this program reads {VERSION}")
    if wrong := [name for name, kind in _MEMBERS.items() if not isinstance(trace.get(name), kind)]:
        raise TraceError(f"its member {wrong[0]} is missing or wrong")
    return trace


def is_cut(value: Any) -> bool:
    """Returns whether a JSON value has a text that was cut."""
    return any(text.endswith(CUT) for text in texts(value))


def texts(value: Any) -> Iterator[str]:
    """Yields all texts of a JSON value, without the names of members."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


def _shortened(trace: Trace, limit: int) -> Trace:
    """Returns a copy in which no text, body or record is longer than the limit, except in calls of the control
    API."""
    short = copy.deepcopy({**trace, "control": []})
    for entry in short["exchanges"]:
        entry["response"]["body"] = _as_text(entry["response"].get("body"), limit)
        for change in entry.get("changes", ()):
            change["before"], change["after"] = (_as_text(change[each], limit) for each in ("before", "after"))
    return {**_cut(short, limit), "control": trace["control"]}


def _shorter(value: Any, limit: int) -> Any:
    return _cut(_as_text(value, limit), limit)


def _as_text(value: Any, limit: int) -> Any:
    """Returns a JSON value as text if it is longer than the limit, so that it can be cut."""
    text = value if isinstance(value, str) else dump(value).decode()
    return text if len(text) > limit else value


def _cut(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= limit + len(CUT) else value[:limit] + CUT
    if isinstance(value, dict):
        return {name: _cut(each, limit) for name, each in value.items()}
    return [_cut(each, limit) for each in value] if isinstance(value, list) else value


def _halved(trace: Trace) -> Trace:
    """Returns the trace without the older half of its exchanges and webhooks, and without half of its rules. The
    last one of each is left out too."""
    left = (len(trace["exchanges"]) + 1) // 2
    return {
        **trace,
        "exchanges": trace["exchanges"][left:],
        "webhooks": trace["webhooks"][(len(trace["webhooks"]) + 1) // 2 :],
        "rules": trace["rules"][: len(trace["rules"]) // 2],
        "left_out": trace["left_out"] + left,
    }
