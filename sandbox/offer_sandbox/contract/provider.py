"""An imitated API's index card; everything heavy is behind `load`, called on the provider's first use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from offer_sandbox.contract.auth import Dialect
from offer_sandbox.contract.catalogue import completed, without_schema
from offer_sandbox.contract.lifecycle import Progression, Transition, Webhook
from offer_sandbox.contract.operation import Operation
from offer_sandbox.contract.outcome import Outcome
from offer_sandbox.world.collection import Collection, Document

if TYPE_CHECKING:  # schemas are the provider's; this layer stays with the standard library
    from marshmallow import Schema


class IncompleteProvider(Exception):
    """A provider's declarations do not fit together; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a provider is made of, once loaded.

    `fixtures` builds the seeded world for a seed: collection to documents. `records` are the schemas that stored
    records obey, `new_id` makes the id of a collection's n-th record from a workspace's seed. `webhooks` are the
    events of the card's topics.
    """

    operations: tuple[Operation, ...]
    outcomes: tuple[Outcome, ...]
    dialect: Dialect
    fixtures: Callable[[int], dict[str, list[Document]]]
    records: Mapping[str, "Schema"]
    new_id: Callable[[int, str, int], str]
    transitions: tuple[Transition, ...] = ()
    webhooks: tuple[Webhook, ...] = ()


def parts_of(package: str) -> Callable[[], Parts]:
    """What loads the modules of a provider's package when it is first used: `operations` (`OPERATIONS`, `new_id`),
    `outcomes` (`OUTCOMES`, made whole), `errors` (`DIALECT`), `schemas` (`RECORDS`), `fixtures` (`build`), and
    where they are there `behaviour` (`TRANSITIONS`) and `webhooks` (`WEBHOOKS`)."""

    def load() -> Parts:
        operations, outcomes, errors, schemas, fixtures = (
            import_module(f"{package}.{name}")
            for name in ("operations", "outcomes", "errors", "schemas", "fixtures")
        )
        return Parts(
            operations=operations.OPERATIONS,
            outcomes=completed(operations.OPERATIONS, outcomes.OUTCOMES, errors.DIALECT.authorization),
            dialect=errors.DIALECT,
            fixtures=fixtures.build,
            records=schemas.RECORDS,
            new_id=operations.new_id,
            transitions=_optional(package, "behaviour", "TRANSITIONS"),
            webhooks=_optional(package, "webhooks", "WEBHOOKS"),
        )

    return load


def _optional(package: str, module: str, name: str) -> tuple[Any, ...]:
    if find_spec(f"{package}.{module}") is None:
        return ()
    found: tuple[Any, ...] = getattr(import_module(f"{package}.{module}"), name, ())
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Provider:
    """An imitated API.

    `roots` are the path prefixes it owns at the server's root, `hosts` its public host names (`*.` matches
    any subdomain). `progressions` are the defaults of its asynchronous steps (None: the step is not taken
    unless a workspace asks for it), `contracts` the versions of its contract, the default first. `switches`
    are its other settings, each with the values it can have, the default first. `live_keys` are patterns of
    real credentials, which are refused. `sdl` is the name of the GraphQL schema among the specs.
    `environment` are the variables that point a client at the sandbox, with `{url}` and `{key}`. `topics` are
    the webhooks that it sends, `signature` the header with the HMAC-SHA256 of their raw body (empty: unsigned).
    """

    name: str
    title: str
    links: tuple[str, ...]
    read_on: str
    roots: tuple[str, ...]
    hosts: tuple[str, ...]
    collections: tuple[Collection, ...]
    load: Callable[[], Parts]
    protocol: Literal["rest", "graphql"] = "rest"
    sdl: str = ""
    progressions: Mapping[str, Progression | None] = field(default_factory=dict)
    contracts: tuple[str, ...] = ()
    switches: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    live_keys: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    signature: str = ""

    @cached_property
    def parts(self) -> Parts:
        """The loaded provider. Raises IncompleteProvider."""
        parts = self.load()
        missing = without_schema(parts.operations, parts.outcomes) if self.protocol == "rest" else []
        if missing:  # GraphQL's answers are described by its schema
            raise IncompleteProvider(f"{self.name} declares no schema for these answers: {', '.join(missing)}")
        return parts

    @property
    def visible(self) -> list[Collection]:
        """The collections whose records anybody may see."""
        return [kind for kind in self.collections if kind.visible]

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Operations by name."""
        return {operation.name: operation for operation in self.parts.operations}

    @cached_property
    def outcomes(self) -> Mapping[tuple[str, str], Outcome]:
        """Outcomes by operation and name, in catalogue order."""
        return {(outcome.operation, outcome.name): outcome for outcome in self.parts.outcomes}
