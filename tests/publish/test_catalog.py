"""The catalogue's steps are literal: every minted id stands in its place, in bodies and in paths."""

from dataclasses import replace

from offer_sandbox.contract import Minted, Step
from offer_sandbox.providers import providers
from offer_sandbox.publish.catalog import entries
from offer_sandbox.world.rng import DEFAULT_SEED


def test_minted_ids_in_paths_and_bodies():
    opendoor = providers()["opendoor"]
    minted = Minted("offerRequests", 2)
    step = Step(method="GET", path=("/a/", minted, "/b"), body={"ids": [minted, {"id": minted}], "other": 1})
    outcome = replace(opendoor.parts.outcomes[0], steps=(step,))
    parts = replace(opendoor.parts, outcomes=(outcome,))
    [entry] = entries([replace(opendoor, load=lambda: parts)], DEFAULT_SEED)
    id = opendoor.parts.new_id(DEFAULT_SEED, "offerRequests", 2)
    [shown] = entry["steps"]
    assert shown["path"] == f"/a/{id}/b"
    assert shown["body"] == {"ids": [id, {"id": id}], "other": 1}


def test_another_seed_has_other_ids():
    one, other = (str(list(entries(providers().values(), seed))) for seed in (1, 2))
    assert one != other
