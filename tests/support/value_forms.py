"""Which forms of the values that a schema allows do occur in some documents: each value of an enumeration, null, absent, empty."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from marshmallow import Schema, fields, validate


@dataclass
class Forms:
    """The forms of every field, by its path such as `offers[].notes`: those that its schema allows, and those that were seen."""

    allowed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def missing(self) -> dict[str, set[str]]:
        """The allowed forms that were not seen."""
        gaps = {path: forms - self.seen[path] for path, forms in self.allowed.items()}
        return {path: gap for path, gap in gaps.items() if gap}

    def counts(self) -> tuple[int, int]:
        """How many of the allowed forms were seen, and how many there are."""
        total = sum(map(len, self.allowed.values()))
        return total - sum(map(len, self.missing().values())), total

    def of_schema(
        self, path: str, schema: Schema, documents: Iterable[Mapping[str, Any]], *, deep: bool = True
    ) -> None:
        """Notes the forms of objects that a marshmallow schema describes; of their own fields alone if not `deep`."""
        rows = list(documents)
        for name, each in schema.fields.items():
            if name == "sandbox":
                continue  # what the sandbox stores for itself
            if not each.required:
                self._note(
                    f"{path}.{name}", {"absent"}, {"absent"} if any(name not in row for row in rows) else set()
                )
            self._of_field(f"{path}.{name}", each, [row[name] for row in rows if name in row], deep)

    def _of_field(self, path: str, each: fields.Field[Any], values: list[Any], deep: bool) -> None:
        self._of_values(path, values, isinstance(each, fields.List), bool(each.allow_none), _choices(each))
        filled = [value for value in values if value is not None and value != ""]
        if not deep:
            return
        if isinstance(each, fields.List):
            items = [item for value in filled for item in value]
            if isinstance(each.inner, fields.Nested):
                self.of_schema(f"{path}[]", each.inner.schema, items)
            else:
                self._of_field(f"{path}[]", each.inner, items, deep)
        elif isinstance(each, fields.Nested):
            self.of_schema(path, each.schema, filled)

    def of_type(self, path: str, kind: GraphQLOutputType, values: Iterable[Any]) -> None:
        """Notes the forms of values that a GraphQL type describes."""
        rows = list(values)
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        choices = set(inner.values) if isinstance(inner, GraphQLEnumType) else set()
        if getattr(inner, "name", "") == "Boolean":
            choices = {"true", "false"}
        self._of_values(path, rows, isinstance(inner, GraphQLList), inner is kind, choices)
        filled = [row for row in rows if row is not None]
        if isinstance(inner, GraphQLList):
            self.of_type(f"{path}[]", inner.of_type, [item for row in filled for item in row])
        elif isinstance(inner, GraphQLObjectType):
            for name, each in inner.fields.items():
                self.of_type(f"{path}.{name}", each.type, [row[name] for row in filled])

    def _of_values(self, path: str, values: list[Any], is_list: bool, nullable: bool, choices: set[str]) -> None:
        allowed = {"empty", "single", "longer"} if is_list else choices or {"filled"}
        if nullable:
            allowed = allowed | {"null"}
        self._note(path, allowed, {_form(value, bool(choices)) for value in values})

    def _note(self, path: str, allowed: set[str], seen: set[str]) -> None:
        self.allowed[path] |= allowed
        self.seen[path] |= seen


def _choices(each: fields.Field[Any]) -> set[str]:
    if isinstance(each, fields.Boolean):
        return {"true", "false"}
    return {choice for rule in each.validators if isinstance(rule, validate.OneOf) for choice in rule.choices}


def _form(value: Any, named: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return ("empty", "single", "longer")[min(len(value), 2)]
    if isinstance(value, bool):
        return str(value).lower()
    return "empty" if value == "" else str(value) if named else "filled"
