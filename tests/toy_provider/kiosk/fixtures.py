"""Builds the kiosk's seeded world: one offer of each status."""

from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import seeded_rng


def build(seed: int) -> dict[str, list[Document]]:
    """An open and an expired offer, which no time moves."""
    amount = seeded_rng(seed, "kiosk", "fixtures").randrange(1, 1_000_000)
    return {
        "offers": [
            {"id": f"kiosk-{status}", "amount": amount, "status": status, "sandbox": {"due": None, "polls": None}}
            for status in ("open", "expired")
        ]
    }
