"""The journal entry of an exchange, redacted, and the response headers that describe the exchange."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from offer_sandbox.contract import Fault, Provider, Request, RequestIssue, Response
from offer_sandbox.contract.http import HTML
from offer_sandbox.exchange.context import Exchange
from offer_sandbox.exchange.event import Event
from offer_sandbox.exchange.redaction import (
    body_without_secrets,
    bytes_with_secrets,
    header_without_secret,
    headers_without_secrets,
    parameter_without_secret,
    path_without_secrets,
    target_without_secrets,
    without_secrets,
)
from offer_sandbox.exchange.secret_names import REDACTED
from offer_sandbox.rules.decision import Decision, Verdict
from offer_sandbox.world.clock import print_instant, real_now
from offer_sandbox.world.journal import Entry
from offer_sandbox.world.json_codec import load
from offer_sandbox.world.world import Change

_MAX_REASON = 400
_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


def build_response(exchange: Exchange, plain: bool) -> Response:
    """Returns the response with the sandbox's headers, of which `plain` omits the explanatory ones. If the fault
    imitates a gateway, or if there is no result, the response is a gateway's 502 page."""
    made = _made(exchange)
    headers = [*made.headers, *(() if plain else _explaining(exchange))]
    if exchange.route.allow:
        headers.append(("Allow", ", ".join(exchange.route.allow)))
    if exchange.triggers.applied and exchange.trigger == "header":
        headers.append(("Preference-Applied", exchange.triggers.applied))
    made.headers = tuple(headers)
    return made


def problem_headers(id: str, workspace: str, detail: str) -> tuple[tuple[str, str], ...]:
    """Returns the headers of the sandbox's own error response, which has no outcome (and no workspace if none was
    found)."""
    return (
        ("X-Sandbox-Request-Id", id),
        *([("X-Sandbox-Workspace", workspace)] if workspace else []),
        _link(id),
        ("X-Sandbox-Reason", printable(detail)),
    )


def printable(text: str) -> str:
    """Returns the text as one line of ASCII for use in a header, at most 400 characters."""
    ascii_text = text.encode("ascii", "backslashreplace").decode("ascii")
    return "".join(sign if sign.isprintable() else " " for sign in ascii_text)[:_MAX_REASON]


def _made(exchange: Exchange) -> Response:
    result, fault = exchange.result, exchange.decision.fault
    if result is None or (fault is not None and not fault.traits.needs_socket):
        return Response(status=502, body=_GATEWAY, media_type=HTML)
    return result.response


def _explaining(exchange: Exchange) -> list[tuple[str, str]]:
    workspace = exchange.workspace
    headers = [
        ("X-Sandbox-Request-Id", exchange.id),
        *([("X-Sandbox-Workspace", workspace)] if workspace else []),
    ]
    if exchange.outcome is not None:
        headers.append(("X-Sandbox-Outcome", exchange.outcome))
    headers += [("X-Sandbox-Trigger", exchange.trigger), _link(exchange.id)]
    if exchange.reason:
        headers.append(("X-Sandbox-Reason", printable(exchange.reason)))
    headers += [("X-Sandbox-Notice", printable(notice)) for notice in exchange.notices]
    return headers


def _link(id: str) -> tuple[str, str]:
    return "Link", f'</__admin/requests/{id}>; rel="describedby"'


_UNANSWERED: Entry = {"status": None, "media_type": None, "headers": {}, "body": None}
_SCHEMES = ("basic", "bearer", "digest", "negotiate")
_MAX_BODY = 1_048_576  # the largest body that a call may have
_MAX_TEXT = 2_048
_MAX_PAIRS = 100
_MAX_CHANGES = 50
_MAX_SILENT = 30
_OVERHEAD, _CHANGE = 2_500, 2_000  # approximate bytes of an entry and of a changed record


class ExchangeRecord:
    """The stored data of a call to a provider: the request, the response bytes and the decision. The entry is
    built from it only when someone reads it."""

    __slots__ = (
        "_changes",
        "_clock",
        "_decision",
        "_events",
        "_headers",
        "_hidden",
        "_media_type",
        "_notes",
        "_payload",
        "_problems",
        "_result_outcome",
        "_word",
        "answered",
        "at",
        "confidential",
        "id",
        "milliseconds",
        "operation",
        "outcome",
        "provider",
        "reason",
        "request",
        "status",
        "trigger",
        "workspace",
    )

    def __init__(self, exchange: Exchange, response: Response, milliseconds: float) -> None:
        result, request = exchange.result, exchange.request
        request.__dict__.pop("_parsed", None)  # it is parsed again when needed
        self.at = real_now()
        self._clock = exchange.now
        self._decision = exchange.decision
        self._result_outcome = result and result.outcome
        self._problems = result.problems if result else ()
        self._notes = [*(result.notes if result else ()), *exchange.notes, *exchange.notices, *request.notes]
        self._events = exchange.events
        self._changes = exchange.changes
        self._hidden = exchange.provider
        self._word = exchange.identity.word
        self._headers = response.headers
        self._media_type = response.media_type
        self._payload = None if response.body is None else response.payload
        self.answered = exchange.answered
        self.confidential = exchange.route.operation.confidential
        self.id = exchange.id
        self.workspace = exchange.workspace
        self.provider: str | None = exchange.provider.name
        self.operation: str | None = exchange.operation
        self.outcome = exchange.outcome
        self.trigger: str | None = exchange.trigger
        self.reason = exchange.reason
        self.milliseconds = milliseconds
        self.request = request
        self.status = response.status

    @property
    def fault(self) -> Fault | None:
        """The fault of the connection, or None."""
        return self._decision.fault

    @property
    def size(self) -> int:
        """The approximate size of the entry in bytes."""
        return _OVERHEAD + len(self.request.body) + len(self._payload or b"") + _CHANGE * len(self._changes)

    def entry(self) -> Entry:
        """Returns the journal entry of the call."""
        outcome, decision = self._result_outcome, self._decision
        return {
            **_begun(self.id, self.at, self.workspace, self.provider),
            "clock": None if self._clock is None else print_instant(self._clock),
            "operation": self.operation,
            "outcome": self.outcome,
            "trigger": self.trigger,
            "reason": path_without_secrets(self.reason),
            "kind": outcome and outcome.kind,
            "evidence": outcome and outcome.evidence,
            "source": outcome and outcome.source,
            "problems": [_problem(problem) for problem in self._problems],
            "notes": [*self._notes, *_left_out(decision.verdicts)],
            "rules": _verdicts(decision.verdicts),
            "delay_ms": decision.delay_ms,
            "fault": _fault(decision),
            "events": [_event(event) for event in self._events],
            "changes": _changes(self._changes, self._hidden),
            "milliseconds": round(self.milliseconds, 3),
            "word": self._word,
            "authorization": _scheme(self.request),
            "request": request_of(
                self.request,
                self.confidential,
                of_stranger=not self.workspace,
                parsed=lambda: self.request.json,
            ),
            "response": self._response() if self.answered else _UNANSWERED,
        }

    def _response(self) -> Entry:
        body: Any = None
        if self.confidential:
            body = REDACTED
        elif self._payload is not None:
            body = self._payload.decode() if self._media_type == HTML else without_secrets(load(self._payload))
        return {
            "status": self.status,
            "media_type": self._media_type,
            "headers": headers_without_secrets(self._headers),
            "body": body,
        }


class RefusalRecord:
    """The stored data of a call that the sandbox itself refused. `provider` is None if no provider owns the
    path."""

    __slots__ = ("_response", "at", "id", "provider", "reason", "request", "status", "workspace")
    operation: str | None = None
    outcome: str | None = None
    trigger: str | None = None
    fault: Fault | None = None
    milliseconds: float | None = None
    answered = True

    def __init__(
        self, id: str, provider: str | None, workspace: str, request: Request, response: Response, detail: str
    ) -> None:
        self.at = real_now()
        self._response = response
        self.id = id
        self.provider = provider
        self.workspace = workspace
        self.reason = detail
        self.request = request
        self.status = response.status

    @property
    def size(self) -> int:
        """The approximate size of the entry in bytes."""
        return _OVERHEAD + len(self.request.body) + len(self._response.payload)

    def entry(self) -> Entry:
        """Returns the journal entry of the call."""
        return {
            **_begun(self.id, self.at, self.workspace, self.provider),
            "operation": None,
            "outcome": None,
            "trigger": None,
            "reason": path_without_secrets(self.reason),
            "clock": None,
            "kind": None,
            "problems": [],
            "notes": [],
            "rules": [],
            "fault": None,
            "events": [],
            "changes": [],
            "word": "",
            "authorization": _scheme(self.request),
            "request": request_of(self.request, confidential=False, of_stranger=not self.workspace),
            "response": {
                "status": self._response.status,
                "media_type": self._response.media_type,
                "headers": dict(self._response.headers),
                "body": self._response.body,
            },
        }


CallRecord = ExchangeRecord | RefusalRecord


def request_of(
    request: Request, confidential: bool, *, of_stranger: bool = False, parsed: Callable[[], Any] | None = None
) -> Entry:
    """Returns the request without its credentials. `cut` is true if any part is not stored completely. The body of
    an unauthenticated request (`of_stranger`) is not stored. `parsed` returns the body's JSON value, and is called
    only if the complete body is stored."""
    stored = b"" if of_stranger else request.body[:_MAX_BODY]
    body, as_base64 = (
        (REDACTED, False) if confidential else _body(stored, parsed if len(stored) == len(request.body) else None)
    )
    return {
        "method": request.method,
        "path": path_without_secrets(request.path)[:_MAX_TEXT],
        "query": [
            [name[:_MAX_TEXT], REDACTED if confidential else parameter_without_secret(name, value)[:_MAX_TEXT]]
            for name, value in request.query[:_MAX_PAIRS]
        ],
        "headers": _headers(request.headers),
        "body": body,
        "body_base64": as_base64,
        "cut": _cut(request) or len(stored) < len(request.body),
        "raw": _raw(request, confidential),
    }


def _raw(request: Request, confidential: bool) -> Entry | None:
    """Returns the target and the headers as received, without secrets and up to the limits."""
    if request.raw is None:
        return None
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw.headers[:_MAX_PAIRS]
    ]
    return {
        "target": target_without_secrets(request.raw.target.decode("latin-1"), confidential)[:_MAX_TEXT],
        "headers": [[name[:_MAX_TEXT], header_without_secret(name, value)[:_MAX_TEXT]] for name, value in headers],
    }


def _scheme(request: Request) -> str:
    """Returns the scheme of the credential, or an empty string if there is none. An unknown scheme is returned as
    `other`, because it may be the credential itself."""
    scheme = request.headers.get("authorization", "").partition(" ")[0]
    return scheme if scheme.lower() in _SCHEMES else "other" if scheme else ""


def _cut(request: Request) -> bool:
    """Returns whether any part of the request exceeds its limit, which makes it impossible to rebuild the
    request."""
    texts = [request.path, *request.headers, *request.headers.values()]
    texts += [text for pair in request.query for text in pair]
    return (
        request.too_large
        or len(request.body) > _MAX_BODY
        or max(len(request.headers), len(request.query)) > _MAX_PAIRS
        or max(map(len, texts)) > _MAX_TEXT
    )


def _begun(id: str, at: datetime, workspace: str, provider: str | None) -> Entry:
    return {"id": id, "at": print_instant(at), "workspace": workspace, "provider": provider}


def _verdicts(verdicts: Sequence[Verdict]) -> list[Entry]:
    """Returns the verdicts of all rules that fired, and of the first 30 that did not."""
    silent = [verdict["id"] for verdict in verdicts if verdict["verdict"] != "fired"]
    left_out = set(silent[_MAX_SILENT:])
    stored = [verdict for verdict in verdicts if verdict["id"] not in left_out]
    return [{name: value for name, value in verdict.items() if name != "stamp"} for verdict in stored]


def _left_out(verdicts: Sequence[Verdict]) -> list[str]:
    beyond = sum(verdict["verdict"] != "fired" for verdict in verdicts) - _MAX_SILENT
    return [f"{beyond} more rules did not fire"] if beyond > 0 else []


def _fault(decision: Decision) -> Entry | None:
    fault = decision.fault
    if fault is None:
        return None
    phase = "before" if decision.breaks_before else "after"
    return {"type": fault.type, "phase": phase, **({"milliseconds": fault.milliseconds} if fault.dribbles else {})}


def _changes(changes: Sequence[Change], own: Provider) -> list[Entry]:
    """Returns each changed record once, with its first and last versions, up to 50 records. Records of hidden
    collections, such as tokens, are left out."""
    hidden = {(own.name, kind.name) for kind in own.collections if not kind.visible}
    found: dict[tuple[str, str, str], Entry] = {}
    for change in [each for each in changes if (each.provider, each.collection) not in hidden]:
        place = (change.provider, change.collection, change.id)
        if place in found:
            found[place]["after"] = without_secrets(change.after)
        elif len(found) < _MAX_CHANGES:
            found[place] = {
                "provider": change.provider,
                "collection": change.collection,
                "id": change.id,
                "before": without_secrets(change.before),
                "after": without_secrets(change.after),
            }
    return list(found.values())


def _event(event: Event) -> Entry:
    return {
        "kind": event.kind,
        "id": event.id,
        "from": event.source,
        "to": event.target,
        "at": print_instant(event.at),
    }


def _problem(problem: RequestIssue) -> Entry:
    return {
        "outcome": problem.outcome,
        "field": problem.field,
        "reason": path_without_secrets(problem.reason),
        "parameters": without_secrets(dict(problem.parameters)),
    }


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    stored = headers_without_secrets(list(headers.items())[:_MAX_PAIRS])
    return {name[:_MAX_TEXT]: value[:_MAX_TEXT] for name, value in stored.items()}


def _body(body: bytes, parsed: Callable[[], Any] | None) -> tuple[str, bool]:
    """Returns the body and whether it is in base64. Text is returned without secrets. A body that is not text is
    returned in base64, or redacted if it mentions a secret."""
    try:
        return body_without_secrets(body.decode("utf-8"), parsed), False
    except UnicodeDecodeError as error:
        if len(body) == _MAX_BODY and error.start > len(body) - 4:  # cut in the middle of a character
            return body_without_secrets(body[: error.start].decode("utf-8")), False
    return (REDACTED, False) if bytes_with_secrets(body) else (base64.b64encode(body).decode("ascii"), True)
