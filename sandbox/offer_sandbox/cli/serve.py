"""Serve the sandbox until it is interrupted."""

import argparse
import gc
import json
import logging
import os
from pathlib import Path

from offer_sandbox import __version__, cli
from offer_sandbox.cli.arguments import port_number, seed_number

DEFAULT_PORT = 4242


def add(parser: argparse.ArgumentParser) -> None:
    """Every flag can also be given as OFFER_SANDBOX_<FLAG> in the environment."""
    parser.add_argument(
        "--host", default=_variable("HOST"), help="address to bind (default: the loopback, IPv4 and IPv6)"
    )
    parser.add_argument(
        "--port", default=_variable("PORT", str(DEFAULT_PORT)), help="port, 0 for a free one (4242)"
    )
    parser.add_argument("--data", default=_variable("DATA"), help="folder that keeps the state (default: memory)")
    parser.add_argument(
        "--seed", default=_variable("SEED"), help="number from which the seeded world is made (42)"
    )
    parser.add_argument("--admin-token", default=_variable("ADMIN_TOKEN"), help="token of the control API")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=None,
        metavar="NAME",
        help="a further Host name for the control API",
    )
    parser.add_argument(
        "--allow-webhook-host",
        action="append",
        default=None,
        metavar="NAME",
        help="a host beyond the loopback that webhooks may be sent to",
    )
    parser.add_argument(
        "--json", action="store_true", default=bool(_variable("JSON")), help="print one JSON object"
    )


def run(arguments: argparse.Namespace) -> int:
    """Starts the server; the last line printed is its URL."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    from offer_sandbox.app import Options, create_app
    from offer_sandbox.listener import server, sockets
    from offer_sandbox.world.store import StoreError

    if "://" in (arguments.data or ""):
        raise cli.Misuse(f"--data is a folder; this version keeps no state at {arguments.data!r}")
    port, seed = port_number(arguments.port), seed_number(arguments.seed)
    token = _admin_token(arguments)
    try:
        options = Options(
            data=Path(arguments.data) if arguments.data else None,
            seed=seed,
            admin_token=token,
            allow_hosts=_names(arguments.allow_host, "ALLOW_HOST"),
            webhook_hosts=_names(arguments.allow_webhook_host, "ALLOW_WEBHOOK_HOST"),
        )
    except ValueError as error:
        raise cli.Misuse(str(error)) from None
    try:
        bound = sockets.listen(arguments.host, port)
        app = create_app(options)
    except (sockets.CannotListen, StoreError) as error:
        raise cli.Failure(str(error)) from None
    gc.set_threshold(50_000, 20, 100)  # requests make much garbage that dies at once
    url = sockets.url(bound)
    site = app.extensions["offer_sandbox"]
    server.run(app, site.bell, bound, lambda: _announce(url, token, arguments.json), site.exchange.warm_up)
    return 0


def _announce(url: str, token: str | None, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"url": url, "admin_token": token}), flush=True)
        return
    print(f"Offer Sandbox {__version__}; stop it with Ctrl-C")
    if token:
        print(f"the control API at {url}/__admin asks for the token {token}")
    print(url, flush=True)


def _admin_token(arguments: argparse.Namespace) -> str | None:
    """None on the loopback, where the control API asks for no token; elsewhere the one given, or a new one."""
    from offer_sandbox.contract.http import is_loopback
    from offer_sandbox.world.chance import secret

    if arguments.admin_token:
        return str(arguments.admin_token)
    return None if arguments.host is None or is_loopback(arguments.host) else secret()


def _names(given: list[str] | None, variable: str) -> tuple[str, ...]:
    """The values of a flag that may be repeated, else those of its variable, with blanks between them."""
    return tuple(given or (_variable(variable) or "").split())


def _variable(name: str, default: str | None = None) -> str | None:
    return os.environ.get(f"OFFER_SANDBOX_{name}") or default
