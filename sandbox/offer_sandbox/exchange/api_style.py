"""What a style of API has to do with a call, REST or GraphQL, and which of them a provider speaks."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from offer_sandbox.contract import Call, Provider
from offer_sandbox.rules.decision import Asked
from offer_sandbox.rules.matching import MatchInput
from offer_sandbox.world.rng import Draw

if TYPE_CHECKING:
    from offer_sandbox.exchange.result import Result
    from offer_sandbox.exchange.routing import Route


class ApiStyle(Protocol):
    """The functions of a module, in the order in which a call meets them."""

    def warm_up(self, provider: Provider) -> None:
        """Does now what the first call would wait for."""

    def route(self, astray: "Route") -> "Route":
        """The operation that a request to the provider means, or what is wrong with its address."""

    def match_input(self, route: "Route") -> MatchInput:
        """What the conditions of rules look into."""

    def execute(self, route: "Route", call: Call, asked: Asked | None) -> "Result":
        """Validates the call, has it carried out, validates the answer. Raises CallError for what is refused."""

    def execute_forced(self, route: "Route", call: Call, asked: Asked) -> "Result":
        """An outcome that is asked for and for which the body is not validated."""

    def mutate(self, result: "Result", route: "Route", kinds: Sequence[str], draw: Draw) -> tuple[Any, list[str]]:
        """The answer's body changed within its contract, and what was changed, in words."""

    def finalize(self, result: "Result", route: "Route") -> "Result":
        """The result as it goes out."""


@cache
def style_of(provider: Provider) -> ApiStyle:
    """REST's module or GraphQL's."""
    if provider.protocol == "rest":
        from offer_sandbox.exchange import rest

        return rest
    from offer_sandbox.exchange.graphql import protocol  # graphql-core costs 130 ms, which REST users do not pay

    return protocol
