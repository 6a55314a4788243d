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
    """The page that a list call asks for, or the one that it is forced to: none of no records (`empty`), one
    past the last (`past_end`), the first where the asked one is past the last (`success`)."""
    total = 0 if call.fate == "empty" else call.world.count(collection, **where)
    pages = -(-total // size)
    if call.fate == "past_end":
        return Page(rows=(), number=max(number, pages + 1), total=total, outcome="past_end")
    if call.fate == "success" and number > pages:
        number = 1
    rows = call.world.select(collection, size, (number - 1) * size, order, **where) if number <= pages else []
    outcome = "success" if rows else "past_end" if total else "empty"
    return Page(rows=rows, number=number, total=total, outcome=outcome)
