"""What an exchange leaves behind: the headers that explain an answer, and its entry in the journal."""

from dataclasses import dataclass, replace
from typing import Any

from offer_sandbox.contract import Answer, Request
from offer_sandbox.exchange.arrival import Arrival
from offer_sandbox.exchange.identity import DEFAULT_WORKSPACE, Identity
from offer_sandbox.exchange.ruling import Ruling
from offer_sandbox.rules.directive import Directive
from offer_sandbox.world.clock import print_instant, real_now

_SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")
_REDACTED = "(redacted)"
_LONGEST_REASON = 400
_LONGEST_BODY = 65_536
_LONGEST_TEXT = 2_048
_MOST_PAIRS = 100


@dataclass(frozen=True)
class Exchanged:
    """A request with what was decided about it."""

    id: str
    request: Request
    arrival: Arrival
    identity: Identity
    ruling: Ruling

    @property
    def outcome(self) -> str:
        """The full id of the outcome."""
        outcome = self.ruling.outcome
        return f"{self.arrival.provider.name}.{outcome.operation}.{outcome.name}"


def answer(exchanged: Exchanged, directive: Directive) -> Answer:
    """The answer with the sandbox's headers on it."""
    ruling, made = exchanged.ruling, exchanged.ruling.answer
    headers = [
        *made.headers,
        ("X-Sandbox-Request-Id", exchanged.id),
        ("X-Sandbox-Workspace", exchanged.identity.workspace),
        ("X-Sandbox-Outcome", exchanged.outcome),
        ("X-Sandbox-Trigger", ruling.trigger),
        _link(exchanged.id),
    ]
    if ruling.reason:
        headers.append(("X-Sandbox-Reason", printable(ruling.reason)))
    if exchanged.arrival.allow:
        headers.append(("Allow", ", ".join(exchanged.arrival.allow)))
    if directive.applied and ruling.trigger == "header":
        headers.append(("Preference-Applied", directive.applied))
    return replace(made, headers=tuple(headers))


def complaint_headers(id: str, workspace: str, detail: str) -> tuple[tuple[str, str], ...]:
    """The sandbox's headers on its own refusal, which has no outcome (and no workspace where none was found)."""
    return (
        ("X-Sandbox-Request-Id", id),
        *([("X-Sandbox-Workspace", workspace)] if workspace else []),
        _link(id),
        ("X-Sandbox-Reason", printable(detail)),
    )


def complaint_entry(
    id: str, provider: str, workspace: str, request: Request, answer: Answer, detail: str
) -> dict[str, Any]:
    """The journal's entry for the sandbox's own refusal."""
    return {
        "id": id,
        "at": print_instant(real_now()),
        "workspace": workspace or DEFAULT_WORKSPACE,
        "provider": provider,
        "operation": None,
        "outcome": None,
        "trigger": None,
        "reason": detail,
        "request": {
            "method": request.method,
            "path": request.path[:_LONGEST_TEXT],
            "headers": _headers(request.headers),
        },
        "response": {"status": answer.status, "headers": dict(answer.headers), "body": answer.body},
    }


def printable(text: str) -> str:
    """One line of ASCII, at most 400 characters, fit for a header."""
    ascii_text = text.encode("ascii", "backslashreplace").decode("ascii")
    return "".join(sign if sign.isprintable() else " " for sign in ascii_text)[:_LONGEST_REASON]


def entry(exchanged: Exchanged, answer: Answer, seconds: float) -> dict[str, Any]:
    """The journal's entry: what came, what went, and why; credentials redacted."""
    request, ruling = exchanged.request, exchanged.ruling
    confidential = exchanged.arrival.operation.confidential
    return {
        "id": exchanged.id,
        "at": print_instant(real_now()),
        "workspace": exchanged.identity.workspace,
        "provider": exchanged.arrival.provider.name,
        "operation": f"{exchanged.arrival.provider.name}.{exchanged.arrival.operation.name}",
        "outcome": exchanged.outcome,
        "trigger": ruling.trigger,
        "reason": ruling.reason,
        "evidence": ruling.outcome.evidence,
        "source": ruling.outcome.source,
        "problems": [_problem(problem) for problem in ruling.problems],
        "notes": list(ruling.notes),
        "milliseconds": round(seconds * 1000, 3),
        "request": {
            "method": request.method,
            "path": request.path[:_LONGEST_TEXT],
            "query": [
                [name[:_LONGEST_TEXT], _REDACTED if confidential else value[:_LONGEST_TEXT]]
                for name, value in request.query[:_MOST_PAIRS]
            ],
            "headers": _headers(request.headers),
            "body": _REDACTED if confidential else _text(request.body),
        },
        "response": {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": _REDACTED if confidential else answer.body,
        },
    }


def size(exchanged: Exchanged, answer: Answer) -> int:
    """About how many bytes an entry takes: its texts as objects, and two kilobytes for the rest."""
    texts = [*exchanged.request.headers.values(), *(value for _, value in exchanged.request.query)]
    told = sum(min(len(text), _LONGEST_TEXT) for text in texts[: 2 * _MOST_PAIRS])
    return 2048 + told + 2 * min(len(exchanged.request.body), _LONGEST_BODY) + 4 * len(answer.payload)


def _link(id: str) -> tuple[str, str]:
    return "Link", f'</__admin/requests/{id}>; rel="describedby"'


def _problem(problem: Any) -> dict[str, Any]:
    return {
        "outcome": problem.outcome,
        "field": problem.field,
        "reason": problem.reason,
        "parameters": dict(problem.parameters),
    }


def _headers(headers: Any) -> dict[str, str]:
    kept = list(headers.items())[:_MOST_PAIRS]
    return {name: _REDACTED if name in _SECRET_HEADERS else value[:_LONGEST_TEXT] for name, value in kept}


def _text(body: bytes) -> str:
    return body[:_LONGEST_BODY].decode("utf-8", "replace")
