"""Recognizes a person who opens a GraphQL endpoint in a browser. The response is a page instead of an error."""

from collections.abc import Iterable, Mapping

from offer_sandbox.contract import Provider
from offer_sandbox.contract.http import JSON
from offer_sandbox.schemas.accept import named, wanted

_PAGE = "text/html"


def page_owners(providers: Iterable[Provider]) -> Mapping[str, Provider]:
    """Returns the providers with a GraphQL API by the paths of their endpoints, with and without prefix."""
    return {
        path: provider
        for provider in providers
        if provider.protocol == "graphql"
        for path in (provider.roots[0], f"/{provider.name}{provider.roots[0]}")
    }


def opens_page(method: str, query: bytes, accept: str | None) -> bool:
    """Returns whether a request to an endpoint asks for a page: a GET or HEAD without a query whose Accept header
    names HTML and prefers it to JSON."""
    if method not in ("GET", "HEAD") or query or not named(accept, _PAGE):
        return False
    return wanted(accept, _PAGE) > wanted(accept, JSON)
