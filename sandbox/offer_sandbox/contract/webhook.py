"""What a provider tells of its own accord: which change of a record, and in which words; sends nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from offer_sandbox.contract.outcome import Evidence
from offer_sandbox.world.collection import Document

if TYPE_CHECKING:  # schemas are the provider's; this floor stays with the standard library
    from marshmallow import Schema

BACKOFF = (10, 60, 300, 1800, 7200)


@dataclass(frozen=True, kw_only=True, eq=False)
class Webhook:
    """A kind of event.

    `told` says whether the change of a record of `collection` (its former self, None for a new one, and the
    present one) is told; `render` makes the JSON body of a record, with the workspace's switches; `body` is
    its schema. `headers` go along. `backoff` are the seconds on the workspace's clock between one failed try
    and the next; after the last it is given up.
    """

    topic: str
    collection: str
    summary: str
    evidence: Evidence
    source: str
    body: "Schema"
    told: Callable[[Document | None, Document], bool]
    render: Callable[[Document, Mapping[str, str | bool]], Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    backoff: tuple[int, ...] = BACKOFF
