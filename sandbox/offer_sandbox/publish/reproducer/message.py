"""The message that makes a journal's call again: its address, headers and body as they go over the wire."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from offer_sandbox.publish.reproducer.again import Call, Pairs
from offer_sandbox.world.journal import Entry

# What belongs to one connection or client, and what is redacted and has no stand-in.
_LEFT_OUT = {
    "accept-encoding",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
}


@dataclass(frozen=True, kw_only=True)
class Message:
    """A request. `target` is path and query, percent-encoded ASCII; a header's value holds one character for
    each of its bytes, as HTTP libraries give it."""

    method: str
    target: str
    headers: Pairs
    body: bytes

    def brings(self, name: str) -> bool:
        """Whether a header of that name, given in lower case, is there."""
        return any(name == other.lower() for other, _ in self.headers)


def message(entry: Entry, call: Call) -> Message:
    """The message for an entry of the journal."""
    request = entry["request"]
    return Message(
        method=request["method"],
        target=target(f"{call.prefix}{request['path']}", _pairs(request, call)),
        headers=tuple(_headers(entry, call)),
        body=_body(request, call),
    )


def target(path: str, query: Pairs) -> str:
    """A decoded path and query, encoded so that no client takes a part of it for something else."""
    encoded = "/".join(map(_segment, path.split("/")[1:]))
    if encoded.startswith("/"):  # clients take a second slash at the start for a host's, or for none
        encoded = f"%2F{encoded[1:]}"
    pairs = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    return f"/{encoded}?{pairs}" if pairs else f"/{encoded}"


def _segment(text: str) -> str:
    return "%2E" * len(text) if text in (".", "..") else quote(text, safe="@:!$,;~+")


def _pairs(request: dict[str, Any], call: Call) -> Pairs:
    if call.query is not None:
        return call.query
    return tuple((name, value) for name, value in request.get("query", ()))


def _headers(entry: Entry, call: Call) -> list[tuple[str, str]]:
    """The headers that came, in their order; then those of the sandbox that did not come."""
    ours = {
        "authorization": call.authorization,
        "x-sandbox-outcome": call.outcome or None,
        "x-sandbox-workspace": entry["workspace"],
    }
    came = {name.lower(): value for name, value in entry["request"]["headers"].items()}
    if "x-sandbox-workspace" in came:  # one that no workspace can have is to be refused again
        del ours["x-sandbox-workspace"]
    stand_ins = {name: value for name, value in ours.items() if value is not None}
    left_out = _LEFT_OUT if call.authorization is not None else {*_LEFT_OUT, "authorization"}
    return [(name, value) for name, value in {**came, **stand_ins}.items() if name not in left_out]


def _body(request: dict[str, Any], call: Call) -> bytes:
    if call.body is not None:
        return call.body.encode()
    text = request.get("body") or ""
    return base64.b64decode(text) if request.get("body_base64") else text.encode()
