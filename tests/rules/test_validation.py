"""Scenarios and rules with any number of mistakes: each has its place, and no mistake hides another one's meaning."""

import json
import os
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offer_sandbox.providers import providers
from offer_sandbox.rules.scenario import scenario_issues
from offer_sandbox.rules.validation import MAX_ISSUES, rule_issues
from running_server import COMMAND, Client

KNOWN = providers()
JUNK = [None, True, 0, -1.5, "", "x", [], [0], {}, {"x": 0}]
RULE: dict[str, Any] = {
    "operation": "ebay.findEligibleItems",
    "match": {"query.limit": {"regex": "1"}},
    "outcome": "success",
    "delay": {"type": "uniform", "lower": 1, "upper": 2},
    "fault": {"type": "DRIBBLE", "milliseconds": 1},
    "state": {"estateprime.offers": [{"id": 9001}]},
    "ttl": "PT1M",
}
SCENARIO: dict[str, Any] = {
    "scenario": "x",
    "settings": {"progressions": {"opendoor.evaluation": {"progression": "time", "seconds": 5}}},
    "clock": {"mode": "frozen", "now": "2026-04-17T19:45:00Z"},
    "rules": [RULE],
    "play": [{"advance": "PT1S"}, {"call": "ebay.findEligibleItems", "expect": {"body": {"x": {"regex": "1"}}}}],
}
MANY = [0] * 150


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a value may be replaced: everywhere below the whole."""
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for name, item in pairs for place in places(item, (*path, name))]


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = replaced(value[path[0]], path[1:], junk)
    return copied


def test_the_whole_ones_are_sound():
    assert (scenario_issues(SCENARIO, KNOWN), rule_issues(RULE, KNOWN)) == ([], [])


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("path", places(SCENARIO), ids=lambda path: ".".join(map(str, path)))
def test_anything_anywhere_among_many_mistakes(path: tuple[Any, ...], junk: Any):
    """No value, wherever it is, ends in an exception: alone, and where a hundred mistakes come before it."""
    scenario = replaced(SCENARIO, path, junk)
    assert len(scenario_issues(scenario, KNOWN)) <= MAX_ISSUES
    for list_name in ("rules", "play"):
        listed = scenario[list_name]
        if isinstance(listed, list):
            assert len(scenario_issues({**scenario, list_name: MANY + listed}, KNOWN)) == MAX_ISSUES


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=5)
        | st.sampled_from(["PT1S", "*"]),
        lambda children: (
            st.lists(children, max_size=3)
            | st.dictionaries(
                st.sampled_from([*RULE, *SCENARIO, "advance", "call", "type", "x", "expect", "regex"]),
                children,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_nothing_ends_in_an_exception(value: Any):
    for whole in (value, {"scenario": "x", "play": [*MANY, value], "rules": [*MANY, value], "clock": value}):
        assert all(flaw.text for flaw in scenario_issues(whole, KNOWN))
    assert all(flaw.text for flaw in rule_issues(value, KNOWN))


@pytest.mark.parametrize("kind", ["application/json", "application/yaml"])
def test_many_malformed_steps_are_422_with_their_places(client: Client, kind: str):
    text = json.dumps({"scenario": "many", "play": [0] * 100})
    answer = client.call("PUT", "/__admin/scenarios/many", data=text, headers={"Content-Type": kind})
    assert answer.status_code == 422
    found = answer.json()["problems"]
    assert len(found) == 100
    key = "field" if kind == "application/json" else "column"
    assert len({each[key] for each in found}) == 100, "each step once, at its own place"


def test_in_a_file_each_step_has_one_line(tmp_path):
    file = tmp_path / "many.yaml"
    file.write_text("scenario: many\nplay:\n" + "  - 0\n" * 100)
    done = subprocess.run([*COMMAND, "validate", file], capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    assert (done.returncode, len(lines), done.stderr) == (1, 100, "")
    assert lines[50] == f'{file}:53:5: play.50: 0 is not of type "object"'
    served = subprocess.run(
        [*COMMAND, "serve", "--port", "0", "--scenario", file], capture_output=True, text=True, timeout=60
    )
    assert (served.returncode, served.stdout) == (2, "")
    assert served.stderr == f'offer-sandbox: {file}:3:5: play.0: 0 is not of type "object"\n'


def test_a_mistake_is_one_line_whatever_the_file_has_for_names(tmp_path):
    file = tmp_path / "odd.yaml"
    file.write_text('scenario: x\n"a\\nb\\e[2J\\L": 1\n"\U0001f600": 1\n', encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*COMMAND, "validate", file], capture_output=True, text=True, timeout=60, env=environment
    )
    first, second = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert first.startswith(f"{file}:2:1: a\\nb\\x1b[2J\\u2028: ")
    assert second.startswith(f"{file}:3:1: \\U0001f600: ")
