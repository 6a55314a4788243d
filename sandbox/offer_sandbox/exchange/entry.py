"""An exchange as the journal keeps it: what came, what went, what was decided by what; credentials redacted."""

import base64
from collections.abc import Mapping, Sequence

from offer_sandbox.contract import Answer, Problem, Request
from offer_sandbox.exchange.record import Exchanged
from offer_sandbox.exchange.secrecy import (
    REDACTED,
    body_without_secrets,
    header_without_secret,
    secret_name,
)
from offer_sandbox.exchange.settling import Event
from offer_sandbox.rules.evaluation import Verdict
from offer_sandbox.world.clock import print_instant, real_now
from offer_sandbox.world.journal import Entry

_UNANSWERED: Entry = {"status": None, "media_type": None, "headers": {}, "body": None}
_SCHEMES = ("basic", "bearer", "digest", "negotiate")
_LONGEST_BODY = 1_048_576  # as much as a call may bring
_LONGEST_TEXT = 2_048
_MOST_PAIRS = 100
_MOST_CHANGES = 50
_MOST_SILENT = 30


def entry(exchanged: Exchanged, answer: Answer, milliseconds: float) -> Entry:
    """The entry of a call that a provider's exchange answered."""
    judged, ruling, confidential = (
        exchanged.judged,
        exchanged.judged.ruling,
        exchanged.arrival.operation.confidential,
    )
    now = judged.now
    return {
        **_begun(exchanged.id, exchanged.identity.workspace, exchanged.arrival.provider.name),
        "clock": None if now is None else print_instant(now),
        "operation": exchanged.operation,
        "outcome": exchanged.outcome,
        "trigger": exchanged.trigger,
        "reason": exchanged.reason,
        "kind": ruling and ruling.outcome.kind,
        "evidence": ruling and ruling.outcome.evidence,
        "source": ruling and ruling.outcome.source,
        "problems": [_problem(problem) for problem in ruling.problems] if ruling else [],
        "notes": [*(ruling.notes if ruling else ()), *judged.told, *_left_out(judged.orders.verdicts)],
        "rules": _verdicts(judged.orders.verdicts),
        "delay_ms": judged.orders.delay_before + judged.orders.delay_after,
        "fault": _fault(exchanged),
        "events": [_event(event) for event in judged.events],
        "changes": _changes(exchanged),
        "milliseconds": round(milliseconds, 3),
        "word": exchanged.identity.word,
        "authorization": _scheme(exchanged.request),
        "request": request_of(exchanged.request, confidential, of_stranger=not exchanged.identity.workspace),
        "response": response_of(answer, confidential) if exchanged.answered else _UNANSWERED,
    }


def complaint_entry(
    id: str, provider: str | None, workspace: str, request: Request, answer: Answer, detail: str
) -> Entry:
    """The entry of a call that the sandbox itself refused; `provider` is None where nobody owns the path."""
    return {
        **_begun(id, workspace, provider),
        "operation": None,
        "outcome": None,
        "trigger": None,
        "reason": detail,
        "clock": None,
        "kind": None,
        "problems": [],
        "notes": [],
        "rules": [],
        "fault": None,
        "events": [],
        "changes": [],
        "word": "",
        "authorization": _scheme(request),
        "request": request_of(request, confidential=False, of_stranger=not workspace),
        "response": response_of(answer, confidential=False),
    }


def request_of(request: Request, confidential: bool, *, of_stranger: bool = False) -> Entry:
    """A request without its credentials; `cut` tells that the body was longer than what is kept of it. Of a
    stranger's nothing is."""
    kept = b"" if of_stranger else request.body[:_LONGEST_BODY]
    body, as_base64 = (REDACTED, False) if confidential else _body(kept)
    return {
        "method": request.method,
        "path": request.path[:_LONGEST_TEXT],
        "query": [
            [name[:_LONGEST_TEXT], REDACTED if confidential or secret_name(name) else value[:_LONGEST_TEXT]]
            for name, value in request.query[:_MOST_PAIRS]
        ],
        "headers": _headers(request.headers),
        "body": body,
        "body_base64": as_base64,
        "cut": _cut(request) or len(kept) < len(request.body),
    }


def response_of(answer: Answer, confidential: bool) -> Entry:
    """An answer, of a page its HTML."""
    return {
        "status": answer.status,
        "media_type": answer.media_type,
        "headers": dict(answer.headers),
        "body": REDACTED if confidential else answer.body,
    }


def _scheme(request: Request) -> str:
    """The scheme of the credential that came, `other` for an unknown one (it may be the credential itself), empty
    where none came."""
    scheme = request.headers.get("authorization", "").partition(" ")[0]
    return scheme if scheme.lower() in _SCHEMES else "other" if scheme else ""


def _cut(request: Request) -> bool:
    """Whether something of the request is longer than what is kept of it, so that it cannot be made again."""
    texts = [request.path, *request.headers, *request.headers.values()]
    texts += [text for pair in request.query for text in pair]
    return (
        request.too_large
        or len(request.body) > _LONGEST_BODY
        or max(len(request.headers), len(request.query)) > _MOST_PAIRS
        or max(map(len, texts)) > _LONGEST_TEXT
    )


def _begun(id: str, workspace: str, provider: str | None) -> Entry:
    return {"id": id, "at": print_instant(real_now()), "workspace": workspace, "provider": provider}


def _verdicts(verdicts: Sequence[Verdict]) -> list[Entry]:
    """What became of the rules: of all that fired, and of the first thirty that did not."""
    silent = [verdict["id"] for verdict in verdicts if verdict["verdict"] != "fired"]
    left_out = set(silent[_MOST_SILENT:])
    kept = [verdict for verdict in verdicts if verdict["id"] not in left_out]
    return [{name: value for name, value in verdict.items() if name != "stamp"} for verdict in kept]


def _left_out(verdicts: Sequence[Verdict]) -> list[str]:
    beyond = sum(verdict["verdict"] != "fired" for verdict in verdicts) - _MOST_SILENT
    return [f"{beyond} more rules did not fire"] if beyond > 0 else []


def _fault(exchanged: Exchanged) -> Entry | None:
    fault = exchanged.judged.orders.fault
    if fault is None:
        return None
    phase = "before" if exchanged.judged.orders.breaks_before else "after"
    return {"type": fault.type, "phase": phase, **({"milliseconds": fault.milliseconds} if fault.dribbles else {})}


def _changes(exchanged: Exchanged) -> list[Entry]:
    """Each changed record once, with its first and its last self; the fifty first. Tokens and their like are left
    out."""
    own = exchanged.arrival.provider
    hidden = {(own.name, kind.name) for kind in own.collections if not kind.visible}
    found: dict[tuple[str, str, str], Entry] = {}
    for change in [each for each in exchanged.judged.changes if (each.provider, each.collection) not in hidden]:
        place = (change.provider, change.collection, change.id)
        if place in found:
            found[place]["after"] = change.after
        elif len(found) < _MOST_CHANGES:
            found[place] = {
                "provider": change.provider,
                "collection": change.collection,
                "id": change.id,
                "before": change.before,
                "after": change.after,
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


def _problem(problem: Problem) -> Entry:
    return {
        "outcome": problem.outcome,
        "field": problem.field,
        "reason": problem.reason,
        "parameters": dict(problem.parameters),
    }


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    kept = list(headers.items())[:_MOST_PAIRS]
    return {name[:_LONGEST_TEXT]: header_without_secret(name, value[:_LONGEST_TEXT]) for name, value in kept}


def _body(body: bytes) -> tuple[str, bool]:
    """The body as text without secrets, or in base64 where it is none (and speaks of none)."""
    try:
        return body_without_secrets(body.decode("utf-8")), False
    except UnicodeDecodeError as error:
        if len(body) == _LONGEST_BODY and error.start > len(body) - 4:  # cut in the middle of a character
            return body_without_secrets(body[: error.start].decode("utf-8")), False
    told = body_without_secrets(body.decode("latin-1"))
    return (REDACTED, False) if told == REDACTED else (base64.b64encode(body).decode("ascii"), True)
