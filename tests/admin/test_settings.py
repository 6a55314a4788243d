"""`/__admin/settings`: defaults, merging at the leaves, refusals."""

import pytest

from offer_sandbox.providers import providers
from running_server import Client


@pytest.fixture
def defaults(client: Client):
    """The settings of a workspace in which nothing was set."""
    return client.admin("GET", "/settings")


def test_defaults(defaults):
    """Those that the cards declare."""
    assert defaults["progressions"]["opendoor.evaluation"] == {"progression": "time", "seconds": 5}
    assert defaults["contracts"] == {"ebay": "1.1.0"}
    switches = {name: values[0] for each in providers().values() for name, values in each.switches.items()}
    assert defaults["switches"] == switches


def test_a_put_merges_at_the_leaves(client: Client, defaults):
    client.admin("PUT", "/settings", {"contracts": {"ebay": "1.1.2"}})
    changed = client.admin("PUT", "/settings", {"progressions": {"opendoor.evaluation": {"seconds": 90}}})
    assert changed["progressions"]["opendoor.evaluation"] == {"progression": "time", "seconds": 90}
    assert changed["contracts"] == {"ebay": "1.1.2"}
    assert client.admin("GET", "/settings") == changed
    manual = {"progressions": {"opendoor.evaluation": {"progression": "manual", "polls": 3}}}
    shown = client.admin("PUT", "/settings", manual)["progressions"]["opendoor.evaluation"]
    assert shown == {"progression": "manual", "polls": 3, "seconds": 90}, "what is not named stays"
    again = client.admin("PUT", "/settings", {"progressions": {"opendoor.evaluation": {"progression": "time"}}})
    assert again["progressions"]["opendoor.evaluation"]["seconds"] == 90
    client.admin("POST", "/reset", {"scope": ["settings"]})
    assert client.admin("GET", "/settings") == defaults


@pytest.mark.parametrize(
    "given",
    [
        {"unknown": {}},
        {"progressions": []},
        {"progressions": {"opendoor.unknown": {"progression": "immediate"}}},
        {"progressions": {"opendoor.evaluation": "fast"}},
        {"progressions": {"opendoor.evaluation": None}},
        {"progressions": {"opendoor.evaluation": {"progression": "fast"}}},
        {"progressions": {"opendoor.evaluation": {"progression": "time", "seconds": -1}}},
        {"progressions": {"opendoor.evaluation": {"progression": "time", "seconds": "5"}}},
        {"progressions": {"opendoor.evaluation": {"progression": "time", "seconds": True}}},
        {"progressions": {"opendoor.evaluation": {"progression": "time", "seconds": 10**12}}},
        {"progressions": {"opendoor.evaluation": {"progression": "manual", "polls": 1.5}}},
        {"progressions": {"opendoor.evaluation": {"progression": "time", "minutes": 5}}},
        {"contracts": {"ebay": "2.0"}},
        {"contracts": {"ebay": 1.1}},
        {"contracts": {"opendoor": "1.1.0"}},
        {"switches": {"nobody.nothing": True}},
        {"switches": 5},
        {"contracts": {"ebay": "1.1.2"}, "progressions": {"opendoor.evaluation": {"progression": "fast"}}},
    ],
)
def test_what_is_not_understood_changes_nothing(client: Client, defaults, given):
    answer = client.call("PUT", "/__admin/settings", json=given)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert client.admin("GET", "/settings") == defaults


def test_every_switch_can_be_turned(client: Client):
    for provider in providers().values():
        for name, values in provider.switches.items():
            for value in reversed(values):
                turned = client.admin("PUT", "/settings", {"switches": {name: value}})["switches"][name]
                assert (type(turned), turned) == (type(value), value)
            refused = client.call("PUT", "/__admin/settings", json={"switches": {name: "no such value"}})
            assert refused.status_code == 422
