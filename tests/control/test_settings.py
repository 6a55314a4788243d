"""`/__admin/settings`: defaults, merging at the leaves, refusals."""

import pytest

from sandbox import Client

DEFAULTS = {
    "progressions": {"opendoor.evaluation": {"progression": "time", "seconds": 5}},
    "contracts": {"ebay": "1.1.0"},
}


def test_defaults(client: Client):
    assert client.admin("GET", "/settings") == DEFAULTS


def test_a_put_merges_at_the_leaves(client: Client):
    client.admin("PUT", "/settings", {"contracts": {"ebay": "1.1.2"}})
    changed = client.admin("PUT", "/settings", {"progressions": {"opendoor.evaluation": {"seconds": 90}}})
    assert changed == {
        "progressions": {"opendoor.evaluation": {"progression": "time", "seconds": 90}},
        "contracts": {"ebay": "1.1.2"},
    }
    assert client.admin("GET", "/settings") == changed
    manual = {"progressions": {"opendoor.evaluation": {"progression": "manual", "polls": 3}}}
    assert client.admin("PUT", "/settings", manual)["progressions"] == manual["progressions"]
    client.admin("POST", "/reset", {"scope": ["settings"]})
    assert client.admin("GET", "/settings") == DEFAULTS


@pytest.mark.parametrize(
    "given",
    [
        {"unknown": {}},
        {"progressions": []},
        {"progressions": {"opendoor.unknown": {"progression": "immediate"}}},
        {"progressions": {"opendoor.evaluation": "fast"}},
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
        {"contracts": {"ebay": "1.1.2"}, "progressions": {"opendoor.evaluation": {"progression": "fast"}}},
    ],
)
def test_what_is_not_understood_changes_nothing(client: Client, given):
    answer = client.call("PUT", "/__admin/settings", json=given)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert client.admin("GET", "/settings") == DEFAULTS
