"""The errors of a call: those of the provider, and the sandbox's own RFC 9457 problem documents."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Source = Literal["magic", "natural"]  # the cause of a result that neither a header nor a rule asked for


@dataclass(frozen=True, kw_only=True)
class RequestIssue:
    """One problem with a call.

    - `outcome`: the last part of the outcome's id.
    - `reason`: one sentence for a person.
    - `field`: the path of the field that has the problem, such as `body.offeredItems.0.price`,
      `header.authorization` or `query.limit`. Empty (the default) if the call as a whole has it.
    - `key`: the stable name of the broken rule, such as `required`, `type` or `one_of`. Empty (the default) if the
      outcome is specific enough.
    - `parameters`: values for the provider's message, by name. Empty by default.
    - `source`: `magic` if a magic value asked for the problem, otherwise `natural` (the default).
    """

    outcome: str
    reason: str
    field: str = ""
    key: str = ""
    parameters: Mapping[str, str] = dataclasses.field(default_factory=dict)
    source: Source = "natural"


class CallError(Exception):
    """Refuses the call because of these problems. Everything that the call stored is rolled back."""

    def __init__(self, problems: Sequence[RequestIssue]) -> None:
        assert problems
        super().__init__(problems[0].reason)
        self.problems = tuple(problems)

    @classmethod
    def of(cls, outcome: str, reason: str, field: str = "", **parameters: str) -> "CallError":
        """Returns the error for a single problem."""
        return cls([RequestIssue(outcome=outcome, reason=reason, field=field, parameters=parameters)])


MEDIA_TYPE = "application/problem+json"


class ProblemDetailsError(Exception):
    """An error of the sandbox itself, such as a rejected control call, an unknown trigger or a path that no
    provider owns.

    `kind` is a stable identifier for programs. `extra` holds further members of the problem document.
    """

    def __init__(self, status: int, kind: str, title: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.title = title
        self.detail = detail
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """Returns the JSON object that is the response body."""
        return {
            "type": f"urn:offer-sandbox:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }
