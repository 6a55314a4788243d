"""The webhooks that a workspace stores: each event, its delivery attempts and the time of the next attempt."""

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
    indexes=(("over",),),
    due=lambda webhook: webhook["due"],
    visible=False,
)
MAX_EVENTS = 1_000
LEASE_MS = 15_000  # longer than an attempt may take


def add(
    transaction: Transaction,
    row: WorkspaceRow,
    event: Document,
    url: str | None,
    at: datetime,
    max_records: int,
    *,
    delay: timedelta = timedelta(),
) -> Document:
    """Adds an event to the workspace's outbox: `pending` if there is a `url` to send it to, after a `delay`,
    otherwise `kept`.

    `event` has `provider`, `topic`, `collection`, `record`, `headers`, `body` (text), `backoff` (a list of
    seconds) and `redelivers` (the id of another event, or None). It has `fault` and `rule` if a rule gave it a
    fault. If there are more than a thousand events, the oldest that are not pending are deleted. Raises
    LimitReached if the workspace then has more than `max_records` records.
    """
    ordinal = transaction.next_ordinal(row.id, OUTBOX.table)
    webhook = {
        "id": f"wh_{letters(seeded_rng(row.seed, OUTBOX.table, ordinal), 12)}",
        **event,
        "at": print_instant(at),
        "url": url,
        "status": PENDING if url else KEPT,
        "attempts": [],
        "due": to_ms(at + delay) if url else None,
        "claimed": None,
    }
    stored = transaction.put(row.id, OUTBOX, [webhook])
    beyond = max(transaction.count(row.id, OUTBOX, {}) - MAX_EVENTS, 0)
    for oldest in transaction.select(row.id, OUTBOX, {"over": 1}, beyond):
        stored -= transaction.delete(row.id, OUTBOX, oldest["id"])
    demand_room(stored, max_records)
    return webhook


def send_after(transaction: Transaction, workspace: int, provider: str, fault: str, due: int) -> None:
    """Makes the pending webhooks of a provider with this fault due right after an instant (ms), unless they are
    due earlier."""
    for webhook in transaction.select(workspace, OUTBOX, {"over": 0}):
        held = webhook["provider"] == provider and webhook.get("fault") == fault and not webhook["attempts"]
        if held and webhook["due"] > due + 1:
            transaction.put(workspace, OUTBOX, [{**webhook, "due": due + 1}])


def claimed(webhook: Document, url: str | None, headers: dict[str, str]) -> Document:
    """Returns the webhook claimed for an attempt, with the current `url` and `headers`.

    No other process sends it for as long as an attempt may take. Without a `url` the webhook becomes `kept` and is
    not sent.
    """
    if url is None:
        return {**webhook, "url": None, "status": KEPT, "due": None, "claimed": None}
    return {**webhook, "url": url, "headers": headers, "claimed": to_ms(real_now())}


def free_at(webhook: Document) -> int:
    """Returns when (ms of real time) the webhook may be sent: immediately (0), or when its claim ends. A claim
    ends by itself, because the process that holds it may have died."""
    return 0 if webhook["claimed"] is None else webhook["claimed"] + LEASE_MS


def released(webhook: Document) -> Document:
    """Returns a snapshot's webhook without its claim, because the claiming process does not send this copy."""
    return {**webhook, "claimed": None}


def attempted(webhook: Document, attempt: dict[str, Any], at: datetime) -> Document:
    """Returns the webhook after an attempt at this time. A 2xx status makes it `delivered`. Otherwise it is due
    again, or `failed` permanently if no attempts are left.

    `attempt` has `status` (None without a response), `error` and `milliseconds`.
    """
    attempts = [*webhook["attempts"], {"at": print_instant(at), **attempt}]
    after = {**webhook, "attempts": attempts, "due": None, "claimed": None}
    if attempt["status"] is not None and 200 <= attempt["status"] < 300:
        return {**after, "status": DELIVERED}
    if len(attempts) > len(webhook["backoff"]):
        return {**after, "status": FAILED}
    wait = timedelta(seconds=webhook["backoff"][len(attempts) - 1])
    return {**after, "due": to_ms(at + wait)}
