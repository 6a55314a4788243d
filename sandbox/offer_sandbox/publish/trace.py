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
_MAX_READ = 512 * 1024 * 1024  # bytes of a decompressed file
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
    """Returns the file of a trace. It has at most 300 kB for each (begun) hundred exchanges: texts are cut where
    that is not enough, and then the oldest exchanges are left out."""
    budget = _BYTES_PER_HUNDRED * max(1, math.ceil(len(trace["exchanges"]) / 100))
    data = _compressed(trace)
    for limit in _LIMITS:
        if len(data) <= budget:
            return data
        data = _compressed(_shortened(trace, limit))
    trace = _shortened(trace, _LIMITS[-1])
    while len(data) > budget:
        trace = _halved(trace)
        data = _compressed(trace)
    return data


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


def _compressed(trace: Trace) -> bytes:
    return gzip.compress(dump(trace), mtime=0)


def _shortened(trace: Trace, limit: int) -> Trace:
    """Returns a copy in which no text, body or record is longer than the limit."""
    short = copy.deepcopy(trace)
    for entry in short["exchanges"]:
        response = entry["response"]
        response["body"] = _as_text(response.get("body"), limit)
        for change in entry["changes"]:
            change["before"], change["after"] = (_as_text(change[each], limit) for each in ("before", "after"))
    for call in short["control"]:
        call["body"] = _as_text(call["body"], limit)
    cut: Trace = _cut(short, limit)
    return cut


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
    """Returns the trace without the older half of its exchanges, control calls and webhooks. With one of each, or
    none, they are left out too."""
    exchanges, control = trace["exchanges"], trace["control"]
    left = (len(exchanges) + 1) // 2
    return {
        **trace,
        "exchanges": exchanges[left:],
        "control": control[(len(control) + 1) // 2 :],
        "webhooks": trace["webhooks"][(len(trace["webhooks"]) + 1) // 2 :],
        "rules": trace["rules"][: len(trace["rules"]) // 2],
        "left_out": trace["left_out"] + left,
    }
