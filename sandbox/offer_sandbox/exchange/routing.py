"""The routing of a request to its provider and operation, by host, prefix, path and method."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

from offer_sandbox.contract import UNMATCHED, Operation, Provider, Request, RequestIssue
from offer_sandbox.exchange.api_style import ApiStyle, style_of
from offer_sandbox.rules.request_triggers import without_triggers


@dataclass(kw_only=True, slots=True)
class Route:
    """The provider and operation of a request. The provider's API style completes it. `path` is the path within
    the provider, and `prefix` is the part in front of it (`/ebay` or empty). `request` is the request as the
    provider sees it.

    `problems` are those of the address alone (unknown path, wrong method), reported before authentication. In that
    case, `allow` lists the methods of the path. `arguments` are those in the path. `parsed` is the result of
    parsing a GraphQL request's parameters.
    """

    provider: Provider
    style: ApiStyle
    request: Request
    path: str
    prefix: str = ""
    operation: Operation
    arguments: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[RequestIssue] = ()
    allow: Sequence[str] = ()
    parsed: Any = None


class Router:
    """Finds the route of a request, by every provider's hosts, prefix and roots."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = providers
        self._by_name = {provider.name: provider for provider in providers}
        roots = [(root, provider) for provider in providers for root in provider.roots]
        self._roots: dict[str, list[tuple[str, Provider]]] = {}  # by their first segment
        for root, provider in sorted(roots, key=lambda pair: -len(pair[0])):  # the longest matching root wins
            self._roots.setdefault(_first_piece(root), []).append((root, provider))
        self._by_host = lru_cache(maxsize=1024)(self.by_host)

    def match(self, request: Request, admits: Callable[[Route], bool] = lambda _: True) -> Route | None:
        """Returns the route of a request, or None if no provider owns its path. `admits` is asked before anything
        costly is done for a request, and returns whether its caller may use the provider."""
        owner = self._owner(request)
        if owner is None:
            return None
        provider, prefix = owner
        style = style_of(provider)
        astray = Route(
            provider=provider,
            style=style,
            request=as_seen(request),
            path=request.path[len(prefix) :] or "/",
            prefix=prefix,
            operation=unmatched(),
        )
        return style.route(astray, admits)

    def knows(self, path: str) -> bool:
        """Returns whether a path begins with a provider's name, or with the first segment of a root."""
        first = _first_piece(path)
        return first in self._roots or first in self._by_name

    def documented(self) -> Iterator[tuple[str, str, Sequence[str]]]:
        """Yields the name (`sibi.getOffer`), path (`/offers/{id}`) and methods of every documented call. All
        GraphQL calls of a provider share one name and path (`opendoor.graphql`)."""
        for provider in self._providers:
            if provider.protocol == "graphql":
                yield f"{provider.name}.graphql", provider.roots[0], ("GET", "POST")
                continue
            for operation in provider.parts.operations:
                for path in (operation.path, *operation.also):
                    yield f"{provider.name}.{operation.name}", path, (operation.method,)

    def by_host(self, host: str) -> Provider | None:
        """Returns the provider of a host name. The name is one of the provider's public hosts, or its first label
        is the provider's name."""
        for provider in self._providers:
            if host.partition(".")[0] == provider.name or provider.has_host(host):
                return provider
        return None

    def documents(self, host: str) -> bool:
        """Returns whether the host is a declared public host of any provider."""
        return any(provider.has_host(host) for provider in self._providers)

    def nearest(self, path: str) -> list[str]:
        """Returns the documented calls with the most similar paths, such as `POST /sell/...`."""
        calls = {
            operation.path: f"{operation.method} {operation.path}"
            for provider in self._providers
            for operation in provider.parts.operations
            if operation.path
        }
        return [calls[match] for match in get_close_matches(path, calls, n=3, cutoff=0.0)]

    def _owner(self, request: Request) -> tuple[Provider, str] | None:
        """Returns the provider that owns the path, and the prefix in front of the provider's path."""
        provider, first = self._by_host(request.host), _first_piece(request.path)
        named = self._by_name.get(first)
        if named is not None and provider in (None, named):
            return named, f"/{first}"
        if provider is not None:
            return provider, ""
        return next(((owner, "") for root, owner in self._roots.get(first, ()) if below(request.path, root)), None)


def _first_piece(path: str) -> str:
    """Returns the first segment of a path, between its first and second slashes."""
    end = path.find("/", 1)
    return path[1:] if end < 0 else path[1:end]


def below(path: str, root: str) -> bool:
    """Returns whether a path is the root or below it."""
    return path == root or path.startswith(f"{root}/")


def as_seen(request: Request) -> Request:
    """Returns the request without the query parameters that are instructions to the sandbox."""
    if not request.query:
        return request
    query = without_triggers(request.query)
    return request if len(query) == len(request.query) else replace(request, query=query)


@cache
def unmatched() -> Operation:
    """Returns the operation that represents all undocumented calls."""
    return Operation(
        name=UNMATCHED,
        method="",
        path="",
        summary="A call that matches no documented operation",
        evidence="inferred",
        source="the sandbox's own",
        safe=True,
    )
