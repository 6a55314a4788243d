"""The armed rules of a workspace and their counters, as they are stored."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from offer_sandbox.rules.validation import complete
from offer_sandbox.world.clock import from_ms, parse_duration, print_instant, to_ms
from offer_sandbox.world.collection import Among, Collection, Document
from offer_sandbox.world.rng import letters, request_id, seeded_rng
from offer_sandbox.world.store import Transaction, WorkspaceRow
from offer_sandbox.world.world import clock_from_json

MAX_RULES_IN_WORKSPACE = 1_000
MAX_BYTES_IN_WORKSPACE = 4 * 1024 * 1024  # each call that a rule may concern reads the rules
RULES = Collection(
    provider="sandbox",
    name="rules",
    key="id",
    columns={"operation": lambda rule: str(rule["rule"]["operation"]), "scenario": lambda rule: rule["scenario"]},
    indexes=(("operation",), ("scenario",)),
    visible=False,
    cleared=False,
)


class TooManyRules(Exception):
    """The workspace has no room for another rule. The message is one sentence."""


def add_rule(
    transaction: Transaction, row: WorkspaceRow, rule: Mapping[str, Any], scenario: str | None = None
) -> Document:
    """Stores a valid rule as the newest one, with new counters. `scenario` is the scenario that it belongs to.
    Raises TooManyRules."""
    if transaction.count(row.id, RULES, {}) >= MAX_RULES_IN_WORKSPACE:
        raise TooManyRules(
            f"the workspace {row.name} already has {MAX_RULES_IN_WORKSPACE} rules, the maximum (delete some first)"
        )
    ordinal = transaction.next_ordinal(row.id, RULES.table)
    id = f"rule_{letters(seeded_rng(row.seed, RULES.table, ordinal), 10)}"
    return _store(transaction, row, id, rule, scenario)


def replace_rule(
    transaction: Transaction, row: WorkspaceRow, former: Document, rule: Mapping[str, Any]
) -> Document:
    """Replaces a rule. The new one has the id and the rank of the former one, and its counters start from zero.
    Raises TooManyRules."""
    return _store(transaction, row, former["id"], rule, former["scenario"])


def rules_for(transaction: Transaction, workspace: int, operation: str) -> list[Document]:
    """Returns the rules that concern an operation (`ebay.findEligibleItems`), newest first, with one query. Leaves
    out the rules for webhooks."""
    found = transaction.select(workspace, RULES, concerning(operation))
    return [stored for stored in reversed(found) if "webhook" not in stored["rule"]]


def webhook_rules_for(transaction: Transaction, workspace: int, topic: str) -> list[Document]:
    """Returns the rules for webhooks that concern a topic (`sibi.offer.updated`), newest first."""
    found = transaction.select(workspace, RULES, concerning(topic))
    return [stored for stored in reversed(found) if "webhook" in stored["rule"]]


@lru_cache(maxsize=1024)
def concerning(operation: str) -> dict[str, Any]:
    """Returns the filter for rules that concern an operation: its own, its provider's, and those for all."""
    return {"operation": Among((operation, f"{operation.partition('.')[0]}.*", "*"))}


def all_rules(transaction: Transaction, workspace: int) -> list[Document]:
    """Returns every rule of a workspace, newest first."""
    return transaction.select(workspace, RULES, {})[::-1]


def remove_rules_of(transaction: Transaction, workspace: int, scenario: str) -> None:
    """Deletes the rules that belong to a scenario."""
    for rule in transaction.select(workspace, RULES, {"scenario": scenario}):
        transaction.delete(workspace, RULES, rule["id"])


def save_hits(transaction: Transaction, workspace: int, rules: Sequence[Document]) -> None:
    """Stores rules whose counters have changed."""
    transaction.put(workspace, RULES, rules)


def restore_hits(transaction: Transaction, workspace: int, stamps: Mapping[str, str]) -> None:
    """Takes back one hit from each of these rules (id to stamp), unless the rule has been deleted or replaced."""
    for id, stamp in stamps.items():
        stored = transaction.get(workspace, RULES, id)
        if stored is not None and stored["stamp"] == stamp and stored["hits"]:
            transaction.put(workspace, RULES, [{**stored, "hits": stored["hits"] - 1}])


def expired(stored: Document, now: int) -> bool:
    """Returns whether a rule's time to live is over, by the workspace's clock (ms)."""
    return stored["expires"] is not None and now >= stored["expires"]


def shown(stored: Document, now: int) -> Document:
    """Returns a rule as the control API shows it: as it was written, with its defaults and its counters."""
    expires = stored["expires"]
    return {
        "id": stored["id"],
        **stored["rule"],
        "matched": stored["matched"],
        "hits": stored["hits"],
        "scenario": stored["scenario"],
        "expires_at": None if expires is None else print_instant(from_ms(expires)),
        "expired": expired(stored, now),
    }


def _store(
    transaction: Transaction, row: WorkspaceRow, id: str, rule: Mapping[str, Any], scenario: str | None
) -> Document:
    now = clock_from_json(row.clock).now()
    ttl = rule.get("ttl")
    stored = {
        "id": id,
        "stamp": request_id(),  # changes whenever the counters start from zero
        "rule": complete(rule),
        "matched": 0,
        "hits": 0,
        "scenario": scenario,
        "expires": None if ttl is None else to_ms(now + parse_duration(ttl, now)),
    }
    transaction.put(row.id, RULES, [stored])
    if transaction.stored_bytes(row.id, RULES) > MAX_BYTES_IN_WORKSPACE:
        raise TooManyRules(
            f"the rules of the workspace {row.name} would have more than {MAX_BYTES_IN_WORKSPACE >> 20} MiB, the"
            " maximum (delete some first, or use shorter conditions)"
        )
    return stored
