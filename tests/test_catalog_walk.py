"""Every documented outcome is reachable by its own steps, by header and by an armed rule, each in a fresh workspace."""

import pytest

from catalog_steps import CATALOG, sender
from offer_sandbox.publish.examples import forcing, walk
from running_server import Client

BY_STEPS = [entry for entry in CATALOG if entry["steps"]]
BY_RULE = [entry for entry in CATALOG if entry["triggers"]["rule"]]
BY_HEADER = [entry for entry in CATALOG if entry["triggers"]["header"]]


@pytest.mark.parametrize("entry", BY_STEPS, ids=lambda entry: entry["id"])
def test_the_steps_of_an_outcome_end_in_it(entry, client: Client):
    """Without header or armed rule. A magic value in the steps is what triggers; where the outcome has none,
    its steps hold none, so that what they end in is natural."""
    reached = walk(entry, client.workspace, sender(client))
    assert reached is not None
    assert (reached.outcome, reached.status) == (entry["id"], entry["status"])
    assert reached.trigger in ("natural", "magic")
    magic = entry["triggers"]["magic"]
    if magic is None:
        assert reached.trigger == "natural"
    elif magic["value"] in str(entry["steps"]):
        assert reached.trigger == "magic"


@pytest.mark.parametrize("entry", BY_HEADER, ids=lambda entry: entry["id"])
def test_an_outcome_can_be_forced_by_header(entry, client: Client):
    reached = walk(forcing(entry, CATALOG), client.workspace, sender(client), forced=False)
    assert reached is not None
    if entry["status"] >= 400 or entry["kind"] == "error" or not entry["steps"]:
        assert reached.status < 400, "the plain call succeeds when nothing is forced"
    forced_in = Client(client.url, f"{client.workspace}-forced", client.session)
    steps = {**forcing(entry, CATALOG), "outcome": entry["outcome"]}
    reached = walk(steps, forced_in.workspace, sender(forced_in), forced=True)
    assert reached is not None
    assert (reached.outcome, reached.status) == (entry["id"], entry["status"])
    assert reached.trigger == "header"


@pytest.mark.parametrize("entry", BY_RULE, ids=lambda entry: entry["id"])
def test_an_outcome_can_be_forced_by_an_armed_rule(entry, client: Client):
    """Armed for one call before the last step, as the catalogue prints it, and used up by it."""
    *before, last = forcing(entry, CATALOG)["steps"]
    walk({**entry, "steps": before}, client.workspace, sender(client))
    armed = client.admin("POST", "/rules", {**entry["triggers"]["rule"], "times": 1})
    reached = walk({**entry, "steps": [last]}, client.workspace, sender(client))
    assert reached is not None
    assert (reached.outcome, reached.status, reached.trigger) == (entry["id"], entry["status"], "rule")
    rule = client.admin("GET", f"/rules/{armed['id']}")
    assert (rule["matched"], rule["hits"]) == (1, 1)


def test_steps_are_left_out_only_where_a_body_is_too_long_to_print():
    """And where a printed sample is answered whatever is asked, or only a rule or a header decides."""
    left_out = {entry["outcome"] for entry in CATALOG if not entry["steps"]}
    assert left_out <= {"payload_too_large", "documented", "denied"}


def test_ids_are_unique():
    ids = [entry["id"] for entry in CATALOG]
    assert len(ids) == len(set(ids))
