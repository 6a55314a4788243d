"""A journal entry as a request that can be made again, in the parts from which every export is made."""

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
DEMO_KEY = "sbx_demo"


@dataclass(frozen=True, kw_only=True)
class Call:
    """The information that is needed to make a call again and that the journal does not record.

    - `url`: the server's base URL without a slash at the end.
    - `authorization`: the Authorization header that replaces the redacted one. None (the default) if the call has
      none.
    - `query`, `body`: the replacements for redacted ones. None (the default) to use those of the entry.
    - `outcome`: the outcome to force with a header, because its cause cannot be sent again. Empty (the default) to
      force none.
    - `prefix`: the prefix for a path that only the Host header assigned to the provider. Empty by default.
    - `collections`: the names of the collections whose records can be restored through the control API. Empty by
      default.
    """

    url: str
    authorization: str | None = None
    query: Pairs | None = None
    body: str | None = None
    outcome: str = ""
    prefix: str = ""
    collections: tuple[str, ...] = ()


def call_for(provider: Provider, entry: Entry, url: str) -> Call:
    """Returns the Call for an entry, with information from the provider and the server's `url`."""
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
    """Returns the Authorization header with which a workspace makes an operation's call, or None if the call had
    none.

    `operation` is a name, which can be `unmatched`. `scheme` is the scheme of the header that the client sent.
    `word` is the infrastructure outcome that its credential asked for, or empty. If the scheme is the provider's,
    the key has the form that it has in the operation's plain call: raw, or in base64 with the other half of the
    credential.
    """
    if not scheme:
        return None
    key = _key(workspace, word)
    usual, _, value = _plain(provider, operation).steps[-1].headers.get("Authorization", "").partition(" ")
    return f"{scheme} {with_key(value, key) if usual.lower() == scheme.lower() else key}"


def _operation(entry: Entry) -> str:
    """Returns the operation's name. It is `unmatched` for an error of the sandbox itself, whose entry has no
    operation."""
    return str(entry["operation"] or UNMATCHED).rpartition(".")[2]


def _plain(provider: Provider, operation: str) -> Outcome:
    return plain_outcome(provider.parts.outcomes, operation)


def _key(workspace: str, word: str) -> str:
    return f"sbx_{workspace}.{word}" if word else f"sbx_{workspace}"


def with_key(value: str, key: str, former: str = DEMO_KEY) -> str:
    """Returns a credential with another key in place of the former one, raw or inside base64."""
    pair = from_base64(value)
    if not pair:
        return value.replace(former, key)
    return base64.b64encode(pair.replace(former, key).encode()).decode()


def _query(plain: Step, key: str) -> Pairs:
    address = plain.path if isinstance(plain.path, str) else ""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    return tuple((name, value.replace(DEMO_KEY, key)) for name, value in pairs)


def _body(plain: Step, key: str) -> str:
    return plain.body.replace(DEMO_KEY, key) if isinstance(plain.body, str) else ""


def _word_of_fault(entry: Entry) -> str:
    """Returns the magic word that causes the same error as a credential that was refused. Empty if there is
    none."""
    name = str(entry["outcome"]).rpartition(".")[2]
    return name if _credential_refused(entry) and name in INFRASTRUCTURE else ""


def _credential_refused(entry: Entry) -> bool:
    """Returns whether the call was refused because of the client's own credential. The new request has a valid
    one."""
    fields = [problem["field"] for problem in entry.get("problems", ())]
    came = entry.get("authorization") and not entry.get("word")
    return bool(came and entry["trigger"] == "natural" and "header.authorization" in fields)


def _asked_for(provider: Provider, entry: Entry, confidential: bool) -> str:
    """Returns the outcome to force with a header. This is needed for a call that is not sent unchanged, and for a
    call that matched a rule, which may be used up. Empty if the outcome need not be forced."""
    operation, name = _operation(entry), str(entry["outcome"]).rpartition(".")[2]
    if operation == UNMATCHED or (operation, name) not in provider.outcomes:
        return ""
    if confidential and entry["trigger"] == "natural" and name == _plain(provider, operation).name:
        return ""
    return name if confidential or entry["trigger"] == "rule" or _credential_refused(entry) else ""


def _prefix(provider: Provider, request: Entry) -> str:
    """Returns the prefix that assigns the path to the provider if only the Host header did, because that header is
    not sent again."""
    host = host_name(request["headers"].get("host", ""))
    prefix = f"/{provider.name}"
    return prefix if Router([provider]).by_host(host) and not below(request["path"], prefix) else ""


# Headers that belong to one connection or client, and redacted headers that have no replacement.
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
    """An HTTP request.

    - `method`: the HTTP method.
    - `target`: the path and query as percent-encoded ASCII.
    - `headers`: the names and values of the headers. A value has one character for each of its bytes, as in HTTP
      libraries.
    - `body`: the bytes of the body.
    """

    method: str
    target: str
    headers: Pairs
    body: bytes

    def brings(self, name: str) -> bool:
        """Returns whether there is a header with this name. The name must be in lower case."""
        return any(name == other.lower() for other, _ in self.headers)


def message(entry: Entry, call: Call) -> Message:
    """Returns the HTTP request for an entry of the journal."""
    request = entry["request"]
    return Message(
        method=request["method"],
        target=target(f"{call.prefix}{request['path']}", _pairs(request, call)),
        headers=tuple(_headers(entry, call)),
        body=_sent_body(request, call),
    )


def target(path: str, query: Pairs) -> str:
    """Returns a decoded path and query, encoded so that no client misreads any part of them."""
    encoded = "/".join(map(_segment, path.split("/")[1:]))
    if encoded.startswith("/"):  # clients read a second slash at the start as the start of a host, or drop it
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
    """Returns the headers that the client sent in their order, followed by those of the sandbox that the client
    did not send. Redacted values are replaced."""
    ours = {
        "authorization": call.authorization,
        "x-sandbox-outcome": call.outcome or None,
        "x-sandbox-workspace": entry["workspace"],
    }
    came = {name.lower(): value for name, value in entry["request"]["headers"].items()}
    if "x-sandbox-workspace" in came:  # an invalid workspace name has to be refused again
        del ours["x-sandbox-workspace"]
    stand_ins = {name: value for name, value in ours.items() if value is not None}
    if not entry["request"]["body_base64"]:  # the recorded body is decompressed
        came = {name: value for name, value in came.items() if name != "content-encoding"}
    left_out = _LEFT_OUT if call.authorization is not None else {*_LEFT_OUT, "authorization"}
    return [(name, value) for name, value in {**came, **stand_ins}.items() if name not in left_out]


def _sent_body(request: dict[str, Any], call: Call) -> bytes:
    if call.body is not None:
        return call.body.encode()
    text = request.get("body") or ""
    return base64.b64decode(text) if request.get("body_base64") else text.encode()
