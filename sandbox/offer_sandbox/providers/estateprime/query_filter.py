"""Filters of the list call in the query, for clients that cannot send a body with GET (the sandbox's own)."""

import re
from collections.abc import Mapping
from typing import Any

from offer_sandbox.providers.estateprime.schemas import DateRange, OfferFilter
from offer_sandbox.schemas.fields import Boolean, Integer, Nested

_FIELDS = OfferFilter().fields
_ENDS = tuple(DateRange().fields)


def names(query: Mapping[str, str]) -> list[str]:
    """Returns the query parameters that are named like filters, except `page`."""
    return [name for name in query if name != "page" and _place(name)[0] in _FIELDS]


def read(query: Mapping[str, str]) -> dict[str, Any]:
    """Returns the filters in the query as the body has them. The ends of a range are `date_created[min]` or
    `date_created.min`, and an absent or empty end is open."""
    found: dict[str, Any] = {}
    for name in names(query):
        key, end = _place(name)
        if not end:
            found[key] = _value(_FIELDS[key], query[name])
        elif isinstance(_FIELDS[key], Nested) and end in _ENDS:
            found.setdefault(key, dict.fromkeys(_ENDS))[end] = query[name] or None
    return found


def _place(name: str) -> tuple[str, str]:
    """Returns the filter and, for a range, the end that a query parameter names."""
    fit = re.fullmatch(r"(\w+)(?:\[(\w+)\]|\.(\w+))?", name)
    return (fit[1], fit[2] or fit[3] or "") if fit else ("", "")


def _value(field: object, text: str) -> Any:
    """Returns the value that a text means for a field. An unreadable text stays a text, which is then refused."""
    if isinstance(field, Integer) and re.fullmatch("-?[0-9]{1,18}", text):
        return int(text)
    if isinstance(field, Boolean) and text in ("true", "false"):
        return text == "true"
    return text
