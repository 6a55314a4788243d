"""A command that runs with a server of its own, and with the variables that point every client at it."""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from offer_sandbox import cli
from offer_sandbox.cli.child_command import ChildCommand, Guard
from offer_sandbox.cli.serve_flags import configuration, parsed
from offer_sandbox.configuration import Configuration
from offer_sandbox.environment import PREFIX

if TYPE_CHECKING:
    from offer_sandbox.testing.server_process import ServerProcess

_WORKSPACE = "default"  # of calls whose credential names none


@contextmanager
def guarded() -> Iterator[Guard]:
    """Yields a guard that ends the command of the block if this process is killed."""
    guard = Guard()
    try:
        yield guard
    finally:
        guard.release()


def demand_fresh(flags: Sequence[str], asked_by: str, barred: Sequence[str]) -> None:
    """Raises Misuse if one of the `barred` flags of `serve` is set, also by its variable, because `asked_by`
    begins with a fresh server."""
    found = configuration(parsed(flags, "offer-sandbox serve"))
    usual = Configuration()
    for name in barred:
        if getattr(found, name) != getattr(usual, name):
            given = f"--{name} (or the variable {PREFIX}{name.upper()})"
            raise cli.Misuse(f"{given} cannot be used with {asked_by}, which begins with a fresh server")


@contextmanager
def served(flags: list[str]) -> "Iterator[ServerProcess]":
    """Yields a server that runs until the block ends. Raises Misuse if it does not start."""
    from offer_sandbox.testing.server_process import ServerFailed, ServerProcess

    try:
        server = ServerProcess(flags)
    except ServerFailed as error:
        told = error.log.strip().rpartition("\n")[2].removeprefix("offer-sandbox: ") or str(error)
        raise cli.Misuse(told) from None
    try:
        yield server
    finally:
        server.stop()


def run_command(
    server: "ServerProcess",
    command: list[str],
    guard: Guard,
    output: IO[bytes] | None = None,
    *,
    keep: bool = False,
) -> int:
    """Runs the command, and returns its exit code. It prints to `output`, by default to the streams of this
    process.

    With `keep` the pytest plugin, if the command runs it, leaves its workspaces for a later look at their calls,
    and an interrupted command raises KeyboardInterrupt.
    """
    from offer_sandbox.testing.redirection import documented_hosts
    from offer_sandbox.testing.relay import Relay

    stands_for, any_host = documented_hosts()
    with tempfile.TemporaryDirectory(prefix="offer-sandbox-") as folder:
        with Relay(server.url, stands_for, any_host, "") as relay:
            variables = _variables(server.url, Path(server.ca), relay.port, Path(folder) / "trust.p12")
            child = ChildCommand(command, {**variables, **_announced(server, keep)}, guard, output)
            code = child.run()
        _tell_refused(relay.refused)
    if keep and child.was_interrupted:
        raise KeyboardInterrupt
    return code


def _announced(server: "ServerProcess", keep: bool) -> dict[str, str]:
    """Returns the variable by which the pytest plugin finds the server. A plugin has no admin token, so it starts
    its own server instead of one that requires a token."""
    if server.admin_token is not None:
        return {}
    from offer_sandbox.testing.shared_server import ANNOUNCEMENT, announcement

    return {ANNOUNCEMENT: announcement(server, keep)}


def _variables(url: str, ca: Path, port: int, store: Path) -> dict[str, str]:
    """Returns the environment of the command."""
    from offer_sandbox.providers import providers
    from offer_sandbox.testing.redirection import ca_variables, proxy_variables
    from offer_sandbox.testing.trust_store import PASSWORD, write_trust_store

    write_trust_store(ca, store)
    java = [
        f"-Djavax.net.ssl.trustStore={store}",
        f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        "-Dhttps.proxyHost=127.0.0.1",
        f"-Dhttps.proxyPort={port}",
        "-Dhttp.nonProxyHosts=localhost|127.*|[::1]",
    ]
    clients = [each.variables(url, f"sbx_{_WORKSPACE}") for each in providers().values()]
    return {
        **os.environ,
        **{name: value for each in clients for name, value in each.items()},
        **ca_variables(str(ca)),
        **proxy_variables(port),
        "OFFER_SANDBOX_URL": url,
        "NODE_EXTRA_CA_CERTS": str(ca),
        "NODE_USE_ENV_PROXY": "1",  # Node reads the proxy variables from version 24 on
        "JAVA_TOOL_OPTIONS": " ".join([os.environ.get("JAVA_TOOL_OPTIONS", ""), *java]).strip(),
    }


def _tell_refused(refused: Counter[str]) -> None:
    for host, times in sorted(refused.items()):
        print(f"offer-sandbox: refused a call to {host}, {times} times", file=sys.stderr)
