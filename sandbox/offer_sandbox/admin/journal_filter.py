"""Which exchanges the journal is asked for: by operation, outcome, status, trigger, rule, method, path and
`match`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from flask import request

from offer_sandbox.admin.http import json_object, reject_unknown_members, unprocessable
from offer_sandbox.admin.resources.rules import refused
from offer_sandbox.admin.services import services
from offer_sandbox.contract import UNMATCHED
from offer_sandbox.exchange.replay import match_input_from_entry
from offer_sandbox.rules.decision import Trigger
from offer_sandbox.rules.matching import holds, misses
from offer_sandbox.rules.validation import concerned, match_issues
from offer_sandbox.world.journal import Entry

FILTERS = ("operation", "outcome", "status", "trigger", "rule", "method", "path")
_TRIGGERS = get_args(Trigger)


@dataclass(frozen=True, kw_only=True)
class JournalFilter:
    """Exchanges for which all of this holds; None says nothing. `operation` may be all of a provider's (`ebay.*`)
    or all there are (`*`), `outcome` is a full id, `rule` the id of one that fired. `path` is a text or
    conditions, `match` as rules have it."""

    operation: str | None = None
    outcome: str | None = None
    status: int | None = None
    trigger: str | None = None
    rule: str | None = None
    method: str | None = None
    path: Any = None
    match: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_query(cls) -> "JournalFilter":
        """What the address of the current call asks for. Raises ProblemDetailsError (422)."""
        asked: dict[str, Any] = {name: request.args[name] for name in FILTERS if name in request.args}
        if "status" in asked and re.fullmatch("[0-9]{1,9}", asked["status"]):
            asked["status"] = int(asked["status"])
        return cls(**_sound(asked))

    @classmethod
    def of_body(cls) -> "JournalFilter":
        """What the body of the current call asks for. Raises ProblemDetailsError (422)."""
        body = json_object(allow_empty=True)
        reject_unknown_members(body, *FILTERS, "match")
        return cls(**_sound({name: value for name, value in body.items() if (name, value) != ("operation", None)}))

    @property
    def everything(self) -> bool:
        """Whether every exchange is asked for."""
        return self == JournalFilter()

    def select(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Those of the entries that are asked for."""
        return filter(self._fits, entries)

    def _fits(self, entry: Entry) -> bool:
        called, answered = entry["request"], entry["response"]
        return (
            (self.operation is None or _of_operation(entry, self.operation))
            and self.outcome in (None, entry["outcome"])
            and self.status in (None, answered["status"])
            and self.trigger in (None, entry["trigger"])
            and (self.rule is None or _fired(entry, self.rule))
            and (self.method is None or called["method"] == self.method.upper())
            and (self.path is None or holds(self.path, [called["path"]], text_only=True))
            and not (self.match and self._misses(entry))
        )

    def _misses(self, entry: Entry) -> bool:
        return bool(misses(self.match, match_input_from_entry(entry, services().pipeline.router)))


def _sound(asked: dict[str, Any]) -> dict[str, Any]:
    """What is asked for, if it can be. Raises ProblemDetailsError (422)."""
    for name in ("operation", "outcome", "trigger", "rule", "method"):
        if not isinstance(asked.get(name, ""), str):
            raise unprocessable(f"{name} is a text")
    if "operation" in asked and not concerned(asked["operation"], services().providers):
        raise unprocessable(f"there is no operation {asked['operation'][:80]!r}")
    if "outcome" in asked:
        _known_outcome(asked["outcome"])
    status = asked.get("status", 100)
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        raise unprocessable("status is a number from 100 to 599")
    if asked.get("trigger", "natural") not in _TRIGGERS:
        raise unprocessable(f"there is no trigger {asked['trigger'][:80]!r}", known=_TRIGGERS)
    if issues := match_issues({"match": asked.get("match", {})}):
        raise refused(issues)
    path = asked.get("path", "")
    if not isinstance(path, str | dict) or match_issues({"match": {"query.path": path}}):
        raise unprocessable('path is a text, or conditions such as {"regex": "^/api"}')
    return asked


def _known_outcome(id: str) -> None:
    """Refuses an outcome that no exchange can have. Raises ProblemDetailsError (422)."""
    owner, _, rest = id.partition(".")
    operation, _, name = rest.partition(".")
    provider = services().providers.get(owner)
    names = [last for of, last in provider.outcomes if of == operation] if provider else []
    bare = operation != UNMATCHED and re.fullmatch("status_[1-5][0-9]{2}", name)  # which a rule asked for
    if not names or not (name in names or bare):
        known = [f"{owner}.{operation}.{each}" for each in names]
        raise unprocessable(f"there is no outcome {id[:120]!r}; it is named by its full id", known=known)


def _of_operation(entry: Entry, operation: str) -> bool:
    """Whether an exchange was a call of the operation, or of one that `ebay.*` or `*` means: calls of none, such
    as a preflight, are no provider's operations."""
    owner, _, name = operation.partition(".")
    provider, _, called = str(entry["operation"] or f".{UNMATCHED}").partition(".")
    return called != UNMATCHED and owner in ("*", provider) and name in ("", "*", called)


def _fired(entry: Entry, rule: str) -> bool:
    return any(verdict["id"] == rule and verdict["verdict"] == "fired" for verdict in entry["rules"])
