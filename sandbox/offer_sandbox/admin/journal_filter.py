"""The filter for journal entries: operation, outcome, status, trigger, rule, method, path and `match`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from offer_sandbox.admin.fields import BodySchema, DescribedValue, QueryInteger, QuerySchema
from offer_sandbox.admin.http import refused, wrong
from offer_sandbox.admin.json_schemas import CONDITION, MATCH
from offer_sandbox.admin.services import services
from offer_sandbox.contract import UNMATCHED
from offer_sandbox.exchange.replay import match_input_from_entry
from offer_sandbox.rules.decision import Trigger
from offer_sandbox.rules.match_budget import CALL_LIMIT, MatchBudget
from offer_sandbox.rules.matching import holds, misses
from offer_sandbox.rules.schema import TRIGGER_VALUES
from offer_sandbox.rules.validation import concerned, match_issues, operation_names
from offer_sandbox.schemas.fields import Integer, String, described, one_of, within
from offer_sandbox.world.journal import Entry

_SEARCH_LIMIT = 16 * CALL_LIMIT  # a search is carried out in slices
_STATUS = within(100, 599)
_TEXTS = {
    "operation": described(
        "Only calls of this operation (`ebay.findEligibleItems`), of all operations of a provider (`ebay.*`), or"
        " of any operation (`*`). Calls that match no operation are never selected.",
        example="ebay.*",
    ),
    "outcome": described(
        "Only calls with this outcome. The id must be complete.",
        example="ebay.sendOfferToInterestedBuyers.150008",
    ),
    "status": described("Only calls whose response has this HTTP status.", example=400),
    "trigger": described("Only calls whose outcome was decided by this.", values=TRIGGER_VALUES),
    "rule": described("Only calls for which the rule with this id fired.", example="rule_tzi4248o19"),
    "method": described("Only calls with this HTTP method, in upper or lower case.", example="POST"),
}


class FilterQuerySchema(QuerySchema):
    """A filter for exchanges. An exchange must meet every condition."""

    operation = String(metadata=_TEXTS["operation"])
    outcome = String(metadata=_TEXTS["outcome"])
    status = QueryInteger(validate=_STATUS, metadata=_TEXTS["status"])
    trigger = String(validate=one_of(*get_args(Trigger)), metadata=_TEXTS["trigger"])
    rule = String(metadata=_TEXTS["rule"])
    method = String(metadata=_TEXTS["method"])
    path = String(
        metadata=described("Only calls with this path.", example="/sell/negotiation/v1/find_eligible_items")
    )


class ExchangeFilterSchema(BodySchema):
    """A filter for exchanges. An exchange must meet every condition."""

    operation = String(allow_none=True, metadata=_TEXTS["operation"])
    outcome = String(metadata=_TEXTS["outcome"])
    status = Integer(validate=_STATUS, metadata=_TEXTS["status"])
    trigger = String(validate=one_of(*get_args(Trigger)), metadata=_TEXTS["trigger"])
    rule = String(metadata=_TEXTS["rule"])
    method = String(metadata=_TEXTS["method"])
    path = DescribedValue(
        metadata={
            **described(
                "Only calls whose path is this text, or meets these operators.", example={"regex": "^/sell"}
            ),
            "shape": CONDITION,
        }
    )
    match = DescribedValue(
        metadata={
            **described(
                "Conditions on the request by path, as in a rule. All of them must hold.",
                example={"body.offeredItems.*.listingId": "110000000001"},
            ),
            "shape": MATCH,
        }
    )


FILTERS = tuple(FilterQuerySchema().fields)


@dataclass(frozen=True, kw_only=True)
class JournalFilter:
    """The conditions that an exchange must meet. None means no condition. `operation` may be all operations of a
    provider (`ebay.*`) or all operations (`*`). `outcome` is a full id, and `rule` is the id of a rule that fired.
    `path` is a text or conditions, and `match` has the same form as in rules."""

    operation: str | None = None
    outcome: str | None = None
    status: int | None = None
    trigger: str | None = None
    rule: str | None = None
    method: str | None = None
    path: Any = None
    match: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "JournalFilter":
        """Returns the filter for a query or body, and ignores its other members. Raises ProblemDetailsError (422)
        for an unknown operation or outcome, and for invalid conditions."""
        own = {name: asked[name] for name in (*FILTERS, "match") if asked.get(name) is not None}
        if "operation" in own and not concerned(own["operation"], services().providers):
            known = operation_names(services().providers)
            raise wrong("operation", f"unknown operation {own['operation'][:80]!r}", *known)
        if "outcome" in own:
            _known_outcome(own["outcome"])
        if issues := match_issues({"match": own.get("match", {})}):
            raise refused(issues)
        path = own.get("path", "")
        if not isinstance(path, str | dict) or match_issues({"match": {"query.path": path}}):
            raise wrong("path", 'must be a string, or conditions such as {"regex": "^/api"}')
        return cls(**own)

    @property
    def everything(self) -> bool:
        """Whether the filter has no conditions."""
        return self == JournalFilter()

    def select(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yields the entries that meet the conditions. Raises ProblemDetailsError as `search` does."""
        return (entry for entry in self.search(entries) if entry is not None)

    def search(self, entries: Iterable[Entry]) -> Iterator[Entry | None]:
        """Yields each entry that meets the conditions, and None for each other one, so that the search can be
        interrupted. Raises ProblemDetailsError (422) if the conditions are too
        much work for one search."""
        budget = MatchBudget(_SEARCH_LIMIT)
        for entry in entries:
            yield entry if self._fits(entry, budget) else None
            if budget.spent:
                raise wrong("match", "is too much work for the exchanges in the journal (use a simpler condition)")

    def _fits(self, entry: Entry, budget: MatchBudget) -> bool:
        called, answered = entry["request"], entry["response"]
        return (
            (self.operation is None or _of_operation(entry, self.operation))
            and self.outcome in (None, entry["outcome"])
            and self.status in (None, answered["status"])
            and self.trigger in (None, entry["trigger"])
            and (self.rule is None or _fired(entry, self.rule))
            and (self.method is None or called["method"] == self.method.upper())
            and (self.path is None or holds(self.path, [called["path"]], text_only=True, budget=budget))
            and not (self.match and self._misses(entry, budget))
        )

    def _misses(self, entry: Entry, budget: MatchBudget) -> bool:
        return bool(misses(self.match, match_input_from_entry(entry, services().pipeline.router), budget))


def _known_outcome(id: str) -> None:
    """Raises ProblemDetailsError (422) for an outcome that no exchange can have."""
    owner, _, rest = id.partition(".")
    operation, _, name = rest.partition(".")
    provider = services().providers.get(owner)
    names = [last for of, last in provider.outcomes if of == operation] if provider else []
    bare = operation != UNMATCHED and re.fullmatch("status_[1-5][0-9]{2}", name)  # a rule can set it
    if not names or not (name in names or bare):
        known = [f"{owner}.{operation}.{each}" for each in names]
        raise wrong("outcome", f"unknown outcome {id[:120]!r} (expected a full id)", *known)


def _of_operation(entry: Entry, operation: str) -> bool:
    """Returns whether an exchange called the operation, or one that `ebay.*` or `*` covers. Calls of no operation,
    such as a preflight, are never included."""
    owner, _, name = operation.partition(".")
    provider, _, called = str(entry["operation"] or f".{UNMATCHED}").partition(".")
    return called != UNMATCHED and owner in ("*", provider) and name in ("", "*", called)


def _fired(entry: Entry, rule: str) -> bool:
    return any(verdict["id"] == rule and verdict["verdict"] == "fired" for verdict in entry["rules"])
