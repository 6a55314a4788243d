"""Which rules fire and what they give: delays by their distributions, seeded; turns counted."""

import statistics

import pytest

from offer_sandbox.contract.delivery import FAULTS
from offer_sandbox.providers import providers
from offer_sandbox.rules.evaluation import Evaluation, RuleMatcher, drawn_delay, evaluate, made_fault
from offer_sandbox.rules.validation import complete
from offer_sandbox.world.rng import seeded_rng


class Anything:
    """A request without parts."""

    def part(self, _):
        return None

    def hidden(self, _):
        return False


def armed(id: str = "rule_a", matched: int = 0, hits: int = 0, expires=None, **rule):
    """A stored rule."""
    whole = complete({"operation": "ebay.findEligibleItems", **rule})
    return {
        "id": id,
        "stamp": "s",
        "rule": whole,
        "matched": matched,
        "hits": hits,
        "scenario": None,
        "expires": expires,
    }


def judged(rules, seed: int = 1, now: int = 0) -> Evaluation:
    """What stored rules ask for of a call of eBay's findEligibleItems."""
    ebay = providers()["ebay"]
    operation = ebay.operations["findEligibleItems"]
    return evaluate(rules, RuleMatcher(Anything()), ebay, operation, seed, now)


def drawn(delay: dict, number: int = 2_000) -> list[int]:
    """Many draws of a delay."""
    return [drawn_delay(delay, seeded_rng(1, "delay", n)) for n in range(number)]


def test_a_fixed_delay_is_what_it_says():
    assert set(drawn({"type": "fixed", "milliseconds": 800})) == {800}


def test_a_uniform_delay_stays_between_its_ends_and_reaches_both():
    found = drawn({"type": "uniform", "lower": 5, "upper": 9})
    assert set(found) == {5, 6, 7, 8, 9}


def test_a_lognormal_delay_has_its_median_and_its_tail():
    found = drawn({"type": "lognormal", "median": 200, "sigma": 0.5})
    assert 180 < statistics.median(found) < 220
    assert max(found) > 2 * 200 > 200 > min(found) > 0


def test_no_delay_is_longer_than_ten_minutes():
    assert max(drawn({"type": "lognormal", "median": 600_000, "sigma": 10})) == 600_000


def test_the_same_seed_draws_the_same():
    rule = armed(delay={"type": "uniform", "lower": 0, "upper": 600_000})
    runs = [judged([rule], seed).decision.delay_after for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_a_phase_says_whether_a_delay_comes_before_the_call():
    fixed = {"type": "fixed", "milliseconds": 5}
    assert judged([armed(delay=fixed)]).decision.delay_after == 5
    before = judged([armed(delay=fixed, phase="before", fault="HANG")]).decision
    assert (before.delay_before, before.delay_after, before.fault_before) == (5, 0, True)


@pytest.mark.parametrize("name", FAULTS)
def test_random_bytes_are_there_where_they_are_sent(name):
    fault = made_fault({"type": name}, seeded_rng(1, "fault"))
    assert bool(fault.noise) is (name in ("RANDOM_DATA_THEN_CLOSE", "MALFORMED_RESPONSE_CHUNK"))


def test_a_verdict_tells_why_a_rule_did_not_fire():
    rules = [
        armed("a", expires=5, status=500),
        armed("b", match={"body.x": 1}, status=500),
        armed("c", skip=1, status=500),
        armed("d", every=2, status=500),
        armed("e", hits=2, matched=2, times=2, status=500),
        armed("f", probability=0, status=500),
        armed("g", status=503),
        armed("h", status=500),
        armed("i", mutate=["reorder"]),
    ]
    fired = judged(rules, 1, 5)
    told = {verdict["id"]: verdict["verdict"] for verdict in fired.decision.verdicts}
    assert told == {
        "a": "expired",
        "b": "not matched",
        "c": "skipped",
        "d": "skipped",
        "e": "used up",
        "f": "spared",
        "g": "fired",
        "h": "overruled",
        "i": "fired",
    }
    assert fired.decision.asked is not None
    assert (fired.decision.asked.outcome.status, fired.decision.asked.by) == (503, "the rule g")
    assert {rule["id"]: (rule["matched"], rule["hits"]) for rule in fired.moved} == {
        "c": (1, 0),
        "d": (1, 0),
        "e": (3, 2),
        "f": (1, 0),
        "g": (1, 1),
        "h": (1, 0),
        "i": (1, 1),
    }
