"""The null of an optional field in a request, which is read as an absent field."""

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields

from offer_sandbox.schemas.fields import Nested, members


def without_optional_nulls(schema: Schema, value: Any, path: str) -> tuple[Any, list[str]]:
    """Returns a JSON value without the nulls of optional fields that do not allow null, and the paths of these
    fields. Returns the same object if it has none. Serialisers write such nulls for fields that are not set."""
    if not isinstance(value, dict):
        return value, []
    known = members(schema)
    kept: dict[str, Any] = {}
    found: list[str] = []
    for name, item in value.items():
        field = known.get(name)
        if item is None and field is not None and is_null_absent(field):
            found.append(f"{path}.{name}")
            continue
        kept[name], inner = _inside(field, item, f"{path}.{name}")
        found += inner
    return (kept, found) if found else (value, [])


def is_null_absent(field: fields.Field[Any]) -> bool:
    """Returns whether the null of a field is read as an absent field."""
    return not field.required and not field.allow_none


def nested_schemas(schema: Schema) -> Iterator[type[Schema]]:
    """Yields the class of a schema and of each schema in it."""
    yield type(schema)
    for field in schema.fields.values():
        inner = getattr(field, "inner", field)
        if isinstance(inner, Nested):
            yield from nested_schemas(inner.schema)


def _inside(field: fields.Field[Any] | None, value: Any, path: str) -> tuple[Any, list[str]]:
    """Returns the value of a field without the nulls inside it."""
    inner = getattr(field, "inner", field)
    if not isinstance(inner, Nested):
        return value, []
    if not isinstance(value, list):
        return without_optional_nulls(inner.schema, value, path)
    kept: list[Any] = []
    found: list[str] = []
    for index, item in enumerate(value):
        shown, paths = without_optional_nulls(inner.schema, item, f"{path}.{index}")
        kept.append(shown)
        found += paths
    return (kept, found) if found else (value, [])
