"""The declaration of an imitated API, which loads its large parts with `load` when it is first used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from offer_sandbox.contract.auth import Dialect
from offer_sandbox.contract.catalogue import completed, observed, without_schema
from offer_sandbox.contract.lifecycle import Consequence, Progression, Transition, Webhook
from offer_sandbox.contract.operation import Operation
from offer_sandbox.contract.outcome import Outcome
from offer_sandbox.imports import IMPORTING
from offer_sandbox.world.collection import Collection, Document

if TYPE_CHECKING:  # providers bring the schemas, so this layer does not import marshmallow when it runs
    from marshmallow import Schema


class IncompleteProvider(Exception):
    """Raised if a provider's declarations do not fit together. The message names the place."""


def _unmoved(world: dict[str, list[Document]], _: datetime) -> dict[str, list[Document]]:
    return world


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of a provider that are loaded on first use.

    - `operations`: the documented calls.
    - `outcomes`: the complete catalogue.
    - `dialect`: the handling of credentials and errors.
    - `fixtures`: returns the initial records of a workspace for its seed, as a list of documents for each
      collection.
    - `moved`: returns these records with the recent ones as recent at a time (UTC). By default nothing is recent.
    - `records`: the schemas of the stored records by collection.
    - `new_id`: returns an id from the workspace's seed, the collection's name and an ordinal that counts the new
      records from 1.
    - `transitions`: the changes of records. Empty by default.
    - `consequences`: what changes of records do to other records. Empty by default.
    - `webhooks`: the events of the provider's topics. Empty by default.
    """

    operations: tuple[Operation, ...]
    outcomes: tuple[Outcome, ...]
    dialect: Dialect
    fixtures: Callable[[int], dict[str, list[Document]]]
    records: Mapping[str, "Schema"]
    new_id: Callable[[int, str, int], str]
    transitions: tuple[Transition, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    moved: Callable[[dict[str, list[Document]], datetime], dict[str, list[Document]]] = _unmoved


def parts_of(package: str) -> Callable[[], Parts]:
    """Returns the function that loads the modules of a provider's package on its first use.

    The modules are `operations` (`OPERATIONS`, `new_id`), `outcomes` (`OUTCOMES`, to which the standard outcomes
    are added), `errors` (`DIALECT`), `schemas` (`RECORDS`) and `fixtures` (`build`). Optional are `OBSERVED` in
    `outcomes` (see `observed`), `moved` in `fixtures`, and the modules `behaviour` (`TRANSITIONS`,
    `CONSEQUENCES`) and `webhooks` (`WEBHOOKS`).
    """

    def load() -> Parts:
        with IMPORTING:
            return _parts(package)

    return load


def _parts(package: str) -> Parts:
    operations, outcomes, errors, schemas, fixtures = (
        import_module(f"{package}.{name}") for name in ("operations", "outcomes", "errors", "schemas", "fixtures")
    )
    return Parts(
        operations=operations.OPERATIONS,
        outcomes=observed(
            completed(operations.OPERATIONS, outcomes.OUTCOMES, errors.DIALECT.authorization),
            getattr(outcomes, "OBSERVED", {}),
        ),
        dialect=errors.DIALECT,
        fixtures=fixtures.build,
        records=schemas.RECORDS,
        new_id=operations.new_id,
        transitions=_optional(package, "behaviour", "TRANSITIONS"),
        consequences=_optional(package, "behaviour", "CONSEQUENCES"),
        webhooks=_optional(package, "webhooks", "WEBHOOKS"),
        moved=getattr(fixtures, "moved", _unmoved),
    )


def _optional(package: str, module: str, name: str) -> tuple[Any, ...]:
    if find_spec(f"{package}.{module}") is None:
        return ()
    found: tuple[Any, ...] = getattr(import_module(f"{package}.{module}"), name, ())
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Provider:
    """An imitated API.

    - `name`: its id, which is also the name of its package and its path prefix (such as `/ebay`).
    - `title`: its name for people.
    - `links`: the URLs of the documentation.
    - `read_on`: the date on which the documentation was read, such as `2026-11-21`.
    - `roots`: the path prefixes that it owns at the server's root.
    - `hosts`: its public host names. `*.` at the start matches any subdomain.
    - `collections`: the kinds of records that it stores.
    - `load`: returns its parts. It is called on first use.
    - `protocol`: `rest` (the default) or `graphql`.
    - `sdl`: the file name of the GraphQL schema among the specs. Empty (the default) for REST.
    - `progressions`: the defaults of its asynchronous steps by name. A step whose default is None happens only if
      a workspace turns it on. Empty by default.
    - `contracts`: the versions of its contract, the default first. Empty by default.
    - `production`: the version at which the provider's production is, if it has versions. Empty by default.
    - `switches`: its other settings by name, each with its possible values, the default first. Empty by default.
    - `limits`: the names of the numbers that a workspace can limit. All are off by default. Empty by default.
    - `tags`: the resources that its operations belong to, with a description of each. Empty for a GraphQL API.
    - `not_imitated`: the documented paths whose calls the sandbox does not imitate. Empty by default.
    - `live_keys`: regular expressions of real credentials, which every provider refuses. Empty by default.
    - `environment`: the environment variables that point a client at the sandbox. `{url}` and `{key}` in a value
      are replaced. Empty by default.
    - `topics`: the names of the webhooks that it sends. Empty by default.
    - `signature`: the header with the HMAC-SHA256 of a webhook's raw body. Empty (the default) if webhooks are not
      signed.
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
    production: str = ""
    switches: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    not_imitated: tuple[str, ...] = ()
    live_keys: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    signature: str = ""

    @cached_property
    def parts(self) -> Parts:
        """The parts of the provider, loaded on first access. Raises IncompleteProvider if a response has no
        schema."""
        parts = self.load()
        missing = without_schema(parts.operations, parts.outcomes) if self.protocol == "rest" else []
        if missing:  # only REST needs them: the GraphQL schema describes GraphQL's responses
            raise IncompleteProvider(f"{self.name} declares no schema for these responses: {', '.join(missing)}")
        return parts

    def has_host(self, host: str) -> bool:
        """Returns whether a host name, in lower case, is one of the provider's public ones."""
        return any(
            host.endswith(declared[1:]) if declared.startswith("*.") else host == declared
            for declared in self.hosts
        )

    def variables(self, url: str, key: str) -> dict[str, str]:
        """Returns the environment variables that point a client to a sandbox at this URL, with this key."""
        return {name: value.format(url=url.rstrip("/"), key=key) for name, value in self.environment.items()}

    @property
    def visible(self) -> list[Collection]:
        """The collections whose records anybody may see."""
        return [kind for kind in self.collections if kind.visible]

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by name."""
        return {operation.name: operation for operation in self.parts.operations}

    @cached_property
    def outcomes(self) -> Mapping[tuple[str, str], Outcome]:
        """The outcomes by operation and name, in catalogue order."""
        return {(outcome.operation, outcome.name): outcome for outcome in self.parts.outcomes}
