"""Evaluates armed rules for a request: which of them fire, their combined decision, and their counters."""

from collections.abc import Mapping, Sequence
from typing import Any

from offer_sandbox.contract import Operation, Provider, bare_status
from offer_sandbox.contract.delivery import FAULTS, MAX_DELAY_MS, Fault
from offer_sandbox.rules.decision import Asked, Decision, Verdict
from offer_sandbox.rules.match_budget import MatchBudget
from offer_sandbox.rules.matching import MatchInput, Miss, misses
from offer_sandbox.rules.repository import expired, restore_hits, save_hits
from offer_sandbox.rules.validation import of_status
from offer_sandbox.world.clock import to_ms
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import Draw, noise, seeded_rng
from offer_sandbox.world.world import World

_NOISE_BYTES = 256
_MAX_TOLD = 3


class RuleMatcher:
    """Lists the reasons why a request does not match a rule. Computes them once per rule, on first use. The
    conditions of all rules share one budget."""

    def __init__(self, match_input: MatchInput) -> None:
        self._match_input = match_input
        self._budget = MatchBudget()
        self._found: dict[tuple[str, str], list[str]] = {}

    def because(self, stored: Document) -> list[str]:
        """Describes the first three conditions that do not hold. Empty for a rule that matches."""
        place = stored["id"], stored["stamp"]
        if place not in self._found:
            missed = misses(stored["rule"].get("match", {}), self._match_input, self._budget)
            self._found[place] = _reasons(missed, self._match_input)
        return self._found[place]

    def counts(self, stored: Document, now: int) -> bool:
        """Returns whether the request changes a counter of the rule, at an instant (ms)."""
        return not self.because(stored) and not expired(stored, now)


class Evaluation:
    """The combined effects of rules, which are added from newest to oldest. The newest rule with an outcome, delay
    or fault decides it. `moved` lists the stored rules whose counters changed."""

    def __init__(self, provider: Provider, operation: Operation, seed: int) -> None:
        self._provider = provider
        self._operation = operation.name
        self._seed = seed
        self._given: dict[str, Any] = {"mutate": (), "state": ()}
        self._verdicts: list[Verdict] = []
        self.moved: list[Document] = []

    @property
    def decision(self) -> Decision:
        """The decision that combines all rules added so far."""
        return Decision(verdicts=tuple(self._verdicts), **self._given)

    def add(self, stored: Document, matcher: RuleMatcher, now: int) -> None:
        """Evaluates one more rule, at an instant (ms)."""
        verdict = verdict_on(stored, matcher, self._seed, now)
        if verdict["verdict"] == "fired":
            taken = self._take(stored)
            if taken:
                stored = {**stored, "hits": stored["hits"] + 1}
            verdict = {**verdict, "gave": taken, **({} if taken else {"verdict": "overruled"})}
        if verdict["verdict"] not in ("expired", "not matched"):
            self.moved.append({**stored, "matched": stored["matched"] + 1})
        self._verdicts.append(verdict)

    def _take(self, stored: Document) -> list[str]:
        """Applies a rule's effects and returns their names. Skips an outcome, delay or fault if a newer rule has
        one, but always applies changes and records."""
        rule, given, draw = stored["rule"], self._given, _draw(stored, self._seed)
        before = rule["phase"] == "before"
        taken = []
        if "asked" not in given and ("outcome" in rule or "status" in rule):
            given["asked"] = self._asked(stored)
            taken.append("outcome")
        if "delay" in rule and "delay_after" not in given:
            milliseconds = drawn_delay(rule["delay"], draw)
            given["delay_before"], given["delay_after"] = (milliseconds, 0) if before else (0, milliseconds)
            taken.append("delay")
        if "fault" in rule and "fault" not in given:
            given["fault"], given["fault_before"] = made_fault(rule["fault"], draw), before
            taken.append("fault")
        if "mutate" in rule:
            given["mutate"] = tuple(dict.fromkeys((*given["mutate"], *rule["mutate"])))
            taken.append("mutate")
        if "state" in rule:
            given["state"] = (*given["state"], (stored["id"], rule["state"]))
            taken.append("state")
        return taken

    def _asked(self, stored: Document) -> Asked | None:
        name, status = stored["rule"].get("outcome"), stored["rule"].get("status")
        if name is not None:
            outcome = self._provider.outcomes.get((self._operation, name))
            if outcome is None:  # armed by a version of this program that had this outcome
                return None
        else:
            known = of_status(self._provider, self._operation, status)
            outcome = known or bare_status(self._operation, status)
        return Asked(outcome=outcome, trigger="rule", by=f"the rule {stored['id']}")


def evaluate(
    rules: Sequence[Document], matcher: RuleMatcher, provider: Provider, operation: Operation, seed: int, now: int
) -> Evaluation:
    """Evaluates the rules, newest first, at an instant (ms) in a workspace with this seed."""
    evaluation = Evaluation(provider, operation, seed)
    for stored in rules:
        evaluation.add(stored, matcher, now)
    return evaluation


def verdict_on(stored: Document, matcher: RuleMatcher, seed: int, now: int) -> Verdict:
    """Returns whether a rule fires on a call or a webhook at an instant (ms), and why not."""
    rule, about = stored["rule"], {"id": stored["id"], "operation": stored["rule"]["operation"]}
    if stored["scenario"]:
        about["scenario"] = stored["scenario"]
    if expired(stored, now):
        return {**about, "verdict": "expired"}
    if because := matcher.because(stored):
        return {**about, "verdict": "not matched", "because": because}
    turn = stored["matched"] + 1 - rule["skip"]
    if turn <= 0:
        return {
            **about,
            "verdict": "skipped",
            "because": [f"this is call {stored['matched'] + 1}, and the rule skips the first {rule['skip']}"],
        }
    if turn % rule["every"]:
        return {**about, "verdict": "skipped", "because": [f"the rule fires on one call in {rule['every']}"]}
    if rule.get("times") is not None and stored["hits"] >= rule["times"]:
        return {
            **about,
            "verdict": "used up",
            "because": [f"the rule has fired {rule['times']} of {rule['times']} times"],
        }
    chance = seeded_rng(seed, "rule", stored["id"], stored["matched"]).random()
    if chance >= rule["probability"]:
        return {**about, "verdict": "spared", "because": [f"by chance (probability: {rule['probability']})"]}
    return {**about, "verdict": "fired", "matched": stored["matched"], "stamp": stored["stamp"]}


def _reasons(missed: Sequence[Miss], match_input: MatchInput) -> list[str]:
    """Describes the first three conditions that did not hold, and counts the others."""
    told = [miss.text(hidden=match_input.hidden(miss.path)) for miss in missed[:_MAX_TOLD]]
    return [*told, f"and {len(missed) - _MAX_TOLD} more"] if len(missed) > _MAX_TOLD else told


def drawn_delay(delay: Mapping[str, Any], draw: Draw) -> int:
    """Returns a delay in milliseconds, from 0 to 600,000."""
    match delay["type"]:
        case "fixed":
            return int(delay["milliseconds"])
        case "uniform":
            return draw.randint(delay["lower"], delay["upper"])
    drawn = float(delay["median"]) * draw.lognormvariate(0, float(delay["sigma"]))
    return round(min(drawn, MAX_DELAY_MS))


def made_fault(fault: Mapping[str, Any], draw: Draw) -> Fault:
    """Returns the fault that a rule's object or a header's name describes, with random bytes if it is noisy."""
    random_bytes = noise(draw, _NOISE_BYTES) if FAULTS[fault["type"]].noisy else b""
    return Fault(**{**fault, "noise": random_bytes})


def _draw(stored: Document, seed: int) -> Draw:
    return seeded_rng(seed, "rule", stored["id"], "drawn", stored["matched"])


def decide(
    header: Decision,
    rules: Sequence[Document],
    matcher: RuleMatcher,
    provider: Provider,
    operation: Operation,
    world: World,
) -> Decision:
    """Returns the decision on a call: the delay and the fault from its headers, and the effects of rules. Stores
    the counters of rules that match in the world's transaction."""
    evaluation = evaluate(rules, matcher, provider, operation, world.row.seed, to_ms(world.now))
    save_hits(world.transaction, world.row.id, evaluation.moved)
    return header.over(evaluation.decision)


def withdraw(decision: Decision, world: World, lost: Sequence[str], why: str) -> Decision:
    """Returns the decision after the effects in `lost` turned out to be impossible, for the reason `why`. Takes
    back the hit of each rule that has no effect left."""
    after = decision.without(lost, why)
    in_vain = {verdict["id"]: verdict["stamp"] for verdict in after.verdicts if verdict["verdict"] == why}
    restore_hits(world.transaction, world.row.id, in_vain)
    return after
