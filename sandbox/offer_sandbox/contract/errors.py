"""Errors of a call: the provider's own, and the sandbox's RFC 9457 problem documents."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Source = Literal["magic", "natural"]  # what led to a result that nobody asked for by a header or a rule


@dataclass(frozen=True, kw_only=True)
class RequestIssue:
    """One thing wrong with a call.

    `outcome` is the last part of the outcome's id. `field` says where (`body.offeredItems.0.price`,
    `header.authorization`, `query.limit`; empty for the call as a whole). `key` is the stable name of the
    broken rule (`required`, `type`, `one_of`, ...), empty where the outcome says it all. `reason` is one
    sentence for a person. `parameters` fill the provider's message. `source` is `magic` where a magic value asked
    for it.
    """

    outcome: str
    reason: str
    field: str = ""
    key: str = ""
    parameters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    source: Source = "natural"


class CallError(Exception):
    """The call is refused for these problems; nothing it did is kept."""

    def __init__(self, problems: Sequence[RequestIssue]) -> None:
        assert problems
        super().__init__(problems[0].reason)
        self.problems = tuple(problems)

    @classmethod
    def of(cls, outcome: str, reason: str, field: str = "", **parameters: str) -> "CallError":
        """A refusal for a single problem."""
        return cls([RequestIssue(outcome=outcome, reason=reason, field=field, parameters=parameters)])


MEDIA_TYPE = "application/problem+json"


class ProblemDetailsError(Exception):
    """A refusal by the sandbox itself: of a control call, an unknown trigger, a path nobody owns.

    `kind` is a stable word for programs, `extra` are further members of the document.
    """

    def __init__(self, status: int, kind: str, title: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """The JSON object that is answered."""
        return {
            "type": f"urn:offer-sandbox:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }
