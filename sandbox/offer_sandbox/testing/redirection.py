"""The hosts that are redirected, and the environment variables that send a program's calls through the relay."""

import os
from collections.abc import Callable

PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def documented_hosts() -> tuple[Callable[[str], bool], str]:
    """Returns whether a host (in lower case) is one of the providers' documented ones, and one of these with the
    port of HTTPS."""
    from offer_sandbox.providers import providers

    known = providers().values()
    one = min(host for provider in known for host in provider.hosts if not host.startswith("*."))
    return (lambda host: any(provider.has_host(host) for provider in known)), f"{one}:443"


def no_proxy() -> list[str]:
    """Returns the hosts that the user's NO_PROXY names."""
    text = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    return [each.strip() for each in text.split(",") if each.strip()]


def direct_hosts() -> list[str]:
    """Returns the hosts that are reached without the relay: the loopback, and those of the user's NO_PROXY."""
    return list(dict.fromkeys([*_LOOPBACK, *no_proxy()]))


def ca_variables(ca: str) -> dict[str, str]:
    """Returns the variables of the CA in this file, which programs in Python and Go and curl read."""
    return dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), ca)


def proxy_variables(port: int) -> dict[str, str]:
    """Returns the variables of a proxy on this port of the loopback."""
    direct = ",".join(direct_hosts())
    return {**dict.fromkeys(PROXIES, f"http://127.0.0.1:{port}"), "NO_PROXY": direct, "no_proxy": direct}
