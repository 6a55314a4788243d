"""Matches requests against the `match` of a rule: paths, operators, and the reasons for a mismatch."""

import re
import reprlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from offer_sandbox.rules.match_budget import MatchBudget, TooMuchWork
from offer_sandbox.rules.patterns import Pattern, pattern

TEXT_ONLY = ("query", "path", "header")
_SPLIT = re.compile(r"(?<!\\)\.")
_NUMBERS = (int, float, Decimal)
_SHORT = reprlib.Repr()  # accepts its limits as arguments only since Python 3.12
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 2, 100, 100


class MatchInput(Protocol):
    """The parts of a request that conditions can read: `body` (JSON or form), `query`, `path`, `header` by name,
    `args` and `variables` of GraphQL, and `operationName`. A part that the request does not have is None."""

    def part(self, name: str) -> Any:
        """Returns the part with this name."""

    def hidden(self, path: str) -> bool:
        """Returns whether the value at a path is a secret that must not be shown."""


@dataclass(frozen=True)
class Miss:
    """A condition that does not hold: its path, the wanted value, and the value found (None if there is none).
    `why` is set if the values were not compared."""

    path: str
    wanted: Any
    found: Any
    why: str = ""

    def text(self, hidden: bool = False) -> str:
        """Describes the mismatch without a hidden value."""
        if self.why:
            return f"{self.path} {self.why}"
        there = "missing" if self.found is None else "another value" if hidden else _told(self.found)
        return f"{self.path} is {there}, expected {_SHORT.repr(self.wanted)}"


def _told(found: Any) -> str:
    """Describes a value briefly. Leaves out the contents of an object, because they may be secret."""
    items = found if isinstance(found, list) else [found]
    if any(isinstance(item, dict | list) for item in items):
        return "an object" if isinstance(found, dict) else "a list"
    return _SHORT.repr(found)


def misses(match: Mapping[str, Any], match_input: MatchInput, budget: MatchBudget | None = None) -> list[Miss]:
    """Returns the conditions that do not hold. Empty for a request that matches. A condition that costs more than
    the budget has does not hold."""
    budget = budget or MatchBudget()
    found = []
    for path, wanted in match.items():
        try:
            miss = _miss(path, wanted, match_input, budget)
        except TooMuchWork as error:
            miss = Miss(path, wanted, None, str(error))
        if miss is not None:
            found.append(miss)
    return found


def _miss(path: str, wanted: Any, match_input: MatchInput, budget: MatchBudget) -> Miss | None:
    budget.spend_on_values(1)
    values = list(_values(path, match_input, budget))
    text_only = path.partition(".")[0] in TEXT_ONLY
    if _holds(wanted, values, text_only, budget):
        return None
    return Miss(path, wanted, values[0] if len(values) == 1 else values or None)


def holds(
    wanted: Any, values: Sequence[Any], *, text_only: bool = False, budget: MatchBudget | None = None
) -> bool:
    """Returns whether one of the values meets the condition. A `*` in the path results in one value per item.
    `absent` holds if there is no value at all. `not` holds if there is a value and no value fits. A condition that
    costs more than the budget has does not hold."""
    try:
        return _holds(wanted, values, text_only, budget or MatchBudget())
    except TooMuchWork:
        return False


def _holds(wanted: Any, values: Sequence[Any], text_only: bool, budget: MatchBudget) -> bool:
    if not isinstance(wanted, dict):
        return any(_equal(wanted, value, text_only) for value in values)
    if "absent" in wanted or "present" in wanted:
        expected = wanted.get("present", True) and not wanted.get("absent", False)
        if bool(values) is not expected:
            return False
    if "not" in wanted and (not values or _holds(wanted["not"], values, text_only, budget)):
        return False
    others = {name: value for name, value in wanted.items() if name not in ("absent", "present", "not")}
    if not others:
        return True
    return any(
        all(_fits(name, other, value, text_only, budget) for name, other in others.items()) for value in values
    )


def reach(path: str, value: Any) -> Iterator[Any]:
    """Yields the values at a path. Dots separate names and indexes, `*` means every item of an array, and `\\.` is
    a dot in a name."""
    yield from _reach(keys(path), value, MatchBudget(sys.maxsize))


def keys(path: str) -> tuple[str, ...]:
    """Returns the names in a path."""
    return tuple(part.replace("\\.", ".") for part in _SPLIT.split(path))


def _values(path: str, match_input: MatchInput, budget: MatchBudget) -> Iterator[Any]:
    source, _, rest = path.partition(".")
    whole = match_input.part(source)
    if whole is None:
        return
    if not rest:
        yield whole
    elif source == "header":
        yield from _reach((rest.replace("\\.", ".").lower(),), whole, budget)
    elif source == "query":  # a query parameter may be repeated
        repeated = whole.get(rest.replace("\\.", "."), ())
        budget.spend_on_values(len(repeated))
        yield from repeated
    else:
        yield from _reach(keys(rest), whole, budget)


def _reach(names: tuple[str, ...], value: Any, budget: MatchBudget) -> Iterator[Any]:
    if not names:
        yield value
        return
    first, rest = names[0], names[1:]
    if isinstance(value, list):
        if first == "*":
            budget.spend_on_values(len(value))
            for item in value:
                yield from _reach(rest, item, budget)
        elif re.fullmatch("[0-9]{1,9}", first) and int(first) < len(value):
            yield from _reach(rest, value[int(first)], budget)
    elif isinstance(value, Mapping) and first in value:
        yield from _reach(rest, value[first], budget)


def _equal(wanted: Any, value: Any, text_only: bool) -> bool:
    if text_only:  # values in URLs and headers are always text
        return bool(_as_text(wanted) == value)
    if isinstance(wanted, bool) or isinstance(value, bool):
        return bool(wanted is value)
    if isinstance(value, float) or isinstance(wanted, float):  # GraphQL's numbers are floats, while ours are exact
        return _number(wanted) == _number(value) is not None
    return bool(wanted == value)


def _as_text(wanted: Any) -> str:
    return str(wanted).lower() if isinstance(wanted, bool) else str(wanted)


def _fits(operator: str, wanted: Any, value: Any, text_only: bool, budget: MatchBudget) -> bool:
    if operator == "regex":
        if not isinstance(value, str):
            return False
        compiled = _compiled(wanted, budget)
        budget.spend_on_pattern(compiled.size, value)
        return compiled.found_in(value)
    if operator == "one_of":
        budget.spend_on_values(len(wanted))
        return any(_equal(each, value, text_only) for each in wanted)
    number = _number(value)
    if number is None:
        return False
    return number < Decimal(str(wanted)) if operator == "lt" else number > Decimal(str(wanted))


def _compiled(text: str, budget: MatchBudget) -> Pattern:
    compilations = pattern.cache_info().misses
    compiled = pattern(text)
    if pattern.cache_info().misses > compilations:
        budget.spend_on_compilation(compiled.size)
    return compiled


def _number(value: Any) -> Decimal | None:
    """Returns a number, or None. Accepts numbers that a provider writes as text, such as eBay's prices."""
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        return Decimal(str(value))
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", value):
        return Decimal(value)
    return None
