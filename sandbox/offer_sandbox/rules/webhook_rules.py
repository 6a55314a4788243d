"""Evaluates the rules for webhooks: which fault a webhook gets."""

from dataclasses import dataclass
from typing import Any

from offer_sandbox.rules.evaluation import RuleMatcher, verdict_on
from offer_sandbox.rules.repository import save_hits, webhook_rules_for
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.world import World


@dataclass(frozen=True)
class _WebhookMatchInput:
    """The part of a webhook that conditions can read."""

    body: Any

    def part(self, name: str) -> Any:
        return self.body if name == "body" else None

    def hidden(self, _: str) -> bool:
        return False


@dataclass(frozen=True)
class WebhookFault:
    """A fault of a webhook: its name, the delay of `LATE` in seconds, and the id of the rule that gave it."""

    type: str
    seconds: int
    rule: str


_LATE_SECONDS = 60


def webhook_fault(world: World, topic: str, body: Any) -> WebhookFault | None:
    """Returns the fault that the newest matching rule gives a webhook of this topic (`sibi.offer.updated`), or
    None. Stores the counters of all matching rules."""
    found, moved = None, []
    matcher = RuleMatcher(_WebhookMatchInput(body))
    for stored in webhook_rules_for(world.transaction, world.row.id, topic):
        verdict = verdict_on(stored, matcher, world.row.seed, to_ms(world.now))["verdict"]
        if verdict in ("expired", "not matched"):
            continue
        hit = verdict == "fired" and found is None
        if hit:
            fault = stored["rule"]["webhook"]
            found = WebhookFault(fault["type"], fault.get("seconds", _LATE_SECONDS), stored["id"])
        moved.append({**stored, "matched": stored["matched"] + 1, "hits": stored["hits"] + hit})
    save_hits(world.transaction, world.row.id, moved)
    return found
