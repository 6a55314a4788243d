"""The documented results of an operation, and the outcomes that every provider has."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from offer_sandbox.contract.errors import RequestIssue

Kind = Literal["success", "state", "denial", "error", "infrastructure"]
Evidence = Literal["seed", "docs", "observed", "inferred"]


@dataclass(frozen=True)
class Minted:
    """A placeholder in a step for the id that a fresh workspace generates as the `ordinal`-th of a collection.
    `ordinal` counts from 1, the default."""

    collection: str
    ordinal: int = 1


@dataclass(frozen=True, kw_only=True)
class Step:
    """One literal call on the way to an outcome.

    - `method`: the HTTP method.
    - `path`: the path and query below the server's root. A tuple of pieces if one of them is a generated id.
    - `headers`: the header values by name. Empty by default.
    - `body`: a JSON value, text, or None (the default) for no body.
    """

    method: str
    path: str | tuple[str | Minted, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Magic:
    """Schema-valid request data that asks for an outcome: the path of the field, and an example value."""

    field: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One documented result of an operation.

    - `operation`: the name of the operation.
    - `name`: the last part of the outcome's id.
    - `title`: a short description.
    - `kind`: `success`, `state`, `denial`, `error` or `infrastructure`.
    - `status`: the HTTP status.
    - `evidence`: `seed` or `docs` if the result is documented, `observed` if a public issue or a customer's notes
      show it, `inferred` if it is a conclusion or the sandbox's own choice.
    - `source`: the place in the documentation or among the observations, or OURS.
    - `problem`: the sample problem from which a forced response is rendered, for a status of 400 or more or the
      kind `error`. None (the default) if the handler makes the response.
    - `document`: a sample that the documentation prints, returned unchanged (the outcome `documented`). None by
      default.
    - `magic`: the magic value that asks for the outcome. None by default.
    - `steps`: the calls that produce the outcome in a fresh workspace. Empty by default.
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
        """Whether the outcome, when it is forced, is returned immediately. The body is not validated and nothing
        is stored."""
        return self.problem is not None or self.document is not None


UNMATCHED = "unmatched"  # the operation's name for calls that match no documented operation
OURS = "no public page (the sandbox's own choice)"
_LISTED = (
    ("unauthorized", "The credential is missing, invalid or expired", 401),
    ("forbidden", "The credential does not allow this call", 403),
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
    """Returns an outcome whose response fulfils the request. The handler makes the response, or it is the
    `document` that a documentation page prints."""
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
    """Returns an outcome whose response is rendered from a problem. It is the sandbox's own choice unless
    `evidence` is set.

    `parameters` are sample values for the provider's message when the outcome is forced.
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
    """Returns an outcome that is not documented: a status that a rule asks for and the operation does not have."""
    return refusal(operation, f"status_{status}", f"The status {status}, set by a rule", status)


def unreadable(operation: str, plain: Step) -> list[Outcome]:
    """Returns the errors for a JSON body that cannot be read, made from an operation's plain call. The dialect
    renders their responses."""
    untyped = {name: value for name, value in plain.headers.items() if name.lower() != "content-type"}
    text = replace(plain, headers={**untyped, "Content-Type": "text/plain"}, body="plain text")
    return [
        refusal(operation, "unsupported_media_type", "The content type is not JSON", 415, text),
        refusal(operation, "payload_too_large", "The body is larger than 1 MiB", 413),
        refusal(operation, "invalid_json", "The body is not a JSON object", 400, replace(plain, body="{not json")),
    ]


def infrastructure(operation: str, plain: Step, authorization: Callable[[str], str]) -> list[Outcome]:
    """Returns the five infrastructure outcomes of an operation. The step of each is the operation's plain call,
    with the outcome's name as the magic word in its credential.

    `authorization` returns the Authorization header whose credential ends in a magic word. The documentation does
    not show that a provider responds like this. The dialect renders the responses.
    """
    found = []
    for name, title, status in _LISTED:
        step = replace(plain, headers={**plain.headers, "Authorization": authorization(name)})
        outcome = refusal(operation, name, title, status, step, kind="infrastructure")
        found.append(replace(outcome, magic=Magic("header.authorization", authorization(name))))
    return found


def unmatched(nowhere: Step, call: Step, method: str, **parameters: str) -> list[Outcome]:
    """Returns the outcomes of calls that match no operation. `nowhere` requests a path that is not documented, and
    `parameters` are sample values for the message of its error. The other two send another `method` and OPTIONS to
    the path of `call`."""
    asking = replace(call, method="OPTIONS")
    return [
        refusal(
            UNMATCHED,
            "not_found",
            "The path is not documented",
            404,
            nowhere,
            kind="error",
            evidence="inferred",
            source=OURS,
            **parameters,
        ),
        refusal(
            UNMATCHED,
            "method_not_allowed",
            "The path does not support the method",
            405,
            replace(call, method=method),
        ),
        refusal(UNMATCHED, "options", "The allowed methods of a path", 204, asking, kind="success"),
    ]


def plain_outcome(outcomes: Iterable[Outcome], operation: str) -> Outcome:
    """Returns an operation's first outcome with steps. The last of these steps is the operation's plain call."""
    return next(outcome for outcome in outcomes if outcome.operation == operation and outcome.steps)
