"""A page of a collection for list calls of any provider; renders nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from offer_sandbox.contract.operation import Call
from offer_sandbox.world.collection import Document


@dataclass(frozen=True, kw_only=True)
class Page:
    """`rows` of page `number` (from 1) out of `total` records; `outcome` is `success`, `empty` or `past_end`."""

    rows: Sequence[Document]
    number: int
    total: int
    outcome: str


def page(call: Call, collection: str, number: int, size: int, order: str | None = None, **where: Any) -> Page:
    """The page that a list call asks for, or the one that it is forced to: none of no records (`empty`), or
    one past the last (`past_end`)."""
    total = 0 if call.fate == "empty" else call.world.count(collection, **where)
    if call.fate == "past_end" and total:
        number = max(number, -(-total // size) + 1)
    offset = (number - 1) * size
    rows = call.world.select(collection, size, offset, order, **where) if offset < total else []
    outcome = "success" if rows else "past_end" if total else "empty"
    return Page(rows=rows, number=number, total=total, outcome=outcome)
