"""Magic values: every one that the catalogue names is declared by an operation, in one way for all providers."""

from typing import Any

import pytest

from offer_sandbox.contract import INFRASTRUCTURE, Call, MagicValue, Outcome, Provider
from offer_sandbox.providers import providers

NAMED = [
    (provider, outcome)
    for provider in providers().values()
    for outcome in provider.parts.outcomes
    if outcome.magic is not None and outcome.name not in INFRASTRUCTURE
]
GRAPHQL = "body.variables."  # where a variable stands in the request; the operation has it among its arguments


def declared(provider: Provider) -> list[MagicValue]:
    """All magic values of a provider's operations."""
    return [magic for operation in provider.parts.operations for magic in operation.magic]


@pytest.mark.parametrize(
    ("provider", "outcome"), NAMED, ids=[f"{p.name}.{o.operation}.{o.name}" for p, o in NAMED]
)
def test_what_the_catalogue_names_is_declared(provider: Provider, outcome: Outcome):
    assert outcome.magic is not None
    field = outcome.magic.field.removeprefix(GRAPHQL)
    tail = field.partition(".")[2] if outcome.magic.field.startswith(GRAPHQL) else field
    found = [magic.reads(outcome.magic.value) for magic in declared(provider) if magic.field.endswith(tail)]
    assert any(found), (outcome.magic, found)


@pytest.mark.parametrize("provider", providers().values(), ids=lambda each: each.name)
def test_an_ordinary_value_asks_for_nothing(provider: Provider):
    for magic in declared(provider):
        assert magic.reads("ordinary") is None, magic.field


def test_every_declared_refusal_is_an_outcome_of_its_operation():
    for provider in providers().values():
        values = [outcome.magic.value for owner, outcome in NAMED if owner is provider and outcome.magic]
        for operation in provider.parts.operations:
            for magic in (each for each in operation.magic if each.reason):
                asked = {magic.reads(value) for value in values} - {None}
                assert asked, (operation.name, magic.field)
                assert all((operation.name, name) in provider.outcomes for name in asked)


@pytest.mark.parametrize(
    ("body", "wish"),
    [
        ({"offeredItems": [{"listingId": "110000150022"}]}, "150022"),
        ({"offeredItems": [{"listingId": "110000000001"}]}, None),
        ({"offeredItems": []}, None),
        ({"offeredItems": {}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_value_is_looked_up_wherever_it_stands(body: Any, wish: str | None):
    operation = providers()["ebay"].operations["sendOfferToInterestedBuyers"]
    call = Call(operation=operation, request=None, world=None, body=body)  # type: ignore[arg-type]
    assert call.wish("body.offeredItems.0.listingId") == wish
