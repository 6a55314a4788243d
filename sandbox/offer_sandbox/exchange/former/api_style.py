"""Which module speaks a provider's protocol; each has the same functions, `route` first and `finalize` last."""

from types import ModuleType

from offer_sandbox.contract import Provider
from offer_sandbox.exchange.former import rest


def api_style_of(provider: Provider) -> ModuleType:
    """REST's module or GraphQL's."""
    if provider.protocol == "rest":
        return rest
    from offer_sandbox.exchange.former.graphql import (
        protocol,  # graphql-core costs 130 ms, which REST users do not pay
    )

    return protocol
