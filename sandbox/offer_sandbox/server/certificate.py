"""The server's TLS settings and certificate, which is created at each start and kept in memory."""

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
_VALID = timedelta(days=396)  # clients accept up to 397 days


def names(providers: Iterable[Provider], others: Iterable[str]) -> list[str]:
    """Returns every name that a client may use for the sandbox.

    These are the loopback names, each provider's public hosts, its name and its name under `localhost`, and
    `others` except wildcard addresses such as 0.0.0.0.
    """
    found = [*_LOOPBACK]
    for provider in providers:
        found += [*provider.hosts, provider.name, f"{provider.name}.localhost"]
    return list(dict.fromkeys([*found, *(each.lower() for each in others if not _everywhere(each))]))


def tls_context(authority: Authority, called: Iterable[str]) -> ssl.SSLContext:
    """Returns the TLS settings, with a certificate for those names in `called` that can have one.

    Each serving process creates its own. Raises AuthorityUnusable if the CA cannot sign.
    """
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
    except Exception as error:  # for example a key type that cannot sign, or no space for a temporary file
        raise AuthorityUnusable(f"{authority.path} cannot issue a certificate: {error}") from None
    return context


def _everywhere(host: str) -> bool:
    """Returns whether a host is a wildcard address, which binds all addresses of a machine but is none of them."""
    return host in ("0.0.0.0", "::")  # noqa: S104 - compares, does not bind


def is_certifiable(name: str) -> bool:
    """Returns whether a certificate can be issued for an address or a name, which may begin with `*.`.

    A name with an underscore, such as a service in a container network may have, cannot have a certificate.
    """
    try:
        ip_address(name)
    except ValueError:
        try:
            idna.encode(name.removeprefix("*."), uts46=True)
        except idna.IDNAError:
            return False
    return True
