"""Which armed rules fire for a request and what they ask for; counts them, and carries nothing out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from offer_sandbox.contract.delivery import MAX_DELAY_MS, Fault
from offer_sandbox.rules.matching import MatchInput, Miss, misses
from offer_sandbox.rules.repository import expired
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, noise, seeded_rng

Verdict = dict[str, Any]
_NOISY = ("RANDOM_DATA_THEN_CLOSE", "MALFORMED_RESPONSE_CHUNK")
_NOISE_BYTES = 256
_MAX_TOLD = 3


@dataclass(kw_only=True)
class Evaluation:
    """What the rules that fired ask for, each from the newest that gives it.

    `outcome` is a name and `status` a number, at most one of them set, by the rule `outcome_by`. Delays are in
    milliseconds of wall time, before the call or after. `verdicts` tell of every rule that concerned the
    operation what became of it, `moved` are the stored rules whose counters changed.
    """

    outcome: str | None = None
    status: int | None = None
    outcome_by: str = ""
    delay_before: int = 0
    delay_after: int = 0
    fault: Fault | None = None
    fault_before: bool = False
    mutate: tuple[str, ...] = ()
    state: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    moved: list[Document] = field(default_factory=list)


def evaluate(rules: Sequence[Document], match_input: MatchInput, seed: int, now: int) -> Evaluation:
    """The verdict on every rule, newest first, at an instant (ms) of a workspace with that seed."""
    evaluation = Evaluation()
    taken_parts: set[str] = set()
    for stored in rules:
        verdict = _verdict(stored, match_input, seed, now)
        if verdict["verdict"] == "fired":
            taken = _take(stored, evaluation, taken_parts, _draw(stored, seed))
            if taken:
                stored = {**stored, "hits": stored["hits"] + 1}
            verdict = {**verdict, "gave": taken, **({} if taken else {"verdict": "overruled"})}
        if verdict["verdict"] not in ("expired", "not matched"):
            evaluation.moved.append({**stored, "matched": stored["matched"] + 1})
        evaluation.verdicts.append(verdict)
    return evaluation


def _verdict(stored: Document, match_input: MatchInput, seed: int, now: int) -> Verdict:
    rule, about = stored["rule"], {"id": stored["id"], "operation": stored["rule"]["operation"]}
    if stored["scenario"]:
        about["scenario"] = stored["scenario"]
    if expired(stored, now):
        return {**about, "verdict": "expired"}
    missed = misses(rule.get("match", {}), match_input)
    if missed:
        return {**about, "verdict": "not matched", "because": _reasons(missed, match_input)}
    turn = stored["matched"] + 1 - rule["skip"]
    if turn <= 0:
        return {
            **about,
            "verdict": "skipped",
            "because": [f"call {stored['matched'] + 1} of {rule['skip']} to skip"],
        }
    if turn % rule["every"]:
        return {**about, "verdict": "skipped", "because": [f"it fires on every call number {rule['every']} only"]}
    if rule.get("times") is not None and stored["hits"] >= rule["times"]:
        return {**about, "verdict": "used up", "because": [f"its times ({rule['times']}) are over"]}
    chance = seeded_rng(seed, "rule", stored["id"], stored["matched"]).random()
    if chance >= rule["probability"]:
        return {**about, "verdict": "spared", "because": [f"by its probability of {rule['probability']}"]}
    return {**about, "verdict": "fired", "matched": stored["matched"], "stamp": stored["stamp"]}


def _reasons(missed: Sequence[Miss], match_input: MatchInput) -> list[str]:
    """The first three conditions that did not hold."""
    told = [miss.text(hidden=match_input.hidden(miss.path)) for miss in missed[:_MAX_TOLD]]
    return [*told, f"and {len(missed) - _MAX_TOLD} more"] if len(missed) > _MAX_TOLD else told


def _take(stored: Document, evaluation: Evaluation, taken_parts: set[str], draw: Draw) -> list[str]:
    """What a rule gives: outcome, delay and fault unless a newer rule gave one, changes and records always."""
    rule = stored["rule"]
    before = rule["phase"] == "before"
    taken = []
    if "outcome" not in taken_parts and ("outcome" in rule or "status" in rule):
        evaluation.outcome, evaluation.status, evaluation.outcome_by = (
            rule.get("outcome"),
            rule.get("status"),
            stored["id"],
        )
        taken.append("outcome")
    if "delay" in rule and "delay" not in taken_parts:
        milliseconds = drawn_delay(rule["delay"], draw)
        evaluation.delay_before, evaluation.delay_after = (milliseconds, 0) if before else (0, milliseconds)
        taken.append("delay")
    if "fault" in rule and "fault" not in taken_parts:
        evaluation.fault, evaluation.fault_before = made_fault(rule["fault"], draw), before
        taken.append("fault")
    if "mutate" in rule:
        evaluation.mutate = tuple(dict.fromkeys((*evaluation.mutate, *rule["mutate"])))
        taken.append("mutate")
    if "state" in rule:
        evaluation.state.append((stored["id"], rule["state"]))
        taken.append("state")
    taken_parts.update(taken)
    return taken


def withdraw(verdicts: Sequence[Verdict], lost: Sequence[str], why: str) -> list[Verdict]:
    """The verdicts where some of what rules gave could not be given after all; a rule that has nothing left to
    give has not fired, but was in vain for the reason `why`."""
    found = []
    for verdict in verdicts:
        kept = [name for name in verdict.get("gave", ()) if name not in lost]
        if verdict["verdict"] == "fired" and kept != verdict["gave"]:
            verdict = {**verdict, "gave": kept, "verdict": "fired" if kept else why}
        found.append(verdict)
    return found


def drawn_delay(delay: Mapping[str, Any], draw: Draw) -> int:
    """Milliseconds, from 0 to 600,000."""
    match delay["type"]:
        case "fixed":
            return int(delay["milliseconds"])
        case "uniform":
            return draw.randint(delay["lower"], delay["upper"])
    drawn = float(delay["median"]) * draw.lognormvariate(0, float(delay["sigma"]))
    return round(min(drawn, MAX_DELAY_MS))


def made_fault(fault: Mapping[str, Any], draw: Draw) -> Fault:
    """The fault that a rule's object or a header's name means."""
    random_bytes = noise(draw, _NOISE_BYTES) if fault["type"] in _NOISY else b""
    return Fault(**{**fault, "noise": random_bytes})


def _draw(stored: Document, seed: int) -> Draw:
    return seeded_rng(seed, "rule", stored["id"], "drawn", stored["matched"])
