"""The interface of the REST and GraphQL API styles, and the choice between them for a provider."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from offer_sandbox.contract import Call, Provider
from offer_sandbox.imports import IMPORTING
from offer_sandbox.rules.decision import Asked
from offer_sandbox.rules.matching import MatchInput
from offer_sandbox.world.rng import Draw

if TYPE_CHECKING:
    from offer_sandbox.exchange.result import Result
    from offer_sandbox.exchange.routing import Route


class ApiStyle(Protocol):
    """The functions that each style's module defines."""

    def warm_up(self, provider: Provider) -> None:
        """Prepares the provider in advance, because its first call would otherwise have to wait."""

    def route(self, astray: "Route", admits: Callable[["Route"], bool]) -> "Route":
        """Returns the route with the operation that the request calls, or with the problem of its address. A style
        that reads the body for that asks `admits` first, and leaves the route as it is if that returns False."""

    def match_input(self, route: "Route") -> MatchInput:
        """Returns the request parts that rule conditions can test."""

    def execute(self, route: "Route", call: Call, asked: Asked | None) -> "Result":
        """Validates the call, runs its handler and validates the response. Raises CallError if the call is
        refused."""

    def execute_forced(self, route: "Route", call: Call, asked: Asked) -> "Result":
        """Returns a forced outcome without validating the body."""

    def mutate(self, result: "Result", route: "Route", kinds: Sequence[str], draw: Draw) -> tuple[Any, list[str]]:
        """Returns the response body, changed within its contract, and a sentence for each change."""

    def finalize(self, result: "Result", route: "Route") -> "Result":
        """Returns the result in the form that the style requires."""


@cache
def style_of(provider: Provider) -> ApiStyle:
    """Returns the REST module or the GraphQL module, by the provider's protocol."""
    if provider.protocol == "rest":
        with IMPORTING:
            from offer_sandbox.exchange import rest
        return rest
    with IMPORTING:  # graphql-core takes 130 ms to load. REST never needs it
        from offer_sandbox.exchange.graphql import protocol
    return protocol
