"""The rule effect `mutate`: an answer changed as its contract still allows, the record as it was."""

import pytest

from covent_calls import create, read
from graphql_calls import READ, READ_VARIABLES
from running_server import EBAY_FIND, Client

KINDS = ["extra_field", "unknown_enum_value", "reorder", "null_optional"]


def arm(client: Client, operation: str, *kinds: str, **rule) -> None:
    """Arms a rule that changes answers."""
    client.admin("POST", "/rules", {"operation": operation, "mutate": list(kinds), **rule})


def test_the_answer_changes_and_the_record_does_not(client: Client):
    made = read(client, create(client).json()["id"]).json()
    arm(client, "covent.getOffer", "extra_field", "unknown_enum_value")
    answer = read(client, made["id"])
    changed = answer.json()
    assert answer.headers["X-Sandbox-Trigger"] == "natural"
    assert set(changed) > set(made)
    assert changed["status"] not in ("submitted", "accepted", "rejected", "expired")
    assert client.admin("GET", f"/state/covent/offers/{made['id']}")["status"] == "submitted"
    notes = client.admin("GET", f"/requests/{answer.headers['X-Sandbox-Request-Id']}")["notes"]
    assert any("status was set to" in note for note in notes)
    client.admin("DELETE", "/rules")
    assert read(client, made["id"]).json()["status"] == "submitted"


@pytest.mark.parametrize("kind", KINDS)
def test_each_change_is_seeded(fresh, kind):
    answers = []
    for _ in range(2):
        client = fresh()
        arm(client, "ebay.findEligibleItems", kind)
        answers.append([client.ebay("GET", EBAY_FIND).text for _ in range(2)])
    assert answers[0] == answers[1]


def test_refusals_change_too(client: Client):
    plain = create(client, amount=-1, notes=5).json()
    arm(client, "covent.createOffer", "extra_field")
    changed = create(client, amount=-1, notes=5)
    assert changed.status_code == 422
    assert changed.json() != plain
    assert changed.json()["error"]["code"] == "validation_error"


def test_a_graphql_answer_holds_what_was_asked_for(client: Client):
    plain = client.graphql(READ, READ_VARIABLES).json()
    arm(client, "opendoor.offerRequest", "extra_field", "null_optional")
    changed = client.graphql(READ, READ_VARIABLES).json()
    assert set(changed) == {*plain, "extensions"}
    assert set(changed["data"]["offerRequest"] or {}) <= set(plain["data"]["offerRequest"])
    assert changed["data"] != plain["data"]


def test_rules_add_up_and_the_trigger_stays(client: Client):
    arm(client, "ebay.*", "extra_field")
    arm(client, "ebay.findEligibleItems", "reorder", outcome="success")
    answer = client.ebay("GET", EBAY_FIND)
    assert answer.headers["X-Sandbox-Trigger"] == "rule"
    assert "sandboxExtra" in answer.json()
