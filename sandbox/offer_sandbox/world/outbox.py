"""Webhooks as a workspace keeps them: the events, what became of each, when the next try is due; sends none."""

from datetime import datetime, timedelta
from typing import Any

from offer_sandbox.world.clock import print_instant, real_now, to_ms
from offer_sandbox.world.collection import Collection, Document
from offer_sandbox.world.limits import demand_room
from offer_sandbox.world.rng import letters, seeded_rng
from offer_sandbox.world.store import Transaction, WorkspaceRow

PENDING, KEPT, DELIVERED, FAILED = "pending", "kept", "delivered", "failed"
OUTBOX = Collection(
    provider="sandbox",
    name="webhooks",
    key="id",
    columns={"over": lambda webhook: int(webhook["status"] != PENDING)},
    due=lambda webhook: webhook["due"],
    visible=False,
)
MAX_EVENTS = 1_000
LEASE_MS = 15_000  # longer than a try may take


def add(
    transaction: Transaction, row: WorkspaceRow, event: Document, url: str | None, at: datetime, max_records: int
) -> Document:
    """Puts an event into the workspace's outbox: pending where there is a `url` to send it to, else kept.

    `event` has `provider`, `topic`, `collection`, `record`, `headers`, `body` (text), `backoff` (seconds) and
    `redelivers` (the id of another one, or None). Beyond a thousand the oldest that are not pending make room.
    Raises LimitReached where the workspace has more than `max_records` then.
    """
    ordinal = transaction.next_ordinal(row.id, OUTBOX.table)
    webhook = {
        "id": f"wh_{letters(seeded_rng(row.seed, OUTBOX.table, ordinal), 12)}",
        **event,
        "at": print_instant(at),
        "url": url,
        "status": PENDING if url else KEPT,
        "attempts": [],
        "due": to_ms(at) if url else None,
        "claimed": None,
    }
    stored = transaction.put(row.id, OUTBOX, [webhook])
    beyond = max(transaction.count(row.id, OUTBOX, {}) - MAX_EVENTS, 0)
    for oldest in transaction.select(row.id, OUTBOX, {"over": 1}, beyond):
        stored -= transaction.delete(row.id, OUTBOX, oldest["id"])
    demand_room(stored, max_records)
    return webhook


def claimed(webhook: Document, url: str | None, headers: dict[str, str]) -> Document:
    """The webhook for a try with what is set now: no other tries for as long as that may take. Without a `url`
    it is kept after all."""
    if url is None:
        return {**webhook, "url": None, "status": KEPT, "due": None, "claimed": None}
    return {**webhook, "url": url, "headers": headers, "claimed": to_ms(real_now())}


def free_at(webhook: Document) -> int:
    """When (ms of wall time) the webhook may be tried: at once, unless somebody is at it, or was when it died."""
    return 0 if webhook["claimed"] is None else webhook["claimed"] + LEASE_MS


def released(webhook: Document) -> Document:
    """The webhook with nobody at it: the claim belongs to a process, and that is not on the way here."""
    return {**webhook, "claimed": None}


def attempted(webhook: Document, attempt: dict[str, Any], at: datetime) -> Document:
    """The webhook after a try at that instant: delivered by a status of 2xx, else due again, or failed for good.

    `attempt` has `status` (None without an answer), `error` and `milliseconds`.
    """
    attempts = [*webhook["attempts"], {"at": print_instant(at), **attempt}]
    after = {**webhook, "attempts": attempts, "due": None, "claimed": None}
    if attempt["status"] is not None and 200 <= attempt["status"] < 300:
        return {**after, "status": DELIVERED}
    if len(attempts) > len(webhook["backoff"]):
        return {**after, "status": FAILED}
    wait = timedelta(seconds=webhook["backoff"][len(attempts) - 1])
    return {**after, "due": to_ms(at + wait)}
