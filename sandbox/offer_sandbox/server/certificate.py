"""The server's own certificate, made at each start and kept in memory: for which names, and how TLS is spoken."""

import ssl
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address

import idna

from offer_sandbox.contract import Provider
from offer_sandbox.server.authority import Authority, AuthorityUnusable
from offer_sandbox.world.clock import real_now

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BEFORE = timedelta(days=1)  # for clients whose clock is slow
_VALID = timedelta(days=396)  # no client objects to up to 397


def names(providers: Iterable[Provider], others: Iterable[str]) -> list[str]:
    """Every name that a client may call the sandbox by: the loopback's, each provider's public hosts, its name
    and its name below `localhost`, and the others given, less the addresses that stand for all."""
    found = [*_LOOPBACK]
    for provider in providers:
        found += [*provider.hosts, provider.name, f"{provider.name}.localhost"]
    return list(dict.fromkeys([*found, *(each.lower() for each in others if not _everywhere(each))]))


def tls_context(authority: Authority, called: Iterable[str]) -> ssl.SSLContext:
    """How TLS is spoken, with a certificate for those of these names that can have one; each process that serves
    makes its own. Raises AuthorityUnusable where the CA cannot sign."""
    since = real_now() - _BEFORE
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        issued = authority.signer.issue_cert(
            *filter(is_certifiable, called),
            organization_name="Offer Sandbox",
            organization_unit_name="offer-sandbox serve",
            not_before=since,
            not_after=since + _VALID,
        )
        issued.configure_cert(context)
    except Exception as error:  # a kind of key that cannot sign, no room for a temporary file
        raise AuthorityUnusable(f"no certificate can be issued by {authority.path}: {error}") from None
    return context


def _everywhere(host: str) -> bool:
    """Whether a server bound there answers to any of its addresses, none of which this is."""
    return host in ("0.0.0.0", "::")  # noqa: S104 - compares, does not bind


def is_certifiable(name: str) -> bool:
    """Whether a certificate can be issued for a name, perhaps with `*.` before it, or an address. None can be for
    one with an underscore, as services in a container network have."""
    try:
        ip_address(name)
    except ValueError:
        try:
            idna.encode(name.removeprefix("*."), uts46=True)
        except idna.IDNAError:
            return False
    return True
