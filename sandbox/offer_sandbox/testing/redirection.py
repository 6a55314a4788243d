"""The hosts that are redirected, and the environment variables that send a program's calls through the relay."""

import os
from collections.abc import Callable

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def documented_hosts() -> tuple[Callable[[str], bool], str]:
    """Returns whether a host (in lower case) is one of the providers' documented ones, and one of these with the
    port of HTTPS."""
    from offer_sandbox.providers import providers

    hosts = [host for provider in providers().values() for host in provider.hosts]
    exact = {host for host in hosts if not host.startswith("*.")}
    endings = tuple(host[1:] for host in hosts if host.startswith("*."))
    return (lambda host: host in exact or host.endswith(endings)), f"{min(exact)}:443"


def no_proxy() -> list[str]:
    """Returns the hosts that the user's NO_PROXY names."""
    text = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    return [each.strip() for each in text.split(",") if each.strip()]


def proxy_variables(port: int, ca: str) -> dict[str, str]:
    """Returns the variables of a proxy on this port of the loopback, and of the CA in this file. Programs in
    Python, Go and curl read them."""
    proxy = f"http://127.0.0.1:{port}"
    direct = ",".join(dict.fromkeys([*_LOOPBACK, *no_proxy()]))
    return {
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), direct),
        **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), ca),
    }
