"""Every documented outcome is reachable by its own steps and by header, each time in a fresh workspace."""

import pytest

from offer_sandbox.publish.examples import forcing, walk
from sandbox import Client
from walking import CATALOG, sender

BY_STEPS = [entry for entry in CATALOG if entry["steps"]]
BY_HEADER = [entry for entry in CATALOG if entry["triggers"]["header"]]


@pytest.mark.parametrize("entry", BY_STEPS, ids=lambda entry: entry["id"])
def test_the_steps_of_an_outcome_end_in_it(entry, client: Client):
    """Without header or armed rule: by a magic value, or by the natural course of things."""
    reached = walk(entry, client.workspace, sender(client))
    assert reached is not None
    assert (reached.outcome, reached.status) == (entry["id"], entry["status"])
    assert reached.trigger in ("natural", "magic")


@pytest.mark.parametrize("entry", BY_HEADER, ids=lambda entry: entry["id"])
def test_an_outcome_can_be_forced_by_header(entry, client: Client):
    reached = walk(forcing(entry, CATALOG), client.workspace, sender(client), forced=False)
    assert reached is not None
    if entry["status"] >= 400 or entry["kind"] == "error":
        assert reached.status < 400, "the plain call succeeds when nothing is forced"
    forced_in = Client(client.url, f"{client.workspace}-forced", client.session)
    steps = {**forcing(entry, CATALOG), "outcome": entry["outcome"]}
    reached = walk(steps, forced_in.workspace, sender(forced_in), forced=True)
    assert reached is not None
    assert (reached.outcome, reached.status) == (entry["id"], entry["status"])
    assert reached.trigger == "header"


def test_steps_are_left_out_only_where_a_body_is_too_long_to_print():
    assert {entry["outcome"] for entry in CATALOG if not entry["steps"]} == {"payload_too_large"}


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry["id"])
def test_a_magic_value_stands_in_the_steps_that_it_leads_through(entry):
    """What a person is told to type is what the steps type, unless a natural way was shorter."""
    magic = entry["triggers"]["magic"]
    if magic is None:
        return
    sent = [str(step) for step in entry["steps"]]
    natural = entry["kind"] == "denial" and entry["provider"] == "opendoor"
    assert natural or any(magic["value"] in text for text in sent)


def test_ids_are_unique():
    ids = [entry["id"] for entry in CATALOG]
    assert len(ids) == len(set(ids))
