"""What rules do besides choosing an outcome: change an answer within its contract, bring records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.arrival import Arrival
from offer_sandbox.exchange.orders import Orders
from offer_sandbox.exchange.ruling import Ruling
from offer_sandbox.schemas.validator import checker
from offer_sandbox.world.collection import Document
from offer_sandbox.world.rng import derive
from offer_sandbox.world.workspaces import Workspaces
from offer_sandbox.world.world import World


def mutated(
    ruling: Ruling, arrival: Arrival, orders: Orders, world: World, protocol: ModuleType
) -> tuple[Ruling, list[str]]:
    """The ruling with its answer changed as rules ask, by the workspace's seed and how often they fired; and what
    was changed, in words."""
    if not orders.mutate or ruling.answer.body is None:
        return ruling, []
    draw = derive(world.row.seed, "mutate", *orders.rules, *orders.turns)
    body, told = protocol.mutate(ruling, arrival, orders.mutate, draw)
    return replace(ruling, answer=replace(ruling.answer, body=body)), told


def bring(
    records: Sequence[tuple[str, Mapping[str, Any]]],
    world: World,
    workspaces: Workspaces,
    providers: Sequence[Provider],
) -> list[str]:
    """Adds the records that rules bring, or merges them into those of the same id; what could not be, in words."""
    return [
        text
        for rule, given in records
        for name, documents in given.items()
        for text in _bring(rule, name, documents, world, workspaces, providers)
    ]


def _bring(
    rule: str,
    name: str,
    documents: Sequence[Document],
    world: World,
    workspaces: Workspaces,
    providers: Sequence[Provider],
) -> Iterator[str]:
    owner, _, collection = name.partition(".")
    provider = next(each for each in providers if each.name == owner)
    place = world
    if owner != world.provider:
        opened = workspaces.open(world.transaction, world.name, owner)
        place = replace(opened, changes=world.changes)
    kind = place.kind(collection)
    judge = checker(provider.parts.records[collection])
    for document in documents:
        former = place.get(collection, str(document[kind.key]))
        whole = {**(former or {}), **document}
        wrong = next(map(str, judge.flaws(whole)), "") or kind.unstorable(whole)
        if wrong:
            yield f"the rule {rule} could not bring {name} {document[kind.key]}: {wrong}"
        else:
            place.put(collection, whole)
