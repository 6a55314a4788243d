"""Adds the records of rules to a workspace, or merges them into existing records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from offer_sandbox.contract import Provider
from offer_sandbox.schemas.validator import validator_for
from offer_sandbox.world.collection import Document
from offer_sandbox.world.workspaces import Workspaces
from offer_sandbox.world.world import World


def upsert_records(
    records: Sequence[tuple[str, Mapping[str, Any]]],
    world: World,
    workspaces: Workspaces,
    providers: Sequence[Provider],
) -> list[str]:
    """Adds the records of rules, or merges them into those with the same id. Returns a sentence per failure."""
    return [
        text
        for rule, collections in records
        for name, documents in collections.items()
        for text in _upsert(rule, name, documents, world, workspaces, providers)
    ]


def _upsert(
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
    kind = place.kinds[collection]
    record_validator = validator_for(provider.parts.records[collection])
    for document in documents:
        former = place.get(collection, str(document[kind.key]))
        whole = {**(former or {}), **document}
        wrong = next(map(str, record_validator.issues(whole)), "") or kind.unstorable(whole)
        if wrong:
            yield f"the rule {rule} could not add the record {document[kind.key]} to {name}: {wrong}"
        else:
            place.put(collection, whole)
