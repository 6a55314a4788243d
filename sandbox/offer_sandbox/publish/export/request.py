"""A journal entry as a request that can be made again, in the pieces that every export is written from."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from offer_sandbox.contract import INFRASTRUCTURE, UNMATCHED, Outcome, Provider, Step, from_base64
from offer_sandbox.contract.http import host_name
from offer_sandbox.contract.outcome import plain_outcome
from offer_sandbox.exchange.routing import Router, below
from offer_sandbox.world.journal import Entry

Pairs = tuple[tuple[str, str], ...]
_DEMO = "sbx_demo"


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is needed to make a call again and stands in no entry of the journal.

    `url` is the server's base without a slash at the end. `authorization` is the header for the redacted one
    (None: none is sent), `query` and `body` are those for redacted ones (None: as the entry tells). `outcome`
    is asked for by header, where what decided it cannot be sent again (empty: nothing is asked for).
    `prefix` stands before a path that only the Host header gave to the provider. `collections` are those
    whose records can be put back through the control API.
    """

    url: str
    authorization: str | None = None
    query: Pairs | None = None
    body: str | None = None
    outcome: str = ""
    prefix: str = ""
    collections: tuple[str, ...] = ()


def call_for(provider: Provider, entry: Entry, url: str) -> Call:
    """What the provider and the server at `url` know of an entry's call."""
    operation = _operation(entry)
    word = entry.get("word", "") or _word_of_fault(entry)
    plain = _plain(provider, operation).steps[-1]
    confidential = operation in provider.operations and provider.operations[operation].confidential
    key = _key(entry["workspace"], word)
    return Call(
        url=url.rstrip("/"),
        authorization=authorization_for(
            provider, operation, entry["workspace"], entry.get("authorization", ""), word
        ),
        query=_query(plain, key) if confidential else None,
        body=_body(plain, key) if confidential else None,
        outcome=_asked_for(provider, entry, confidential),
        prefix=_prefix(provider, entry["request"]),
        collections=tuple(kind.name for kind in provider.visible),
    )


def authorization_for(provider: Provider, operation: str, workspace: str, scheme: str, word: str) -> str | None:
    """The Authorization header with which a workspace makes an operation's call, None where none came.

    `operation` is a name (`unmatched` too), `scheme` that of the header that came, `word` the infrastructure
    outcome its credential asked for or nothing. Where the scheme is the provider's, the key stands in the form
    of the operation's plain call: raw, or in base64 with its other half.
    """
    if not scheme:
        return None
    key = _key(workspace, word)
    usual, _, value = _plain(provider, operation).steps[-1].headers.get("Authorization", "").partition(" ")
    return f"{scheme} {_with_key(value, key) if usual.lower() == scheme.lower() else key}"


def _operation(entry: Entry) -> str:
    """The operation's name; the sandbox's own refusals tell of none."""
    return str(entry["operation"] or UNMATCHED).rpartition(".")[2]


def _plain(provider: Provider, operation: str) -> Outcome:
    return plain_outcome(provider.parts.outcomes, operation)


def _key(workspace: str, word: str) -> str:
    return f"sbx_{workspace}.{word}" if word else f"sbx_{workspace}"


def _with_key(value: str, key: str) -> str:
    """A demo credential with another key in it."""
    pair = from_base64(value)
    if not pair:
        return value.replace(_DEMO, key)
    return base64.b64encode(pair.replace(_DEMO, key).encode()).decode()


def _query(plain: Step, key: str) -> Pairs:
    address = plain.path if isinstance(plain.path, str) else ""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    return tuple((name, value.replace(_DEMO, key)) for name, value in pairs)


def _body(plain: Step, key: str) -> str:
    return plain.body.replace(_DEMO, key) if isinstance(plain.body, str) else ""


def _word_of_fault(entry: Entry) -> str:
    """The word that leads where a credential led that was refused for itself."""
    name = str(entry["outcome"]).rpartition(".")[2]
    return name if _credential_refused(entry) and name in INFRASTRUCTURE else ""


def _credential_refused(entry: Entry) -> bool:
    """Whether the credential that came was natural cause of a refusal: the one to be sent is a good one."""
    fields = [problem["field"] for problem in entry.get("problems", ())]
    came = entry.get("authorization") and not entry.get("word")
    return bool(came and entry["trigger"] == "natural" and "header.authorization" in fields)


def _asked_for(provider: Provider, entry: Entry, confidential: bool) -> str:
    """The outcome to ask for by header: of a call that is not sent as it came, and of one that met a rule,
    which may be used up."""
    operation, name = _operation(entry), str(entry["outcome"]).rpartition(".")[2]
    if operation == UNMATCHED or (operation, name) not in provider.outcomes:
        return ""
    if confidential and entry["trigger"] == "natural" and name == _plain(provider, operation).name:
        return ""
    return name if confidential or entry["trigger"] == "rule" or _credential_refused(entry) else ""


def _prefix(provider: Provider, request: Entry) -> str:
    """What keeps a path the provider's own where the Host header, which is not sent again, made it so."""
    host = host_name(request["headers"].get("host", ""))
    prefix = f"/{provider.name}"
    return prefix if Router([provider]).by_host(host) and not below(request["path"], prefix) else ""


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
        body=_sent_body(request, call),
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
    if not entry["request"]["body_base64"]:  # it was inflated
        came = {name: value for name, value in came.items() if name != "content-encoding"}
    left_out = _LEFT_OUT if call.authorization is not None else {*_LEFT_OUT, "authorization"}
    return [(name, value) for name, value in {**came, **stand_ins}.items() if name not in left_out]


def _sent_body(request: dict[str, Any], call: Call) -> bytes:
    if call.body is not None:
        return call.body.encode()
    text = request.get("body") or ""
    return base64.b64decode(text) if request.get("body_base64") else text.encode()
