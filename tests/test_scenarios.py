"""The ready scenarios: each is sound, plays as it says in a fresh workspace, needs what it sets, leaves no trace."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from catalog_steps import CATALOG
from offer_sandbox.providers import providers
from offer_sandbox.publish.player import Played, Player
from offer_sandbox.rules.scenario import read_scenario, ready, ready_names
from offer_sandbox.testing.client import call
from running_server import ROOT, Client, Server, run

FILES = sorted((ROOT / "scenarios").iterdir())
NAMES = ready_names()
SCENARIOS = {name: ready(name) or {} for name in NAMES}
WRITERS = ("covent", "ebay", "opendoor", "sibi")
ALL = (*WRITERS, "estateprime")
ENDED = ("expired", "EXPIRED", "OFFER_EXPIRED")


def player_at(url: str, workspace: str) -> Player:
    """A player whose calls go over HTTP."""
    return Player(partial(call, url), workspace)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Server]:
    """A server whose workspaces begin with another world: other ids, other draws."""
    started = Server("--seed", "20261122")
    yield started
    assert started.stop() == 0


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_sound_and_named_as_it_calls_itself(path):
    scenario, mistakes = read_scenario(path.read_bytes(), providers())
    assert mistakes == []
    assert scenario is not None
    assert path.name == f"{scenario['scenario']}.yaml"
    assert scenario["title"].strip(" .") == scenario["title"], "one plain sentence"
    assert scenario["play"]


@pytest.mark.parametrize("name", NAMES)
def test_it_plays_as_it_says_and_leaves_no_trace(name, client: Client):
    before = _standing(client)
    assert _amiss(player_at(client.url, client.workspace), SCENARIOS[name]) == []
    assert _standing(client) == before


@pytest.mark.parametrize("name", NAMES)
def test_it_plays_the_same_in_another_world(name, elsewhere: Server):
    assert _amiss(player_at(elsewhere.url, f"play-{name}"), SCENARIOS[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_play_notices_when_something_that_it_sets_is_missing(name, fresh: Callable[[], Client]):
    """Each rule and all settings are left out once. That an answer was late a play cannot tell; see below."""
    for left_out, scenario in _mutilated(SCENARIOS[name]):
        client = fresh()
        assert _amiss(player_at(client.url, client.workspace), scenario, ready=False), f"{left_out} is not needed"


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("-slow")])
def test_slow_ones_are_slow(name, client: Client):
    assert _amiss(player_at(client.url, client.workspace), SCENARIOS[name]) == []
    kept = client.admin("GET", "/requests")["requests"]
    assert any(entry["delay_ms"] for entry in kept)
    assert all(entry["delay_ms"] <= 300 for entry in kept), "a play is quick nevertheless"


@pytest.mark.parametrize(
    ("name", "collection", "made"),
    [
        ("covent-timeout-after-commit", "covent/offers", 2),
        ("covent-timeout-before-commit", "covent/offers", 1),
        ("opendoor-timeout-after-commit", "opendoor/offerRequests", 2),
        ("ebay-timeout-after-commit", "ebay/offers", 3),  # one for each buyer, once
        ("sibi-timeout-after-commit", "sibi/offers", 1),
        ("covent-flaky-network", "covent/offers", 1),
        ("ebay-flaky-network", "ebay/offers", 3),
        ("sibi-flaky-network", "sibi/offers", 1),
    ],
)
def test_what_a_lost_answer_or_call_leaves_behind(name, collection, made, client: Client):
    before = len(client.state(collection))
    assert _amiss(player_at(client.url, client.workspace), SCENARIOS[name]) == []
    assert len(client.state(collection)) == before + made


def test_webhooks_tell_of_the_upsells(client: Client):
    """The first two do; by the real clock, which comes back at the end, the offer has expired long ago."""
    assert _amiss(player_at(client.url, client.workspace), SCENARIOS["sibi-upsells"]) == []
    told = client.admin("GET", "/webhooks")["webhooks"]
    assert [event["topic"] for event in told] == ["offer.updated"] * len(told)
    bodies = [json.loads(event["request"]["body"]) for event in told]
    assert [body["data"]["status"] for body in bodies][:2] == ["generating_upsells", "awaiting_customer"]


def test_a_ready_one_can_be_played_as_a_file_too(server: Server):
    """A copy that somebody changed needs a name of its own, since the server has the ready one by that."""
    played = run("play", str(ROOT / "scenarios" / "ebay-token-expiry.yaml"), "--url", server.url)
    assert played.returncode == 0, played.stdout + played.stderr
    assert played.stdout.endswith("as expected\n")


def _slow(scenario: Any) -> bool:
    return any("delay" in rule for rule in scenario["rules"])


def _denied(scenario: Any) -> bool:
    """Some answer or event tells of an offer that was refused, not of a call that was wrong."""
    kinds = {(f"{e['provider']}.{e['operation']}", e["outcome"]): e["kind"] for e in CATALOG}
    expected = [(step["call"], str(step["expect"].get("outcome"))) for step in _calls(scenario)]
    refused = [pair for pair in expected if kinds.get(pair) == "denial"]
    return bool(refused) or any(outcome in ("rejected", "canceled") for _, outcome in expected)


def _expiring(scenario: Any) -> bool:
    events = [event for step in scenario["play"] for event in step.get("expect", {}).get("events", [])]
    return any(event.get("to") in ENDED for event in events)


def _every_error(scenario: Any) -> bool:
    """Every status of refusal that the provider has, but 405: a play calls by the documented methods."""
    owner = scenario["scenario"].partition("-")[0]
    has = {entry["status"] for entry in CATALOG if entry["provider"] == owner and entry["status"] >= 400}
    return has - {405} <= {step["expect"].get("status") for step in _calls(scenario)}


def _limited_and_recovered(scenario: Any) -> bool:
    limited = [step["expect"].get("status") == 429 for step in _calls(scenario)]
    retry = [step["expect"]["header"] for step in _calls(scenario) if "header" in step["expect"]]
    return any(limited) and any("Retry-After" in header for header in retry) and _recovers(scenario, limited)


def _flaky_and_recovered(scenario: Any) -> bool:
    faults = [step["expect"].get("fault") for step in _calls(scenario)]
    return len({*faults} - {None}) >= 2 and _recovers(scenario, [fault is not None for fault in faults])


def _recovers(scenario: Any, failed: list[bool]) -> bool:
    """Whether the operation that failed succeeds later, or that failures end before the play does."""
    calls = [step["call"] for step in _calls(scenario)]
    broken = {call for call, wrong in zip(calls, failed, strict=True) if wrong}
    fine = [call for call, wrong in list(zip(calls, failed, strict=True))[failed.index(True) :] if not wrong]
    return bool(broken & set(fine))


def _lost_after_commit(scenario: Any) -> bool:
    hangs = [rule for rule in scenario["rules"] if rule.get("fault") == "HANG"]
    return any(rule.get("phase", "after") == "after" for rule in hangs)


COVERAGE: list[tuple[str, tuple[str, ...], Callable[[Any], bool]]] = [
    ("denied", ALL, _denied),
    ("slow", ALL, _slow),
    ("expiry", WRITERS, _expiring),
    ("errors", ALL, _every_error),
    ("rate-limit", ALL, _limited_and_recovered),
    ("flaky-network", ALL, _flaky_and_recovered),
    ("timeout-after-commit", WRITERS, _lost_after_commit),
    ("timeout", ("estateprime",), _lost_after_commit),
    ("sync-row-inserted", ("estateprime",), lambda scenario: "state" in scenario["rules"][0]),
    ("sync-date-updated-moves", ("estateprime",), lambda scenario: "date_updated" in str(scenario["rules"])),
    ("sync-rate-limit-on-page-2", ("estateprime",), _limited_and_recovered),
    ("new-fields", ("sibi", "estateprime"), lambda scenario: "mutate" in scenario["rules"][0]),
    ("contract-1-1-2", ("ebay",), lambda scenario: scenario["settings"]["contracts"] == {"ebay": "1.1.2"}),
    ("webhook-duplicate", ("sibi",), lambda scenario: scenario["rules"][0]["webhook"] == "DUPLICATE"),
    ("webhook-late", ("sibi",), lambda scenario: scenario["rules"][0]["webhook"]["type"] == "LATE"),
    ("webhook-out-of-order", ("sibi",), lambda scenario: scenario["rules"][0]["webhook"] == "OUT_OF_ORDER"),
    ("webhook-wrong-signature", ("sibi",), lambda scenario: scenario["rules"][0]["webhook"] == "WRONG_SIGNATURE"),
    ("webhook-never", ("sibi",), lambda scenario: scenario["rules"][0]["webhook"] == "NEVER"),
    ("token-expiry", ("ebay",), lambda scenario: not scenario.get("rules")),
]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [(f"{owner}-{kind}", is_one) for kind, owners, is_one in COVERAGE for owner in owners],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_provider_has_every_kind(name, is_one):
    assert is_one(SCENARIOS[name])


def test_the_server_lists_them(client: Client):
    listed = {each["name"]: each for each in client.admin("GET", "/scenarios")["scenarios"]}
    assert tuple(listed) == NAMES
    assert len(NAMES) >= 25
    for name, each in listed.items():
        assert each["providers"] == [name.partition("-")[0]]
        assert (each["ready"], each["started"]) == (True, False)


def _calls(scenario: Any) -> list[Any]:
    return [{"expect": {}, **step} for step in scenario["play"] if "call" in step]


def _amiss(player: Player, scenario: Any, ready: bool = True) -> list[Played]:
    return [played for played in list(player.play(scenario, ready)) if played.amiss]


def _standing(client: Client) -> Any:
    """What a scenario may change and has to put back."""
    return (
        client.admin("GET", "/settings"),
        client.admin("GET", "/clock")["mode"],
        client.admin("GET", "/rules"),
        [each["name"] for each in client.admin("GET", "/scenarios")["scenarios"] if each["started"]],
    )


def _mutilated(scenario: Any) -> Iterator[tuple[str, Any]]:
    """The scenario under another name without one of its rules, or without its settings."""
    other = {**scenario, "scenario": "mutilated"}
    rules = scenario.get("rules", [])
    for index, rule in enumerate(rules):
        if "delay" not in rule and "query.page" not in rule.get("match", {}):  # a page is asked for in the body
            yield f"rule {index}", {**other, "rules": rules[:index] + rules[index + 1 :]}
    if "settings" in scenario and scenario["scenario"] != "opendoor-slow-then-denied":  # its 25 s hold the usual 5
        yield "settings", {name: value for name, value in other.items() if name != "settings"}


def test_a_play_tells_a_call_that_answers_otherwise(client: Client):
    scenario = {
        "scenario": "wrong",
        "play": [{"call": "sibi.getOffer", "expect": {"outcome": "expired", "status": 409}}],
    }
    played = _amiss(player_at(client.url, client.workspace), scenario, ready=False)
    assert [each.amiss for each in played] == [
        ("outcome is pending, expected expired", "status is 200, expected 409")
    ]


def test_an_empty_list_of_events_expects_that_nothing_happens(client: Client):
    scenario = {
        "scenario": "quiet",
        "clock": {"mode": "frozen", "now": "2026-04-17T19:45:00Z"},
        "play": [{"call": "sibi.createOffer"}, {"advance": "PT3S", "expect": {"events": []}}],
    }
    played = _amiss(player_at(client.url, client.workspace), scenario, ready=False)
    assert [each.amiss for each in played] == [("something happens, expected nothing",)]
