"""Which provider and operation a request is for, by host, prefix, path and method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, NoReturn

from offer_sandbox.contract import Call, Operation, Provider, Request, RequestIssue
from offer_sandbox.exchange.former.request_triggers import UNMATCHED
from offer_sandbox.exchange.routing import Route as CurrentRoute
from offer_sandbox.exchange.routing import Router as CurrentRouter


@dataclass(frozen=True)
class Address:
    """The owner of a path; `path` is the provider's own, `prefix` what stood before it (`/ebay` or nothing)."""

    provider: Provider
    path: str
    prefix: str = ""


class Router:
    """Knows every provider's hosts, prefix and roots."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = providers
        roots = [(root, provider) for provider in providers for root in provider.roots]
        self._roots = sorted(roots, key=lambda pair: -len(pair[0]))  # the longest root owns a path

    def match(self, request: Request) -> CurrentRoute | None:
        """What the control API asks, which knows the present router alone."""
        return CurrentRouter(self._providers).match(request)

    def find(self, request: Request) -> Address | None:
        """The address of a request, None when nobody owns its path."""
        provider = self.by_host(request.host)
        if provider is not None:
            prefix = f"/{provider.name}" if below(request.path, f"/{provider.name}") else ""
            return Address(provider, request.path[len(prefix) :] or "/", prefix)
        for candidate in self._providers:
            prefix = f"/{candidate.name}"
            if below(request.path, prefix):
                return Address(candidate, request.path[len(prefix) :] or "/", prefix)
        for root, owner in self._roots:
            if below(request.path, root):
                return Address(owner, request.path)
        return None

    def by_host(self, host: str) -> Provider | None:
        """The provider a Host name belongs to: a public host of its, or its name as the first label."""
        for provider in self._providers:
            if host.partition(".")[0] == provider.name or self.public(provider, host):
                return provider
        return None

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


def below(path: str, root: str) -> bool:
    """Whether a path is the root or lies below it."""
    return path == root or path.startswith(f"{root}/")


def _host_fits(host: str, declared: str) -> bool:
    if declared.startswith("*."):
        return host.endswith(declared[1:])
    return host == declared


@dataclass(frozen=True, kw_only=True)
class Route:
    """`problems` are those of the address alone (unknown path, wrong method), judged before authentication.

    `arguments` come from the path; `parsed` is what the protocol has already made of the body.
    """

    address: Address
    request: Request
    operation: Operation
    arguments: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[RequestIssue] = ()
    allow: Sequence[str] = ()
    parsed: Any = None

    @property
    def provider(self) -> Provider:
        """Whose call it is."""
        return self.address.provider


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
        handler=_never,
    )


def _never(_: Call) -> NoReturn:
    raise AssertionError("an unmatched call has no handler")
