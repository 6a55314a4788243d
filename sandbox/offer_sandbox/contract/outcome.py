"""A documented result of an operation as data, and the outcomes that every provider has."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from offer_sandbox.contract.errors import RequestIssue

Kind = Literal["success", "state", "denial", "error", "infrastructure"]
Evidence = Literal["seed", "docs", "inferred"]


@dataclass(frozen=True)
class Minted:
    """Stands in a step for the id that a fresh workspace mints as the `ordinal`-th of a collection."""

    collection: str
    ordinal: int = 1


@dataclass(frozen=True, kw_only=True)
class Step:
    """One literal call that leads to an outcome; `path` is below the server's root (in pieces where a minted id
    is one of them), `body` JSON, text or None."""

    method: str
    path: str | tuple[str | Minted, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Magic:
    """Schema-valid request data that asks for the outcome: where it stands, and an example value."""

    field: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One documented result.

    `name` is the last part of its id. `problem` is what a forced answer of status >= 400 (or of kind
    `error`) is rendered from; None where the handler makes the answer. `document` is a printed sample
    that is answered as it stands (the outcome `documented`). `steps` lead to it in a fresh workspace.
    """

    operation: str
    name: str
    title: str
    kind: Kind
    status: int
    evidence: Evidence
    source: str
    problem: RequestIssue | None = None
    document: Any = None
    magic: Magic | None = None
    steps: tuple[Step, ...] = ()

    @property
    def immediate(self) -> bool:
        """Forced, it is answered at once: the body is not judged and nothing is stored."""
        return self.problem is not None or self.document is not None


UNMATCHED = "unmatched"  # stands for the operation of calls that are none of the documented ones
OURS = "no public page; the sandbox's own choice"
_LISTED = (
    ("unauthorized", "The credential is missing, wrong or expired", 401),
    ("forbidden", "The credential does not open this", 403),
    ("rate_limited", "Too many requests", 429),
    ("internal_error", "The provider has an internal error", 500),
    ("unavailable", "The service is temporarily unavailable", 503),
)
INFRASTRUCTURE = tuple(name for name, _, _ in _LISTED)
UNREADABLE = ("unsupported_media_type", "payload_too_large", "invalid_json")


def answered(
    operation: str,
    name: str,
    title: str,
    status: int,
    *steps: Step,
    source: str,
    kind: Kind = "success",
    evidence: Evidence = "docs",
    magic: Magic | None = None,
    document: Any = None,
) -> Outcome:
    """An outcome that answers what was asked for: by the handler, or with the `document` that a page prints."""
    return Outcome(
        operation=operation,
        name=name,
        title=title,
        kind=kind,
        status=status,
        evidence=evidence,
        source=source,
        magic=magic,
        document=document,
        steps=steps,
    )


def refusal(
    operation: str,
    name: str,
    title: str,
    status: int,
    *steps: Step,
    kind: Kind = "error",
    evidence: Evidence = "inferred",
    source: str = OURS,
    **parameters: str,
) -> Outcome:
    """An outcome that is rendered from a problem, the sandbox's own unless the evidence says otherwise.

    `parameters` are samples for the provider's message when the outcome is forced.
    """
    return Outcome(
        operation=operation,
        name=name,
        title=title,
        kind=kind,
        status=status,
        evidence=evidence,
        source=source,
        problem=RequestIssue(outcome=name, reason=title, parameters=parameters),
        steps=steps,
    )


def bare_status(operation: str, status: int) -> Outcome:
    """An outcome that nothing documents: a status which a rule asks for and the operation does not have."""
    return refusal(operation, f"status_{status}", f"The status {status}, asked for by a rule", status)


def unreadable(operation: str, plain: Step) -> list[Outcome]:
    """The refusals of a JSON body that cannot be read, for an operation's plain call; the dialect words them."""
    untyped = {name: value for name, value in plain.headers.items() if name.lower() != "content-type"}
    text = replace(plain, headers={**untyped, "Content-Type": "text/plain"}, body="plain text")
    return [
        refusal(operation, "unsupported_media_type", "The content type is not JSON", 415, text),
        refusal(operation, "payload_too_large", "The body is larger than the sandbox reads", 413),
        refusal(operation, "invalid_json", "The body is not a JSON object", 400, replace(plain, body="{not json")),
    ]


def infrastructure(operation: str, plain: Step, authorization: Callable[[str], str]) -> list[Outcome]:
    """The five for an operation: its plain call with the word in its credential, which is their magic.

    `authorization` gives the Authorization header whose credential ends in a word. That a provider answers
    so is documented nowhere; the dialect words it.
    """
    found = []
    for name, title, status in _LISTED:
        step = replace(plain, headers={**plain.headers, "Authorization": authorization(name)})
        outcome = refusal(operation, name, title, status, step, kind="infrastructure")
        found.append(replace(outcome, magic=Magic("header.authorization", authorization(name))))
    return found


def unmatched(nowhere: Step, call: Step, method: str, **parameters: str) -> list[Outcome]:
    """The outcomes of calls that are none of the documented ones: a path that nobody documents (`parameters` are
    samples for its message), another `method` on the path of a `call`, and OPTIONS on it."""
    asking = replace(call, method="OPTIONS")
    return [
        refusal(
            UNMATCHED,
            "not_found",
            "No such path",
            404,
            nowhere,
            kind="error",
            evidence="inferred",
            source=OURS,
            **parameters,
        ),
        refusal(UNMATCHED, "method_not_allowed", "Another method", 405, replace(call, method=method)),
        refusal(UNMATCHED, "options", "The methods of a path", 204, asking, kind="success"),
    ]


def plain_outcome(outcomes: Iterable[Outcome], operation: str) -> Outcome:
    """An operation's first outcome with steps; the last of these is its plain call."""
    return next(outcome for outcome in outcomes if outcome.operation == operation and outcome.steps)
