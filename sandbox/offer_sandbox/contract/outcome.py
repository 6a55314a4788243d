"""A documented result of an operation, as data: what it is, who documents it, how to get it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from offer_sandbox.contract.refusal import Problem

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
    problem: Problem | None = None
    document: Any = None
    magic: Magic | None = None
    steps: tuple[Step, ...] = ()

    @property
    def immediate(self) -> bool:
        """Forced, it is answered at once: the body is not judged and nothing is stored."""
        return self.problem is not None or self.document is not None
