"""What is wrong with a rule, a scenario or settings, each thing with its place; words what a schema found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from offer_sandbox.rules.schema import CLOCK, RULE, SCENARIO

Path = tuple[str | int, ...]
_SCHEMAS: Mapping[str, Any] = {
    "rule": RULE,
    "scenario": SCENARIO,
    "clock": CLOCK,
    "step": SCENARIO["properties"]["play"]["items"],
    **{f"rule.{name}": member for name, member in RULE["properties"].items()},
}
MOST_TOLD = 100
_MOST_UNEXPECTED = 20
_LONGEST = 300
_BOUNDS = {
    "maxLength": "has more than {} characters",
    "maxItems": "has more than {} items",
    "maxProperties": "has more than {} members",
}


@dataclass(frozen=True)
class Flaw:
    """`path` leads to the value (names and indexes), `text` says in words what is wrong with it; `known` are the
    words that would have been understood, where there is a list of them. An `advisory` one refuses nothing."""

    path: Path
    text: str
    known: tuple[str, ...] = ()
    advisory: bool = False

    def __str__(self) -> str:
        where = ".".join(map(str, self.path))
        return f"{where}: {self.text}" if where else self.text

    def below(self, *path: str | int) -> "Flaw":
        """The flaw as it is found further down in a larger whole."""
        return Flaw((*path, *self.path), self.text, self.known, self.advisory)


def fits(kind: str, value: Any) -> bool:
    """Whether the schema of that kind (`rule`, `scenario`, a part of them) accepts a value. Whoever looks into one
    asks this: `misfits` stops after a hundred, so that a part it does not name may be wrong all the same."""
    return bool(_compiled(kind).is_valid(value))


def misfits(kind: str, value: Any) -> list[Flaw]:
    """What the schema of that kind refuses, the first hundred, each once."""
    if fits(kind, value):
        return []
    found: dict[tuple[Path, str], Flaw] = {}
    for error in _compiled(kind).iter_errors(value):
        found.update({(flaw.path, flaw.text): flaw for flaw in _worded(_SCHEMAS[kind], error)})
        if len(found) >= MOST_TOLD:
            break
    return list(found.values())[:MOST_TOLD]


@cache
def _compiled(kind: str) -> Any:
    return jsonschema_rs.validator_for(_SCHEMAS[kind])


def _members(schema: Any, error: jsonschema_rs.ValidationError) -> tuple[str, ...]:
    """The words that the schema knows where the error is."""
    return tuple(_at(schema, error.schema_path[:-1]).get("properties", ()))


def _at(schema: Any, path: Sequence[str | int]) -> Any:
    """What stands there in the schema."""
    for step in path:
        schema = schema[step]
    return schema


def _shown(value: Any) -> str:
    return repr(value)[:80]


def _worded(schema: Any, error: jsonschema_rs.ValidationError) -> Iterator[Flaw]:
    path, rule = tuple(error.instance_path), error.schema_path[-1]
    kind: Any = error.kind
    if rule == "additionalProperties" and hasattr(kind, "unexpected"):
        for name in kind.unexpected[:_MOST_UNEXPECTED]:
            yield Flaw((*path, name), "is no word that is known here", _members(schema, error))
    elif rule == "required" and hasattr(kind, "property"):
        yield Flaw((*path, kind.property), "is missing")
    elif rule == "enum":
        yield Flaw(
            path, f"{_shown(error.instance)} is none of the words known here", tuple(map(str, kind.options))
        )
    elif rule in _BOUNDS:
        yield Flaw(path, _BOUNDS[str(rule)].format(_at(schema, error.schema_path)))
    elif rule == "pattern" and "propertyNames" not in error.schema_path:
        yield Flaw(path, f"{_shown(error.instance)} does not match {_at(schema, error.schema_path)}")
    elif rule == "not":
        if isinstance(error.instance, dict):  # what is no object has been found already
            yield Flaw(path, "outcome and status exclude each other")
    elif "propertyNames" in error.schema_path:
        yield Flaw(path, f"a name in it cannot be understood: {error.message[:_LONGEST]}")
    elif "dependentSchemas" in error.schema_path:
        yield Flaw(path, "only DRIBBLE takes milliseconds")
    else:
        yield Flaw(path, error.message[:_LONGEST])
