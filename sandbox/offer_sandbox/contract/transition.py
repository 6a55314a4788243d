"""One row of a state machine's table; applied by the exchange, read by clock events, console and docs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from offer_sandbox.world.collection import Document


def _always(_: Document) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A record of `collection` in state `source` goes to `target` when its due time comes.

    `apply` makes the new document from the old one and the instant of the change; `when` chooses between
    rows with the same source. The due time itself is the collection's.
    """

    collection: str
    source: str
    event: str
    target: str
    apply: Callable[[Document, datetime], Document]
    when: Callable[[Document], bool] = _always
