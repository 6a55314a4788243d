"""Which provider and operation a request is for, by host, prefix, path and method."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any

from offer_sandbox.contract import UNMATCHED, Operation, Provider, Request, RequestIssue
from offer_sandbox.exchange.api_style import ApiStyle, style_of
from offer_sandbox.rules.request_triggers import without_triggers


@dataclass(kw_only=True, slots=True)
class Route:
    """Where a request leads, which its provider's style of API finds out. `path` is the provider's own, `prefix`
    what stood before it (`/ebay` or nothing); `request` is what the provider sees of it.

    `problems` are those of the address alone (unknown path, wrong method), told before authentication; `allow` are
    the methods that the path takes then. `arguments` come from the path; `parsed` is what a GraphQL request's
    parameters come to.
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
    """Knows every provider's hosts, prefix and roots."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = providers
        self._by_name = {provider.name: provider for provider in providers}
        roots = [(root, provider) for provider in providers for root in provider.roots]
        self._roots: dict[str, list[tuple[str, Provider]]] = {}  # by their first piece
        for root, provider in sorted(roots, key=lambda pair: -len(pair[0])):  # the longest root owns a path
            self._roots.setdefault(_first_piece(root), []).append((root, provider))
        self._by_host = lru_cache(maxsize=1024)(self.by_host)

    def match(self, request: Request) -> Route | None:
        """Where a request leads; None when nobody owns its path."""
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
        return style.route(astray)

    def knows(self, path: str) -> bool:
        """Whether a path begins like a provider's: with a provider's name, or with the first piece of a root."""
        first = _first_piece(path)
        return first in self._roots or first in self._by_name

    def documented(self) -> Iterator[tuple[str, str, Sequence[str]]]:
        """Every documented path, as `/offers/{id}`, with the name of its call (`sibi.getOffer`; GraphQL's calls
        have one path, `opendoor.graphql`) and the methods that it takes."""
        for provider in self._providers:
            if provider.protocol == "graphql":
                yield f"{provider.name}.graphql", provider.roots[0], ("GET", "POST")
                continue
            for operation in provider.parts.operations:
                for path in (operation.path, *operation.also):
                    yield f"{provider.name}.{operation.name}", path, (operation.method,)

    def by_host(self, host: str) -> Provider | None:
        """The provider a Host name belongs to: a public host of its, or its name as the first label."""
        for provider in self._providers:
            if host.partition(".")[0] == provider.name or self.public(provider, host):
                return provider
        return None

    def documents(self, host: str) -> bool:
        """Whether the host is a declared public host of any provider."""
        return any(self.public(provider, host) for provider in self._providers)

    def public(self, provider: Provider, host: str) -> bool:
        """Whether the host is one of the provider's declared public hosts."""
        return any(_host_fits(host, declared) for declared in provider.hosts)

    def nearest(self, path: str) -> list[str]:
        """Documented calls whose address looks most like the path, such as `POST /sell/...`."""
        calls = {
            operation.path: f"{operation.method} {operation.path}"
            for provider in self._providers
            for operation in provider.parts.operations
            if operation.path
        }
        return [calls[match] for match in get_close_matches(path, calls, n=3, cutoff=0.0)]

    def _owner(self, request: Request) -> tuple[Provider, str] | None:
        """Whose path it is, and the prefix that stands before the provider's own."""
        provider, first = self._by_host(request.host), _first_piece(request.path)
        named = self._by_name.get(first)
        if named is not None and provider in (None, named):
            return named, f"/{first}"
        if provider is not None:
            return provider, ""
        return next(((owner, "") for root, owner in self._roots.get(first, ()) if below(request.path, root)), None)


def _first_piece(path: str) -> str:
    """What stands between a path's first slash and its second one."""
    end = path.find("/", 1)
    return path[1:] if end < 0 else path[1:end]


def below(path: str, root: str) -> bool:
    """Whether a path is the root or lies below it."""
    return path == root or path.startswith(f"{root}/")


def as_seen(request: Request) -> Request:
    """The request without what its query asks of the sandbox."""
    if not request.query:
        return request
    query = without_triggers(request.query)
    return request if len(query) == len(request.query) else replace(request, query=query)


def _host_fits(host: str, declared: str) -> bool:
    if declared.startswith("*."):
        return host.endswith(declared[1:])
    return host == declared


@cache
def unmatched() -> Operation:
    """The operation of calls that are none of the documented ones."""
    return Operation(
        name=UNMATCHED,
        method="",
        path="",
        summary="A call that is none of the documented ones",
        evidence="inferred",
        source="the sandbox's own",
        safe=True,
    )
